import { expect } from 'chai';
import { CountingClock } from '../../core/fixtures/counting-clock.ts';
import { RecordingStore } from '../../core/fixtures/recording-store.ts';
import { MemoryStore } from '../../core/store/memory-store.ts';
import { openaiCompatible } from '../../presets/openai-compatible.ts';
import { answers, type ChatAnswer } from '../support/chat-answer.ts';
import { type Answered, type Pair, startPair } from '../support/pair.ts';
import { json, says, sse } from '../support/scripted-provider.ts';
import { startGateway } from '../support/test-gateway.ts';

// biome-ignore lint/suspicious/noExplicitAny: bodies of any shape
type Loose = any;

const TOOLS = [{ type: 'function', name: 'ls', parameters: { type: 'object', properties: {} } }];
const DAY = 86_400_000;
const user = (content: string): object => ({ type: 'message', role: 'user', content });
const output = (call_id: string, output = 'a.txt'): object => ({ type: 'function_call_output', call_id, output });
const calls = (reasoning: string, id = 'call_1'): ChatAnswer => ({
  reasoning,
  content: 'I look.',
  calls: [{ id, name: 'ls', arguments: '{}' }],
  finish: 'tool_calls',
});
/** As a client keeps an answer that does not know what reasoning is. */
const kept = ({ final }: Answered): object[] => final.output.filter(({ type }: Loose) => type !== 'reasoning');

