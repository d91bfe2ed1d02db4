import { expect } from 'chai';
import { answers, type ChatAnswer } from '../support/chat-answer.ts';
import { ajv, document, expectValid, expectValidEvents } from '../support/open-responses.ts';
import { type Pair, startPair } from '../support/pair.ts';
import { json, type Reply, sse } from '../support/scripted-provider.ts';

// biome-ignore lint/suspicious/noExplicitAny: events of any shape
type Event = any;

const FINDS = { type: 'function', name: 'find', description: 'Finds.', parameters: { type: 'object', properties: {} }, strict: false };
const READS = { type: 'function', name: 'read' };
const CITATION = { type: 'url_citation', url_citation: { start_index: 0, end_index: 5, url: 'https://example.org/', title: 'An example' } };
const TERMINAL = ['response.completed', 'response.incomplete', 'response.failed'];

/** What the document knows. Left out: `json_schema`, because its `JsonSchemaResponseFormat.schema` takes nothing but null. */
const CASES: { it: string; request?: object; answer: ChatAnswer; status?: string; types?: string[] }[] = [
  { it: 'a text', answer: { content: 'Hello "world"\n\u{1f600}' }, types: ['message'] },
  { it: 'an empty answer', answer: {}, types: [] },
  { it: 'a refusal', answer: { refusal: 'I must not.' }, types: ['message'] },
  { it: 'a text that turns into a refusal', answer: { content: 'Well,', refusal: 'no.' }, types: ['message', 'message'] },
  { it: 'reasoning and a text', answer: { reasoning: 'Let me see.', content: 'Four.' }, types: ['reasoning', 'message'] },
  {
    it: 'reasoning that is to be sent back',
    request: { include: ['reasoning.encrypted_content'], reasoning: { effort: 'high', summary: 'auto' } },
    answer: { reasoning: 'Let me see.', content: 'Four.' },
    types: ['reasoning', 'message'],
  },
  { it: 'annotations', answer: { content: 'There it is.', annotations: [CITATION, CITATION] }, types: ['message'] },
  {
    it: 'a call after some words',
    request: { tools: [FINDS] },
    answer: { content: 'I look.', calls: [{ id: 'call_a', name: 'find', arguments: '{"what":"it"}' }], finish: 'tool_calls' },
    types: ['message', 'function_call'],
  },
  {
    it: 'parallel calls after reasoning',
    request: { tools: [FINDS, READS] },
    answer: {
      reasoning: 'Both.',
      calls: [
        { id: 'call_a', name: 'find', arguments: '{"what":"it"}' },
        { id: 'call_b', name: 'read', arguments: '{"file":"\u{1f600}.txt"}' },
      ],
      finish: 'tool_calls',
    },
    types: ['reasoning', 'function_call', 'function_call'],
  },
  { it: 'a text cut by length', answer: { content: 'Once upon a', finish: 'length' }, status: 'incomplete', types: ['message'] },
  { it: 'reasoning cut by length', answer: { reasoning: 'If only', finish: 'length' }, status: 'incomplete', types: ['reasoning'] },
  {
    it: 'a call cut by length',
    request: { tools: [FINDS] },
    answer: { calls: [{ id: 'call_a', name: 'find', arguments: '{"what":' }], finish: 'length' },
    status: 'incomplete',
    types: ['function_call'],
  },
  { it: 'a filtered text', answer: { content: 'And then', finish: 'content_filter' }, status: 'incomplete', types: ['message'] },
  ...['auto', 'none', 'required', { type: 'function', name: 'find' }, { type: 'allowed_tools', mode: 'auto', tools: [{ type: 'function', name: 'find' }] }].map(
    (tool_choice) => ({
      it: `tool_choice ${JSON.stringify(tool_choice)}`,
      request: { tools: [FINDS, READS], tool_choice },
      answer: { content: 'Yes.' },
      types: ['message'],
    }),
  ),
];

const EVERY_FIELD = {
  instructions: 'Be brief.',
  tools: [FINDS],
  tool_choice: 'required',
  parallel_tool_calls: false,
  temperature: 0.5,
  top_p: 0.9,
  presence_penalty: 0.1,
  frequency_penalty: 0.2,
  top_logprobs: 2,
  text: { format: { type: 'json_object' }, verbosity: 'low' },
  reasoning: { effort: 'low', summary: 'concise' },
  truncation: 'auto',
  metadata: { ticket: '42' },
  store: true,
  background: false,
  service_tier: 'flex',
  max_output_tokens: 100,
  max_tool_calls: 3,
  safety_identifier: 'user-1',
  prompt_cache_key: 'thread-1',
};

const FAILURES: { it: string; reply: Reply; types: string[] }[] = [
  { it: 'an error before any item', reply: sse({ error: { message: 'no more', code: 'server_error' } }), types: [] },
  {
    it: 'an error in the middle of a text',
    reply: sse({ choices: [{ delta: { content: 'Once' } }] }, { error: { message: 'no more' } }, 'data: [DONE]\n\n'),
    types: [],
  },
  {
    it: 'an end in the middle of a call, after reasoning',
    reply: sse(
      { choices: [{ delta: { reasoning_content: 'Hm.' } }] },
      { choices: [{ delta: { tool_calls: [{ index: 0, id: 'a', function: { name: 'find', arguments: '{"what' } }] } }] },
    ),
    types: ['reasoning'],
  },
];

