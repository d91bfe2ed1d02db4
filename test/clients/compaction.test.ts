import { expect } from 'chai';
import { seal, unseal } from '../../core/kit/envelope.ts';
import { openaiCompatible } from '../../presets/openai-compatible.ts';
import { answers, type ChatAnswer } from '../support/chat-answer.ts';
import { ajv } from '../support/open-responses.ts';
import { answered, type Pair, startPair } from '../support/pair.ts';
import { json, type Reply, ScriptedProvider, says, sse } from '../support/scripted-provider.ts';
import { startGateway } from '../support/test-gateway.ts';

const OWNER = { preset: 'openai-compatible', model: 'm' };
const CALL = { type: 'function_call', call_id: 'c1', name: 'count', arguments: '{}' };
const OUTPUT = { type: 'function_call_output', call_id: 'c1', output: 'forty-one' };
const TRIGGER = { type: 'compaction_trigger' };
const user = (content: string) => ({ role: 'user', content });
const compaction = (encrypted_content: string | undefined) => ({ type: 'compaction', encrypted_content });
const CONVERSATION = [user('How many?'), CALL, OUTPUT];
const CODEX = { originator: 'codex_exec', 'user-agent': 'codex_exec/0.169.0' };
const MIB = 1 << 20;

const NO_SUMMARY: { it: string; answer: ChatAnswer; says: RegExp }[] = [
  { it: 'an empty answer', answer: {}, says: /wrote no summary\. Nothing was compacted/ },
  { it: 'an answer that only thinks', answer: { reasoning: 'Well.' }, says: /wrote no summary\./ },
  {
    it: 'an answer that only calls a tool',
    answer: { calls: [{ id: 'c2', name: 'count', arguments: '{}' }], finish: 'tool_calls' },
    says: /wrote no summary\./,
  },
  { it: 'a refusal', answer: { refusal: 'I must not.' }, says: /wrote no summary\./ },
  { it: 'an answer cut off while it thinks', answer: { reasoning: 'Well', finish: 'length' }, says: /within its limit of output tokens/ },
  { it: 'a filtered answer', answer: { content: 'There', finish: 'content_filter' }, says: /content filter stopped the summary/ },
  { it: 'a summary too large to carry', answer: { content: 'x'.repeat(MIB) }, says: /larger than 1 MiB/ },
];

const FAILURES: { it: string; reply: Reply }[] = [
  { it: 'a failure of the provider', reply: json(400, { error: { message: 'no such thing' } }) },
  { it: 'a cut', reply: sse({ choices: [{ delta: { content: 'There are' } }] }) },
  { it: 'an error in the stream', reply: sse({ choices: [{ delta: { content: 'There are' } }] }, { error: { message: 'no more' } }) },
];