describe('reasoning that the client drops', () => {
  let pair: Pair | undefined;
  const start = async (options: Parameters<typeof startPair>[0] = {}): Promise<Pair> => {
    await pair?.stop();
    pair = await startPair(options);
    return pair;
  };
  afterEach(async () => {
    await pair?.stop();
    pair = undefined;
  });
  /** The reasoning in each of the model's messages, as the provider got it last. */
  const reasonings = ({ provider }: Pair): unknown[] =>
    provider.asked.at(-1)?.body.messages.flatMap((message: Loose) => (message.role === 'assistant' ? [message.reasoning_content] : []));

  for (const stream of [true, false]) {
    it(`goes back to the model ${stream ? 'after a stream' : 'after a whole answer'}: of a turn with a call, and of one without`, async () => {
      const on = await start();
      const input = [user('What is here?')];
      const ask = async (answer: ChatAnswer, ...more: object[]) =>
        input.push(...kept(await on.ask([answers(answer)], { input, stream, tools: TOOLS })), ...more);
      await ask(calls('I had better look.'), output('call_1'));
      await ask({ reasoning: 'Now I know.', content: 'A text.' }, user('Sure?'));
      expect(reasonings(on)).to.deep.equal(['I had better look.']);
      await ask({ content: 'Yes.' }, user('Thanks.'));
      expect(reasonings(on)).to.deep.equal(['I had better look.', 'Now I know.']);
      await ask({ content: 'Welcome.' });
      expect(reasonings(on)).to.deep.equal(['I had better look.', 'Now I know.', undefined]);
    });
  }

  const thinking = { type: 'thinking', thinking: 'I had better look.', signature: 'EqRk' };
  const sealed = { type: 'reasoning', summary: [{ type: 'summary_text', text: 'I had better look.' }], encrypted_content: 'gAAAAB' };
  const called = { type: 'function_call', id: 'fc_1', call_id: 'call_1', name: 'ls', arguments: '{}', status: 'completed' };
  const messages = {
    body: { type: 'message', role: 'assistant', content: [thinking, { type: 'tool_use', id: 'toolu_1', name: 'ls', input: {} }], stop_reason: 'tool_use' },
    back: (asked: Loose) => asked.messages[1].content[0],
  };
  const responses = {
    body: { object: 'response', status: 'completed', output: [{ ...sealed, id: 'rs_1' }, called] },
    back: (asked: Loose) => asked.input.find(({ type }: Loose) => type === 'reasoning'),
  };
  for (const [dialect, { body, back }, expected] of [
    ['messages', messages, thinking],
    ['responses', responses, sealed],
  ] as const) {
    it(`goes back as a provider of ${dialect} sealed it, though Chat has no place for that`, async () => {
      const on = await start();
      const gateway = await startGateway({ preset: openaiCompatible({ endpoints: { [dialect]: on.provider.base } }) });
      try {
        on.provider.script(json(200, { id: 'x_1', model: 'm', usage: { input_tokens: 20, output_tokens: 7 }, ...body }));
        const tools = [{ type: 'function', function: { name: 'ls', parameters: { type: 'object', properties: {} } } }];
        const ask = async (...said: object[]): Promise<Loose> =>
          (await gateway.post({ model: 'm', reasoning_effort: 'high', messages: said, tools }, {}, '/v1/chat/completions')).json();
        const question = { role: 'user', content: 'What is here?' };
        const { role, tool_calls } = (await ask(question)).choices[0].message;
        await ask(question, { role, tool_calls }, { role: 'tool', tool_call_id: tool_calls[0].id, content: 'a.txt' });
        expect(back(on.provider.asked[1]?.body)).to.deep.include(expected);
      } finally {
        await gateway.stop();
      }
    });
  }

  it('is told a client in no form that it did not ask for', async () => {
    const { final } = await (await start()).ask([answers(calls('I had better look.'))], { tools: TOOLS });
    expect(final.output[0]).to.deep.include({ type: 'reasoning', summary: [{ type: 'summary_text', text: 'I had better look.' }] });
    expect(final.output[0]).not.to.have.property('encrypted_content');
  });

  it('is not added where the client sends it itself', async () => {
    const on = await start();
    const body = { tools: TOOLS, include: ['reasoning.encrypted_content'] };
    const { final } = await on.ask([answers(calls('I had better look.'))], { input: 'What is here?', ...body });
    await on.ask([says('ok')], { input: [user('What is here?'), ...final.output, output('call_1')], ...body });
    expect(reasonings(on)).to.deep.equal(['I had better look.']);
  });

  it('does not mix between conversations with the same words, nor where a provider counts its call ids anew', async () => {
    const on = await start();
    const ask = async (question: string, answer: ChatAnswer) => kept(await on.ask([answers(answer)], { input: [user(question)], tools: TOOLS }));
    const talks = [];
    for (const question of ['one?', 'two?']) {
      talks.push({
        question,
        said: await ask(question, { reasoning: `text: ${question}`, content: 'Yes.' }),
        next: user('go on'),
        thought: `text: ${question}`,
      });
      talks.push({ question, said: await ask(question, calls(`call: ${question}`)), next: output('call_1'), thought: `call: ${question}` });
    }
    for (const { question, said, next, thought } of talks) {
      await on.ask([says('ok')], { input: [user(question), ...said, next], tools: TOOLS });
      expect(reasonings(on), thought).to.deep.equal([thought]);
    }
  });

  it('is found after a restart, in what the store keeps', async () => {
    const store = new RecordingStore();
    const said = kept(await (await start({ store })).ask([answers(calls('I had better look.'))], { input: [user('hi')], tools: TOOLS }));
    const on = await start({ store });
    await on.ask([says('ok')], { input: [user('hi'), ...said, output('call_1')], tools: TOOLS });
    expect(reasonings(on)).to.deep.equal(['I had better look.']);
  });

  it('is kept of no turn that failed, was cut or was cut off, and never when it is empty', async () => {
    const store = new RecordingStore();
    const on = await start({ store, preset: { retries: { times: 0 } } });
    const thought = { choices: [{ index: 0, delta: { reasoning_content: 'Half a thought.' } }] };
    const text = { choices: [{ index: 0, delta: { content: 'Half a' } }] };
    await on.ask([sse(thought, text)]);
    await on.ask([sse(thought, text, { error: { message: 'broken' } })]);
    await on.ask([answers({ ...calls('A thought.'), finish: 'length' })], { tools: TOOLS });
    await on.ask([json(500, { error: { message: 'down' } })]);
    await on.ask([answers(calls(''))], { tools: TOOLS });
    expect(Object.keys(store.all).filter((key) => !key.startsWith('sessions/'))).to.deep.equal([]);
    await on.ask([answers(calls('A thought.'))], { tools: TOOLS });
    expect(Object.keys(store.all).filter((key) => !key.startsWith('sessions/'))).to.have.length(2);
  });

  it("is out of another client's reach", async () => {
    const on = await start();
    const ask = (input: unknown, key: string, answer: ChatAnswer) => on.ask([answers(answer)], { input, tools: TOOLS }, { authorization: `Bearer ${key}` });
    const said = kept(await ask([user('hi')], 'one', calls('I had better look.')));
    const input = [user('hi'), ...said, output('call_1')];
    await ask(input, 'two', { content: 'ok' });
    expect(reasonings(on)).to.deep.equal([undefined]);
    await ask(input, 'one', { content: 'ok' });
    expect(reasonings(on)).to.deep.equal(['I had better look.']);
  });

  it('is not kept for ever, and only so much of it', async () => {
    const clock = new CountingClock();
    const store = new MemoryStore(clock, { entries: 1, bytes: 1 << 20, ttl: DAY });
    const on = await start({ store });
    const answered: object[][] = [];
    for (let nth = 0; nth < 33; nth++)
      answered.push(kept(await on.ask([answers(calls(`thought ${nth}`, `call_${nth}`))], { input: [user(`${nth}?`)], tools: TOOLS })));
    const ask = (nth: number) => on.ask([says('ok')], { input: [user(`${nth}?`), ...(answered[nth] ?? []), output(`call_${nth}`)], tools: TOOLS });
    await ask(0);
    expect(reasonings(on)).to.deep.equal([undefined]);
    await ask(32);
    expect(reasonings(on)).to.deep.equal(['thought 32']);
    clock.advance(DAY + 1);
    await ask(32);
    expect(reasonings(on)).to.deep.equal([undefined]);
  });
});

