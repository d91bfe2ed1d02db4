/**
 * The traps a translating proxy can fall into with Codex, by the numbers of the report on its wire.
 * Not here: compaction and history (9 and 17 in part), the list of models and the WebSocket, which need a live Codex.
 */
import type http from 'node:http';
import { expect } from 'chai';
import { answers, type ChatAnswer } from '../support/chat-answer.ts';
import { type Answered, Following, type Pair, startPair, until } from '../support/pair.ts';
import { json, type Reply, says, sse } from '../support/scripted-provider.ts';

// biome-ignore lint/suspicious/noExplicitAny: bodies of any shape
type Loose = any;

const CODEX = { originator: 'codex_exec', 'user-agent': 'codex_exec/0.169.0 (Linux; x86_64)' };
const PNG = 'data:image/png;base64,iVBORw0KGgo=';
const PATCH = '*** Begin Patch\n*** Add File: a.txt\n+hi "you"\n*** End Patch';
const USER = { type: 'message', id: 'msg_1', role: 'user', content: [{ type: 'input_text', text: 'hi' }] };
const EXEC = { type: 'function', name: 'exec_command', strict: false, parameters: { type: 'object', properties: { cmd: { type: 'string' } } } };
const FREEFORM = { type: 'custom', name: 'apply_patch', description: 'Edits.', format: { type: 'grammar', syntax: 'lark', definition: 'start: "x"' } };
const TINY = { type: 'namespace', name: 'mcp__tiny', description: 'Tiny.', tools: [{ type: 'function', name: 'echo' }] };
const SEARCH = { type: 'tool_search', execution: 'client', description: 'Finds.', parameters: { type: 'object', properties: { query: { type: 'string' } } } };
const CALLED = { type: 'function_call', status: 'completed', id: 'fc_1', call_id: 'call_1', name: 'exec_command', arguments: '{"cmd":"ls"}' };
const ANSWERED = { type: 'function_call_output', id: 'fco_1', call_id: 'call_1', output: 'a.txt' };

function calling(...calls: [name: string, args: string][]): ChatAnswer {
  return { calls: calls.map(([name, args], at) => ({ id: `call_${at}`, name, arguments: args })), finish: 'tool_calls' };
}
function delta(delta: object, finish_reason: string | null = null, rest: object = {}): object {
  return { choices: [{ index: 0, delta, finish_reason }], ...rest };
}
function fails(status: number, headers: Record<string, string> = {}, error: object = { message: `told ${status}` }): Reply {
  return json(status, { error }, headers);
}
/** Keeps the answer for the test to write. */
function holds(held: http.ServerResponse[]): Reply {
  return (response) => void held.push(response);
}
function ofType({ events }: Answered, type: string): Loose[] {
  return events.filter((event) => event.type === type);
}
function doneOf(answer: Answered): Loose[] {
  return ofType(answer, 'response.output_item.done').map(({ item }) => item);
}