describe('the Open Responses document', () => {
  let pair: Pair;
  before(async () => {
    pair = await startPair();
  });
  after(() => pair.stop());

  it('refuses a response in which a required field is missing', async () => {
    const { final } = await pair.ask([answers({ content: 'x' })]);
    for (const field of document.$defs.ResponseResource.required) {
      const { [field]: _, ...rest } = final;
      expect(ajv.validate('document#/$defs/ResponseResource', rest), field).to.equal(false);
    }
  });

  for (const { it: name, request = {}, answer, status = 'completed', types } of CASES) {
    it(`describes ${name}, streamed and whole`, async () => {
      const streamed = await pair.ask([answers(answer)], request);
      expect(streamed.status).to.equal(200);
      expectValidEvents(streamed.events);
      expectOrder(streamed.events);
      expectClosed(streamed.events);
      expect(streamed.events.at(-1).type).to.equal(`response.${status}`);
      expect(streamed.final.output.map(({ type }: Event) => type)).to.deep.equal(types);

      const whole = await pair.ask([answers(answer)], { ...request, stream: false });
      expect(whole.status).to.equal(200);
      expectValid(whole.final, 'ResponseResource');
      expect(withoutIds(whole.final)).to.deep.equal(withoutIds(streamed.final));
    });
  }

  it('describes an answer that repeats every field of its request', async () => {
    const { events, final } = await pair.ask([answers({ content: '{}' })], EVERY_FIELD);
    expectValidEvents(events);
    for (const { response } of [events[0], events[1]]) expect(response).to.deep.include(EVERY_FIELD);
    expect(final).to.deep.include(EVERY_FIELD);
  });

  it('describes an answer whose request says nothing', async () => {
    const { events, final } = await pair.ask([answers({ content: 'x' })], { tools: [READS] });
    expectValidEvents(events);
    expect(final.tools).to.deep.equal([{ ...READS, description: null, parameters: null, strict: null }]);
    expect(final).to.deep.include({ temperature: 1, top_p: 1, presence_penalty: 0, frequency_penalty: 0, top_logprobs: 0, truncation: 'disabled' });
    expect(final).to.deep.include({ service_tier: 'default', text: { format: { type: 'text' } }, tool_choice: 'auto', parallel_tool_calls: true });
    expect(final).to.deep.include({ instructions: null, reasoning: null, max_output_tokens: null, max_tool_calls: null, previous_response_id: null });
    expect(final).to.deep.include({ safety_identifier: null, prompt_cache_key: null, error: null, incomplete_details: null, model: 'm' });
  });

  it('describes how likely tokens were, whatever of it the provider tells', async () => {
    const content = [
      { token: 'Hel', logprob: -0.25, bytes: [72, 101, 108], top_logprobs: [{ token: 'Hal', logprob: -1.5, bytes: [72, 97, 108] }] },
      { token: 'lo', logprob: -0.5 },
    ];
    const told = [content[0], { ...content[1], bytes: [108, 111], top_logprobs: [] }];
    const chunks = ['Hel', 'lo'].map((text, at) => ({ choices: [{ delta: { content: text }, logprobs: { content: [content[at]] } }] }));
    const { events, final } = await pair.ask([sse(...chunks, { choices: [{ delta: {}, finish_reason: 'stop' }] })], { top_logprobs: 1 });
    expectValidEvents(events);
    expect(events.flatMap(({ type, logprobs }) => (type === 'response.output_text.delta' ? [logprobs] : []))).to.deep.equal([[told[0]], [told[1]]]);
    expect(events.find(({ type }) => type === 'response.output_text.done').logprobs).to.deep.equal(told);
    expect(events.find(({ type }) => type === 'response.content_part.done').part.logprobs).to.deep.equal(told);
    expect(final.output[0].content[0].logprobs).to.deep.equal(told);

    const choice = { message: { content: 'Hello' }, logprobs: { content }, finish_reason: 'stop' };
    const whole = await pair.ask([json(200, { choices: [choice] })], { top_logprobs: 1, stream: false });
    expectValid(whole.final, 'ResponseResource');
    expect(whole.final.output[0].content[0].logprobs).to.deep.equal(told);
  });

  it('tells usage in all its parts, and estimates it where the provider tells none', async () => {
    const told = await pair.ask([answers({ content: 'x' })]);
    expect(told.final.usage).to.deep.equal({
      input_tokens: 20,
      output_tokens: 7,
      input_tokens_details: { cached_tokens: 5 },
      output_tokens_details: { reasoning_tokens: 3 },
      total_tokens: 27,
    });
    const silent = await pair.ask([sse({ choices: [{ delta: { content: 'x' }, finish_reason: 'stop' }] })]);
    expectValidEvents(silent.events);
    expect(silent.final.usage.output_tokens).to.equal(1);
  });

  it('gives annotations the form of a response', async () => {
    const { final } = await pair.ask([answers({ content: 'There it is.', annotations: [CITATION] })]);
    expect(final.output[0].content[0].annotations).to.deep.equal([{ type: 'url_citation', ...CITATION.url_citation }]);
  });

  it('attaches annotations to the text, not to the reasoning before it', async () => {
    const chunks = [{ reasoning_content: 'Hm.', annotations: [CITATION] }, { content: 'There.' }].map((delta) => ({ choices: [{ delta }] }));
    const { events } = await pair.ask([sse(...chunks, { choices: [{ delta: {}, finish_reason: 'stop' }] })]);
    expectValidEvents(events);
    expectOrder(events);
    expectClosed(events);
  });

  for (const { it: name, reply, types } of FAILURES) {
    it(`describes ${name} as a failed response`, async () => {
      const { events, final } = await pair.ask([reply]);
      expectValidEvents(events);
      expectOrder(events);
      expect(events.at(-1).type).to.equal('response.failed');
      expect(final.error.message).to.be.a('string').and.not.equal('');
      expect(final.output.map(({ type }: Event) => type)).to.deep.equal(types);
    });
  }

  it('describes a refusal that comes after the status was given', async () => {
    const gateway = await startPair({ commitAfter: 0 });
    try {
      const { events } = await gateway.ask([
        (response, asked) => {
          gateway.clock.advance(1);
          return json(400, { error: { message: 'no such thing' } })(response, asked);
        },
      ]);
      expectValidEvents(events);
      expectOrder(events);
      expect(events.map(({ type }) => type)).to.deep.equal(['response.created', 'response.in_progress', 'response.failed']);
    } finally {
      await gateway.stop();
    }
  });
});