describe('a sub-agent', () => {
  const TASK = 'Count the files.';
  const SPAWN = { id: 'call_s', name: 'collaboration__spawn_agent', arguments: JSON.stringify({ task_name: 'counter', message: TASK }) };
  const tools = [{ type: 'namespace', name: 'collaboration', description: '', tools: [{ type: 'function', name: 'spawn_agent' }] }, ...TOOLS];
  let pair: Pair;
  before(async () => {
    pair = await startPair();
  });
  after(() => pair.stop());
  /** What the provider is told when somebody goes on from the response that spawned a child. */
  const goOn = async (input: unknown, spawns = [SPAWN]): Promise<Loose[]> => {
    const parent = await pair.ask([answers({ calls: spawns, finish: 'tool_calls' })], { input: 'The secret plan.', stream: false, tools });
    const { status, final } = await pair.ask([says('ok')], { previous_response_id: parent.final.id, input, tools });
    return status === 200 ? pair.provider.asked.at(-1)?.body.messages : [final.error];
  };

  it('"whose request carries the parent\'s `previous_response_id` must not inherit the parent\'s history": matched by the message of the call', async () => {
    expect(await goOn(TASK)).to.deep.equal([{ role: 'user', content: TASK }]);
    expect(JSON.stringify(await goOn([user('You work in /work.'), user(TASK)]))).not.to.include('secret');
  });

  it('"… or recipient", and what it was told stands in the place of what is encrypted', async () => {
    const message = { type: 'agent_message', author: '/root', recipient: '/root/counter', encrypted_content: 'gAAAAB' };
    expect(await goOn([message])).to.deep.equal([{ role: 'user', content: TASK }]);
  });

  it('"only while that call is pending": the parent goes on with all it heard', async () => {
    const messages = await goOn([output('call_s', '{"agent_id":"a"}'), user(TASK)]);
    expect(messages[0]).to.deep.equal({ role: 'user', content: 'The secret plan.' });
    expect(messages).to.have.length(4);
  });

  it('"never by tool outputs"', async () => {
    expect((await goOn([output('call_other', TASK), user('And?')]))[0]).to.deep.equal({ role: 'user', content: 'The secret plan.' });
  });

  it('"duplicate spawn ids do not defeat it" (ours: the second call has got an id of its own)', async () => {
    const twice = [SPAWN, { ...SPAWN, arguments: JSON.stringify({ task_name: 'reader', message: 'Read them.' }) }];
    expect(JSON.stringify(await goOn([user('Read them.')], twice))).not.to.include('secret');
    expect(JSON.stringify(await goOn([output('call_s', '{}'), user('Read them.')], twice))).not.to.include('secret');
  });

  it('"encrypted ones that cannot be matched to exactly one pending spawn are refused with a clear 400"', async () => {
    const twins = [SPAWN, { ...SPAWN, id: 'call_t' }];
    const [error] = await goOn([{ type: 'agent_message', author: '/root', recipient: '/root/counter', encrypted_content: 'gAAAAB' }], twins);
    expect(error).to.include({ code: 'unsupported_value', param: 'input[0].encrypted_content' });
    expect(error.message).to.include('encrypted for another provider');
  });
});