describe('the traps of Codex', () => {
  let pair: Pair;
  const ask = (reply: Reply, body: object = {}) => pair.ask([reply], { input: [USER], ...body }, CODEX);
  const sent = (): Loose => pair.provider.asked.at(-1)?.body;
  const names = (): string[] => (sent().tools ?? []).map((tool: Loose) => tool.function.name);
  beforeEach(async () => {
    pair = await startPair({ preset: { retries: { times: 0 }, models: [{ id: 'blind', input: ['text'] }] } });
  });
  afterEach(() => pair.stop());

  it('1: a namespace is flattened and given back; a flat name of older ones stays flat', async () => {
    const nested = await ask(answers(calling(['mcp__tiny__echo', '{}'])), { tools: [TINY] });
    expect(doneOf(nested)[0]).to.include({ name: 'echo', namespace: 'mcp__tiny' });
    const flat = await ask(answers(calling(['mcp__tiny__echo', '{}'])), { tools: [{ type: 'function', name: 'mcp__tiny__echo' }] });
    expect(doneOf(flat)[0]).to.include({ name: 'mcp__tiny__echo' }).and.not.to.have.property('namespace');
  });

  it('2: no kind of tool that runs at the client is dropped', async () => {
    const told = { type: 'additional_tools', role: 'developer', tools: [{ type: 'function', name: 'told' }] };
    const { headers } = await ask(says('ok'), { input: [told, USER], tools: [EXEC, FREEFORM, TINY, SEARCH, { type: 'local_shell' }, { type: 'web_search' }] });
    expect(names()).to.have.members(['exec_command', 'apply_patch', 'mcp__tiny__echo', 'tool_search', 'local_shell', 'told']);
    expect(headers.get('x-tapline-warnings')).to.match(/^dropped=tools\[\d\];reason=\S+$/);
  });

  it('3: the tools of a lite model, which stand in the input alone', async () => {
    const tools = [{ type: 'namespace', name: 'functions', description: '', tools: [EXEC, FREEFORM] }, TINY];
    const answer = await ask(answers(calling(['exec_command', '{"cmd":"ls"}'], ['apply_patch', JSON.stringify({ input: PATCH })])), {
      input: [{ type: 'additional_tools', id: 'at_1', role: 'developer', tools }, USER],
      parallel_tool_calls: false,
    });
    expect(names()).to.deep.equal(['exec_command', 'apply_patch', 'mcp__tiny__echo']);
    expect(sent().messages).to.deep.equal([{ role: 'user', content: 'hi' }]);
    expect(doneOf(answer).map(({ type, name }) => [type, name])).to.deep.equal([
      ['function_call', 'exec_command'],
      ['custom_tool_call', 'apply_patch'],
    ]);
  });

  it('4: a custom tool goes as a function of `input` and comes back raw, without fences or JSON', async () => {
    const wrapped = [
      JSON.stringify({ input: `\`\`\`\n${PATCH}\n\`\`\`` }),
      JSON.stringify({ patch: PATCH }),
      PATCH,
      JSON.stringify({ input: JSON.stringify({ input: PATCH }) }),
    ];
    for (const args of wrapped) {
      const answer = await ask(answers(calling(['apply_patch', args])), { tools: [FREEFORM] });
      expect(doneOf(answer)[0], args).to.include({ type: 'custom_tool_call', input: PATCH });
    }
    expect(sent().tools[0].function.parameters.properties).to.deep.equal({ input: { type: 'string' } });
  });

  it('5: tool_search has an object as arguments, and what it found is offered on later turns', async () => {
    const answer = await ask(answers(calling(['tool_search', '{"query":"echo"}'])), { tools: [SEARCH] });
    const [search] = doneOf(answer);
    expect(search).to.deep.include({ type: 'tool_search_call', execution: 'client', arguments: { query: 'echo' } });
    const found = { type: 'tool_search_output', call_id: search.call_id, status: 'completed', execution: 'client', tools: [TINY] };
    const next = await ask(answers(calling(['mcp__tiny__echo', '{}'])), { input: [USER, search, found], tools: [SEARCH] });
    expect(names()).to.deep.equal(['tool_search', 'mcp__tiny__echo']);
    expect(doneOf(next)[0]).to.include({ name: 'echo', namespace: 'mcp__tiny' });
  });

  it('6: every item is added, streamed, done, and stands in the final output', async () => {
    const answer = await ask(
      answers({ reasoning: 'Hm.', content: 'Hello', ...calling(['exec_command', '{"cmd":"ls"}'], ['apply_patch', JSON.stringify({ input: PATCH })]) }),
      {
        tools: [EXEC, FREEFORM],
      },
    );
    expect(doneOf(answer).map(({ type }) => type)).to.deep.equal(['reasoning', 'message', 'function_call', 'custom_tool_call']);
    expect(answer.final.output).to.deep.equal(doneOf(answer));
    for (const { id } of doneOf(answer)) {
      const steps = answer.events.flatMap((event) => ((event.item?.id ?? event.item_id) === id ? event.type : []));
      expect([steps[0], steps.at(-1)]).to.deep.equal(['response.output_item.added', 'response.output_item.done']);
      expect(steps.some((type: string) => type.endsWith('.delta'))).to.equal(true);
    }
  });

  it('7: arguments are text and a call has an id, whatever the provider sent', async () => {
    for (const [args, text] of [
      [{ cmd: 'ls' }, '{"cmd":"ls"}'],
      [null, '{}'],
      [undefined, '{}'],
    ] as const) {
      const answer = await ask(sse(delta({ tool_calls: [{ index: 0, function: { name: 'exec_command', arguments: args } }] }), delta({}, 'tool_calls')), {
        tools: [EXEC],
      });
      expect(doneOf(answer)[0].arguments).to.equal(text);
      expect(doneOf(answer)[0].call_id).to.match(/^call_\w+/);
    }
  });

  it('8: usage has the names, the whole numbers, the total and the details of a response', async () => {
    for (const usage of [
      { prompt_tokens: 10.4, completion_tokens: 2 },
      { prompt_tokens: 10, completion_tokens: 2, prompt_tokens_details: {}, completion_tokens_details: null },
    ]) {
      const { final } = await ask(answers({ content: 'Hello', usage }));
      expect(final.usage).to.deep.equal({
        input_tokens: 10,
        input_tokens_details: { cached_tokens: 0 },
        output_tokens: 2,
        output_tokens_details: { reasoning_tokens: 0 },
        total_tokens: 12,
      });
    }
  });

  it('9: usage is estimated where the provider tells none', async () => {
    const { final } = await ask(sse(delta({ content: 'Hello there' }), delta({}, 'stop')));
    expect(final.usage.input_tokens).to.be.above(0);
    expect(final.usage.output_tokens).to.be.above(0);
  });

  it('9: usage of nothing but zeros is none', async () => {
    const { final } = await ask(
      sse(delta({ content: 'Hello there' }), delta({}, 'stop', { usage: { prompt_tokens: 0, completion_tokens: 0, total_tokens: 0 } })),
    );
    expect(final.usage.input_tokens).to.be.above(0);
  });

  it('10: keepalives are typed events', async () => {
    const held: http.ServerResponse[] = [];
    pair.provider.script(holds(held));
    const response = pair.gateway.post({ model: 'm', input: 'hi', stream: true }, CODEX);
    await until(() => held.length === 1);
    pair.clock.advance(2_000);
    const following = new Following(await response);
    pair.clock.advance(15_000);
    await following.until('event: keepalive\ndata: {"type":"keepalive"}\n\n');
    held[0]?.writeHead(200, { 'content-type': 'text/event-stream' }).end(`data: ${JSON.stringify(delta({ content: 'x' }, 'stop'))}\n\n`);
    expect((await following.end()).at(-1).type).to.equal('response.completed');
  });

  it('11: a failure in the stream is `response.failed` with a code, never an `error` event', async () => {
    const answer = await ask(sse(delta({ content: 'Hel' }), { error: { message: 'broken' } }));
    expect(answer.events.at(-1).type).to.equal('response.failed');
    expect(answer.final.error.code).to.be.a('string').that.is.not.empty;
    expect(ofType(answer, 'error')).to.deep.equal([]);
  });

  for (const status of [500, 502, 503, 529]) {
    it(`12: ${status} is asked again here, then told once as 400`, async () => {
      await pair.stop();
      pair = await startPair({ preset: { retries: { times: 1 } } });
      pair.provider.script(fails(status));
      const response = pair.gateway.post({ model: 'm', input: 'hi', stream: true }, CODEX);
      await until(() => pair.clock.pending.some((delay) => delay < 2_000));
      pair.clock.advance(500);
      const { status: told, headers } = await response;
      expect([told, pair.provider.asked.length]).to.deep.equal([400, 2]);
      expect(headers.get('retry-after')).to.equal(null);
    });
  }

  it('12: once the stream has begun, a provider that is down ends the turn with our text', async () => {
    const held: http.ServerResponse[] = [];
    pair.provider.script(holds(held));
    const response = pair.gateway.post({ model: 'm', input: 'hi', stream: true }, CODEX);
    await until(() => held.length === 1);
    pair.clock.advance(2_000);
    const following = new Following(await response);
    held[0]?.writeHead(500).end('{}');
    const failed = (await following.end()).at(-1);
    expect([failed.type, failed.response.error.code]).to.deep.equal(['response.failed', 'invalid_prompt']);
    expect(failed.response.error.message).to.be.a('string').that.is.not.empty;
  });

  for (const status of [401, 402, 403, 413]) {
    it(`13: ${status} of the provider is not passed on: Codex would ask six times`, async () => {
      const { status: told, final } = await ask(fails(status));
      expect(told).to.be.oneOf(status === 402 ? [400, 429] : [400]);
      expect(final.error.message).to.be.a('string').that.is.not.empty;
    });
  }

  it('14: 429 always has a retry-after in whole seconds, and no other form of it', async () => {
    for (const [headers, seconds] of [
      [{}, '1'],
      [{ 'retry-after': '7' }, '7'],
      [{ 'retry-after-ms': '2500' }, '3'],
    ] as const) {
      const { status, headers: told } = await ask(fails(429, headers));
      expect([status, told.get('retry-after'), told.get('retry-after-ms')]).to.deep.equal([429, seconds, null]);
    }
  });

  it('14: in the stream its text says when to try again', async () => {
    const { final } = await ask(sse(delta({ content: 'Hel' }), { error: { message: 'Too fast', code: 'rate_limit_exceeded', type: 'rate_limit_error' } }));
    expect(final.error.code).to.equal('rate_limit_exceeded');
    expect(final.error.message).to.match(/try again in \d+s/);
  });

  it('15: an answer that is too long ends as completed and says so; a filtered one fails once', async () => {
    const long = await ask(sse(delta({ content: 'Once upon' }), delta({}, 'length')));
    expect(long.events.at(-1).type).to.equal('response.completed');
    expect(doneOf(long).at(-1).content[0].text).to.include('limit of output tokens');
    const filtered = await ask(sse(delta({ content: 'Once upon' }), delta({}, 'content_filter')));
    expect([filtered.events.at(-1).type, filtered.final.error.code]).to.deep.equal(['response.failed', 'invalid_prompt']);
  });

  it('16: `openai-model` of a provider is not echoed, and the model is the one that was asked for', async () => {
    const { headers, final, events } = await ask((response) => {
      response.writeHead(200, {
        'content-type': 'text/event-stream',
        'openai-model': 'other',
        'x-openai-model': 'other',
        'x-codex-turn-state': 'x',
        'x-models-etag': 'y',
      });
      response.end(`data: ${JSON.stringify({ model: 'other', ...delta({ content: 'x' }, 'stop') })}\n\n`);
    });
    expect([...headers.keys()].filter((name) => /openai-|x-codex|etag/.test(name))).to.deep.equal([]);
    expect(final.model).to.equal('m');
    expect(events[0].response).not.to.have.property('headers');
  });

  it('17: items nobody knows, and those of other providers, are left out with a warning and do not fail the turn', async () => {
    const others = [
      { type: 'configuration_update', id: 'x' },
      { type: 'web_search_call', id: 'ws_1', status: 'completed', action: { type: 'search', query: 'x' } },
    ];
    const { status, line } = await ask(says('ok'), { input: [...others, USER] });
    expect([status, sent().messages]).to.deep.equal([200, [{ role: 'user', content: 'hi' }]]);
    expect(line.warnings).to.have.length(others.length);
  });

  it('18: developer messages become system messages where they stand, and what is for OpenAI alone is not sent', async () => {
    const developer = (...texts: string[]) => ({ type: 'message', role: 'developer', content: texts.map((text) => ({ type: 'input_text', text })) });
    await ask(says('ok'), {
      input: [developer('You are Codex.'), developer('Skills.', 'Rights.'), USER, developer('Be brief.'), USER],
      store: false,
      include: ['reasoning.encrypted_content'],
      prompt_cache_key: 'key',
      client_metadata: { session_id: 'x' },
      reasoning: { effort: 'high', summary: 'auto', context: 'all_turns' },
      text: { verbosity: 'low' },
    });
    expect(sent()).to.have.all.keys('model', 'messages', 'stream', 'stream_options', 'reasoning_effort');
    expect(JSON.stringify(sent().messages)).not.to.include('developer');
    const told = sent()
      .messages.map(({ content }: Loose) => content)
      .join('\n');
    for (const text of ['You are Codex.', 'Skills.', 'Rights.', 'Be brief.']) expect(told).to.include(text);
    expect(sent().messages[0].role).to.equal('system');
  });

  it('19: a tool output that is a list keeps its texts, and its images follow in a message of the user', async () => {
    const output = [
      { type: 'input_text', text: 'Wall time: 1 s' },
      { type: 'input_image', image_url: PNG, detail: 'high' },
    ];
    await ask(says('ok'), { input: [USER, CALLED, { ...ANSWERED, output }], tools: [EXEC] });
    expect(sent().messages.slice(-2)).to.deep.equal([
      { role: 'tool', tool_call_id: 'call_1', content: 'Wall time: 1 s' },
      { role: 'user', content: [{ type: 'image_url', image_url: { url: PNG, detail: 'high' } }] },
    ]);
  });

  it('19: a model that cannot see gets a note in the place of an image, and the client a warning', async () => {
    const output = [{ type: 'input_image', image_url: PNG }];
    const { line } = await ask(says('ok'), { model: 'blind', input: [USER, CALLED, { ...ANSWERED, output }, { ...USER, content: output }], tools: [EXEC] });
    expect(JSON.stringify(sent())).not.to.include('base64');
    expect(
      sent()
        .messages.slice(-2)
        .map(({ content }: Loose) => content),
    ).to.deep.equal(Array(2).fill('[image omitted: the model cannot see images]'));
    expect(line.warnings.map(({ param }: Loose) => param)).to.deep.equal(['input[2].output[0]', 'input[3].content[0]']);
  });

  it("19: warnings and refusals name the client's own place, also where earlier items were taken out or put in", async () => {
    const first = [
      { type: 'additional_tools', role: 'developer', tools: [EXEC] },
      { ...USER, content: '' },
    ];
    const image = { ...USER, content: [{ type: 'input_image', image_url: PNG }] };
    const { line } = await ask(says('ok'), { model: 'blind', input: [...first, image] });
    expect(line.warnings.map(({ param }: Loose) => param)).to.deep.equal(['input[2].content[0]']);
    const refused = await ask(says('ok'), { input: [...first, { type: 'agent_message', encrypted_content: 'gAAAA' }] });
    expect(refused.final.error.param).to.equal('input[2].encrypted_content');
  });

  it('20: parallel calls become one assistant message with its reasoning, and their outputs follow it', async () => {
    const reasoning = { type: 'reasoning', id: 'rs_1', summary: [], content: [{ type: 'reasoning_text', text: 'Both.' }], encrypted_content: null };
    const said = { type: 'message', role: 'assistant', content: [{ type: 'output_text', text: 'I look.' }] };
    const second = { ...CALLED, call_id: 'call_2', id: 'fc_2' };
    await ask(says('ok'), { input: [USER, reasoning, CALLED, said, second, ANSWERED, { ...ANSWERED, call_id: 'call_2' }], tools: [EXEC] });
    const [, turn, ...outputs] = sent().messages;
    expect(turn).to.deep.include({ role: 'assistant', content: 'I look.', reasoning_content: 'Both.' });
    expect(turn.tool_calls.map(({ id }: Loose) => id)).to.deep.equal(['call_1', 'call_2']);
    expect(outputs.map((message: Loose) => [message.role, message.tool_call_id])).to.deep.equal([
      ['tool', 'call_1'],
      ['tool', 'call_2'],
    ]);
  });

  it('20: a call is done once, and only when it is whole: Codex runs it then', async () => {
    const cut = await ask(sse(delta({ tool_calls: [{ index: 0, id: 'call_a', function: { name: 'exec_command', arguments: '{"cmd":"ls"}' } }] })), {
      tools: [EXEC],
    });
    expect([cut.events.at(-1).type, doneOf(cut)]).to.deep.equal(['response.failed', []]);
    const whole = await ask(answers(calling(['exec_command', '{"cmd":"ls"}'])), { tools: [EXEC] });
    expect(doneOf(whole)).to.have.length(1);
  });

  it('also: never two texts open at once, a summary on every reasoning, parts of the right type, a blank line at the end', async () => {
    const mixed = sse(delta({ content: 'a' }), delta({ reasoning_content: 'b' }), delta({ content: 'c' }), delta({}, 'stop'));
    pair.provider.script(mixed);
    const response = await pair.gateway.post({ model: 'm', input: [USER], stream: true }, CODEX);
    const following = new Following(response);
    const events = await following.end();
    expect(following.text.endsWith('\n\n')).to.equal(true);
    const steps = events.map(({ type }) => type).filter((type) => /output_item/.test(type));
    expect(steps).to.deep.equal(Array(3).fill(['response.output_item.added', 'response.output_item.done']).flat());
    const items = events.filter(({ type }) => type === 'response.output_item.done').map(({ item }) => item);
    expect(items.map((item) => (item.type === 'reasoning' ? item.summary[0].type : item.content[0].type))).to.deep.equal([
      'output_text',
      'summary_text',
      'output_text',
    ]);
    expect(events.find(({ item }) => item?.type === 'reasoning')?.item.summary).to.deep.equal([]);
  });

  it("also: another vendor's encrypted reasoning is not sent", async () => {
    const foreign = { type: 'reasoning', id: 'rs_1', summary: [], encrypted_content: 'gAAAAforeign' };
    await ask(says('ok'), { input: [USER, foreign, { type: 'message', role: 'assistant', content: 'ok' }, USER] });
    expect(JSON.stringify(sent())).not.to.include('gAAAA');
  });
});