/** Numbers rise by one, the head comes first, one terminal event last; ids and positions hold; what is done was said. */
function expectOrder(events: Event[]): void {
  expect(events.map((event) => event.sequence_number)).to.deep.equal(events.map((_, at) => at));
  expect(events.slice(0, 2).map(({ type }) => type)).to.deep.equal(['response.created', 'response.in_progress']);
  expect(events.filter(({ type }) => TERMINAL.includes(type))).to.deep.equal([events.at(-1)]);
  const ids = new Set(events.flatMap(({ response }) => response?.id ?? []));
  expect(ids.size, 'ids of the response').to.equal(1);
  const added = events.filter(({ type }) => type === 'response.output_item.added');
  expect(added.map((event) => event.output_index)).to.deep.equal(added.map((_, at) => at));
  expect(new Set(added.map(({ item }) => item.id)).size).to.equal(added.length);
  const open = new Map<number, { id: string; parts: Map<string, string> }>();
  for (const event of events) follow(event, open);
  const done = events.filter(({ type }) => type === 'response.output_item.done').sort((one, other) => one.output_index - other.output_index);
  expect(events.at(-1).response.output).to.deep.equal(done.map(({ item }) => item));
}

function follow(event: Event, open: Map<number, { id: string; parts: Map<string, string> }>): void {
  const { type, output_index: index } = event;
  if (index === undefined) return;
  if (type === 'response.output_item.added') {
    open.set(index, { id: event.item.id, parts: new Map() });
    return;
  }
  const item = open.get(index);
  expect(item, `${type} at ${index} is inside of its item`).not.to.equal(undefined);
  if (!item) return;
  expect(event.item_id ?? event.item.id).to.equal(item.id);
  if (type === 'response.output_item.done') {
    expect([...item.parts.keys()], 'parts left open').to.deep.equal([]);
    open.delete(index);
    return;
  }
  const part = String(event.content_index ?? event.summary_index ?? 'arguments');
  if (type.endsWith('part.added')) item.parts.set(part, '');
  else if (type.endsWith('.delta')) item.parts.set(part, said(item.parts, part) + event.delta);
  else if (type.endsWith('part.done')) item.parts.delete(part);
  else if (type.endsWith('annotation.added')) said(item.parts, part);
  else if (type === 'response.function_call_arguments.done') {
    expect(event.arguments).to.equal(item.parts.get(part) || '{}');
    item.parts.delete(part);
  } else expect(event.text ?? event.refusal, type).to.equal(said(item.parts, part));
}

function said(parts: Map<string, string>, part: string): string {
  if (part === 'arguments') return parts.get(part) ?? '';
  expect(parts.has(part), `part ${part} is open`).to.equal(true);
  return parts.get(part) ?? '';
}

/** Of a stream that did not fail: every item that was opened is done, in order. */
function expectClosed(events: Event[]): void {
  const positions = (wanted: string) => events.filter(({ type }) => type === wanted).map((event) => event.output_index);
  expect(positions('response.output_item.done')).to.deep.equal(positions('response.output_item.added'));
}

function withoutIds(response: unknown): unknown {
  return JSON.parse(JSON.stringify(response, (field, value) => (field === 'id' ? undefined : value)));
}