describe('a compaction', () => {
  let pair: Pair;
  beforeEach(async () => {
    pair = await startPair({ preset: { retries: { times: 0 } } });
  });
  afterEach(() => pair.stop());

  const lastAsked = () => pair.provider.asked.at(-1)?.body;
  // biome-ignore lint/suspicious/noExplicitAny: messages of any shape
  const contents = () => lastAsked().messages.map(({ content }: any) => content);
  async function compact(body: object, reply: Reply, path = '/v1/responses/compact') {
    pair.provider.script(reply);
    return answered(await pair.gateway.post({ model: 'm', ...body }, {}, path), pair.gateway);
  }

  it('is one item, the same streamed and whole, and opens again in the next request', async () => {
    const answer = answers({ reasoning: 'Hm.', content: 'There are 41.', calls: [{ id: 'c2', name: 'count', arguments: '{}' }] });
    const streamed = await pair.ask([answer], { input: [...CONVERSATION, TRIGGER] });
    expect(streamed.events.map(({ type }) => type)).to.deep.equal([
      'response.created',
      'response.in_progress',
      'response.output_item.added',
      'response.output_item.done',
      'response.completed',
    ]);
    const whole = await pair.ask([answer], { input: [...CONVERSATION, TRIGGER], stream: false });
    for (const { final } of [streamed, whole]) {
      expect(final.output).to.have.length(1);
      expect(final.output[0]).to.have.all.keys('type', 'id', 'encrypted_content');
      expect(final.output[0].id).to.match(/^cmp_/);
    }
    expect(whole.final.output[0].encrypted_content).to.equal(streamed.final.output[0].encrypted_content);

    await pair.ask([says('Yes.')], { input: [user('How many?'), whole.final.output[0], user('Sure?')] });
    const [first, summary, last] = contents();
    expect([first, last]).to.deep.equal(['How many?', 'Sure?']);
    expect(summary).to.match(/There are 41\.$/);
  });

  it('asks without tools, without a format, with all that was said and called', async () => {
    const tools = [{ type: 'function', name: 'count' }];
    const format = { type: 'json_object' };
    await pair.ask([says('41.')], { input: [...CONVERSATION, TRIGGER], tools, tool_choice: 'required', text: { format } });
    expect(lastAsked()).to.not.have.any.keys('tools', 'tool_choice', 'response_format');
    expect(lastAsked().messages.map(({ role }: { role: string }) => role)).to.deep.equal(['user', 'assistant', 'tool', 'user']);
    expect(contents()[2]).to.equal('forty-one');
  });

  for (const { it: name, answer, says: words } of NO_SUMMARY) {
    it(`fails after ${name}, with what to do, and tells no item`, async () => {
      const streamed = await pair.ask([answers(answer)], { input: [...CONVERSATION, TRIGGER] });
      expect(streamed.events.at(-1).type).to.equal('response.failed');
      expect(streamed.final.output).to.deep.equal([]);
      expect(streamed.final.error.message).to.match(words);
      const whole = await pair.ask([answers(answer)], { input: [...CONVERSATION, TRIGGER], stream: false });
      expect(whole.status).to.be.at.least(400);
      expect(whole.final.error.message).to.match(words);
    });
  }

  for (const { it: name, reply } of FAILURES) {
    it(`fails after ${name}, without the beginning of the summary`, async () => {
      const { status, events, final } = await pair.ask([reply], { input: [...CONVERSATION, TRIGGER] });
      expect(final.error.message).to.be.a('string');
      expect(events.filter(({ type }) => type.includes('item') || type.includes('delta'))).to.deep.equal([]);
      expect(status === 400 || events.at(-1).type === 'response.failed').to.equal(true);
    });
  }

  it('that fails ends the turn of Codex at once, with our words', async () => {
    const { final } = await pair.ask([answers({ reasoning: 'Well.' })], { input: [...CONVERSATION, TRIGGER] }, CODEX);
    expect(final.error.code).to.equal('invalid_prompt');
    expect(final.error.message).to.contain('start a new session');
  });

  it('that the limit cut off is kept for Codex, too, marked for the model, and warned of', async () => {
    const { final, line } = await pair.ask([answers({ content: 'There are', finish: 'length' })], { input: [...CONVERSATION, TRIGGER] }, CODEX);
    expect(final.status).to.equal('completed');
    expect(final.output).to.have.length(1);
    expect(unseal(OWNER, final.output[0].encrypted_content, 'compaction')).to.match(/^There are\n\n\[The summary ends here/);
    expect(line.warnings).to.deep.equal([{ param: 'compaction', reason: 'the_summary_was_cut_off' }]);
  });

  for (const [what, sealed] of [
    ['of another provider', 'gAAAAABpYmVy'],
    ['of another preset', seal({ ...OWNER, preset: 'zai' }, 'There are 41.', 'compaction')],
    ['of another family of models', seal({ ...OWNER, model: 'glm-5.3' }, 'There are 41.', 'compaction')],
    ['that is sealed reasoning', seal(OWNER, 'There are 41.')],
    ['that is larger than any of ours', `tl1.${'A'.repeat(MIB)}`],
    ['that is empty', ''],
  ] as const) {
    it(`${what} is refused before the provider is asked, and says what to do`, async () => {
      const { status, final } = await pair.ask([says('x')], { input: [user('Hi'), compaction(sealed)] });
      expect([status, final.error.code, final.error.param]).to.deep.equal([400, 'invalid_encrypted_content', 'input[1].encrypted_content']);
      expect(final.error.message).to.match(/start a new session$/);
      expect(final.error.message.length).to.be.below(500);
      expect(pair.provider.asked).to.deep.equal([]);
    });
  }

  it('without its content is refused by name', async () => {
    const { status, final } = await pair.ask([says('x')], { input: [{ type: 'compaction' }] });
    expect([status, final.error.code, final.error.param]).to.deep.equal([400, 'missing_required_parameter', 'input[0].encrypted_content']);
  });

  it('that names somebody at great length is refused in few words', async () => {
    const sealed = seal({ preset: 'p'.repeat(10_000), model: 'm'.repeat(10_000) }, 'x', 'compaction');
    const { final } = await pair.ask([says('x')], { input: [compaction(sealed)] });
    expect(final.error.message.length).to.be.below(500);
  });

  it('is kept in the history: by previous_response_id the conversation goes on without what was compacted', async () => {
    const { final } = await pair.ask([says('There are 41.')], { input: [...CONVERSATION, TRIGGER] });
    await pair.ask([says('Yes.')], { previous_response_id: final.id, input: 'Sure?' });
    expect(contents()).to.have.length(3);
    expect(contents()[1]).to.match(/There are 41\.$/);
    expect(JSON.stringify(contents())).to.not.contain('forty-one');
  });

  it('of a conversation that was compacted before holds the summary of then', async () => {
    const { final } = await pair.ask([says('There are 41.')], { input: [...CONVERSATION, TRIGGER] });
    const again = await pair.ask([says('Still 41.')], { input: [user('How many?'), final.output[0], user('Sure?'), TRIGGER] });
    expect(contents()[1]).to.match(/There are 41\.$/);
    await pair.ask([says('Yes.')], { previous_response_id: again.final.id, input: 'Really?' });
    expect(contents().map((content: string) => content.split('\n').at(-1))).to.deep.equal(['How many?', 'Sure?', 'Still 41.', 'Really?']);
  });

  describe('by POST /v1/responses/compact', () => {
    /** As the document has it. */
    const RESOURCE = {
      type: 'object',
      required: ['id', 'object', 'output', 'created_at', 'usage'],
      properties: {
        id: { type: 'string' },
        object: { enum: ['response.compaction'] },
        output: { type: 'array', items: { $ref: 'document#/$defs/ItemField' } },
        created_at: { type: 'integer' },
        usage: { $ref: 'document#/$defs/Usage' },
      },
      additionalProperties: false,
    };

    for (const path of ['/v1/responses/compact', '/responses/compact']) {
      it(`answers as the document says, at ${path}`, async () => {
        const input = [{ role: 'developer', content: 'Be brief.' }, ...CONVERSATION, { role: 'user', content: [{ type: 'input_text', text: 'And now?' }] }];
        const { status, final } = await compact({ input, instructions: 'Count.' }, says('There are 41.'), path);
        expect(status).to.equal(200);
        expect(ajv.validate(RESOURCE, final), ajv.errorsText()).to.equal(true);
        expect(final.output.map(({ type, role }: { type: string; role?: string }) => role ?? type)).to.deep.equal(['developer', 'user', 'user', 'compaction']);
      });
    }

    it('gives the next input', async () => {
      const { final } = await compact({ input: CONVERSATION }, says('There are 41.'));
      await pair.ask([says('Yes.')], { input: [...final.output, user('Sure?')] });
      expect(contents().map((content: string) => content.split('\n').at(-1))).to.deep.equal(['How many?', 'There are 41.', 'Sure?']);
    });

    it('compacts what a kept response holds, and is a response to continue from', async () => {
      const first = await pair.ask([says('I count.')], { input: [...CONVERSATION] });
      const { final } = await compact({ previous_response_id: first.final.id }, says('There are 41.'));
      expect(contents()).to.include('forty-one').and.include('I count.');
      expect(final.output.map(({ type }: { type: string }) => type)).to.deep.equal(['message', 'compaction']);
      await pair.ask([says('Yes.')], { previous_response_id: final.id, input: 'Sure?' });
      expect(contents().map((content: string) => content.split('\n').at(-1))).to.deep.equal(['How many?', 'There are 41.', 'Sure?']);
    });

    it('is kept: told again as it was, with what led to it, until it is forgotten', async () => {
      const { final } = await compact({ input: CONVERSATION }, says('There are 41.'));
      const ask = async (path = '', method = 'GET') => {
        const response = await fetch(`${pair.gateway.url}/v1/responses/${final.id}${path}`, { method });
        // biome-ignore lint/suspicious/noExplicitAny: bodies of any shape
        return { status: response.status, body: (await response.json()) as any };
      };
      expect(await ask()).to.deep.equal({ status: 200, body: final });
      const { body: list } = await ask('/input_items?order=asc');
      expect(list.data.map(({ type }: { type: string }) => type)).to.deep.equal(['message', 'function_call', 'function_call_output']);
      expect((await ask('?stream=true')).body.error)
        .to.include({ param: 'stream' })
        .and.have.property('message')
        .that.matches(/cannot be streamed/);
      expect((await ask('/cancel', 'POST')).status).to.equal(400);
      expect((await ask('', 'DELETE')).body).to.include({ deleted: true });
      expect((await ask()).status).to.equal(404);
      expect(pair.gateway.lines.filter(({ msg }) => String(msg).includes('damaged'))).to.deep.equal([]);
    });

    it('takes a text as input', async () => {
      const { final } = await compact({ input: 'How many?' }, says('None.'));
      expect(final.output[0].content).to.deep.equal([{ type: 'input_text', text: 'How many?' }]);
    });

    it('tells no half: without a summary there is an error', async () => {
      const { status, final } = await compact({ input: CONVERSATION }, answers({ reasoning: 'Well.' }));
      expect(status).to.equal(502);
      expect(final.error.message).to.match(/wrote no summary/);
    });

    it('passes to a provider that speaks Responses as it is, and its answer back', async () => {
      const body = { model: 'm', input: [user('Hi'), compaction('gAAAAABpYmVy')] };
      const usage = { input_tokens: 1, output_tokens: 2, total_tokens: 3 };
      const told = { id: 'resp_1', object: 'response.compaction', created_at: 1, output: [{ id: 'cmp_1', ...compaction('gAAAAABpYmVz') }], usage };
      const provider = await ScriptedProvider.start(json(200, told));
      const gateway = await startGateway({ preset: openaiCompatible({ endpoints: { responses: provider.base } }) });
      try {
        const { status, final, line } = await answered(await gateway.post(body, {}, '/v1/responses/compact'), gateway);
        expect([status, final]).to.deep.equal([200, told]);
        expect(provider.asked.map(({ path, body }) => [path, body])).to.deep.equal([['/v1/responses/compact', body]]);
        expect([line.lane, line.status]).to.deep.equal(['native', 'completed']);
      } finally {
        await gateway.stop();
        await provider.stop();
      }
    });

    for (const [what, body, code, param] of [
      ['a stream', { input: 'Hi', stream: true }, 'unsupported_parameter', 'stream'],
      ['no input', {}, 'missing_required_parameter', 'input'],
      ['an empty text', { input: '' }, 'missing_required_parameter', 'input'],
      ['an empty input', { input: [] }, 'missing_required_parameter', 'input'],
      ['a trigger of its own', { input: [user('Hi'), TRIGGER] }, 'invalid_value', 'input[1]'],
      ['an item that is wrong', { input: [{ ...CALL, name: {} }] }, 'invalid_value', 'input[0].name'],
    ] as const) {
      it(`refuses ${what}`, async () => {
        const { status, final } = await compact(body, says('x'));
        expect([status, final.error.code, final.error.param]).to.deep.equal([400, code, param]);
        expect(pair.provider.asked).to.deep.equal([]);
      });
    }
  });
});

describe('an envelope', () => {
  it('of reasoning is made as it was before kinds had names, and is read', () => {
    const old = `tl1.${Buffer.from(JSON.stringify({ v: 1, ...OWNER, text: 'Hm.' })).toString('base64url')}`;
    expect(seal(OWNER, 'Hm.')).to.equal(old);
    expect(unseal(OWNER, old)).to.equal('Hm.');
  });

  it('of a compaction does not pass for reasoning', () => {
    const sealed = seal(OWNER, 'There are 41.', 'compaction') ?? '';
    expect(unseal(OWNER, sealed)).to.equal(undefined);
    expect(unseal(OWNER, sealed, 'compaction')).to.equal('There are 41.');
  });
});
