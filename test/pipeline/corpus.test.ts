import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { CountingClock } from '../../core/fixtures/counting-clock.ts';
import { corpus } from '../../plugins/corpus.ts';
import { openaiCompatible } from '../../presets/openai-compatible.ts';
import { type Reply, ScriptedProvider, says, sse } from '../support/scripted-provider.ts';
import { startGateway, type TestGateway } from '../support/test-gateway.ts';

const DAY = 86_400_000;
const user = (text: string) => ({ type: 'message', role: 'user', content: [{ type: 'input_text', text }] });
const calls = (name: string, words: string): Reply =>
  sse(
    { choices: [{ delta: { reasoning_content: 'A call.' } }] },
    { choices: [{ delta: { tool_calls: [{ index: 0, id: 'call_1', function: { name, arguments: words } }] } }] },
    { choices: [{ delta: {}, finish_reason: 'tool_calls' }] },
    'data: [DONE]\n\n',
  );
interface Line {
  conversation_id: string;
  response_id: string;
  parent_response_id: string | null;
  timestamp_unix_ms: number;
  model: string;
  messages: unknown[];
}

describe('the corpus', () => {
  let folder: string;
  let dir: string;
  let provider: ScriptedProvider;
  let gateway: TestGateway;
  let clock: CountingClock;
  let warned: string[];
  const onWarning = ({ message }: Error) => void warned.push(message);
  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'tapline-'));
    dir = join(folder, 'corpus');
    warned = [];
    process.on('warning', onWarning);
    clock = new CountingClock();
    provider = await ScriptedProvider.start(says('Hello.'));
    gateway = await startGateway({ preset: openaiCompatible({ endpoints: { chat: provider.base } }), plugins: [corpus({ dir })], clock });
  });
  afterEach(async () => {
    process.off('warning', onWarning);
    await gateway.stop();
    await provider.stop();
    rmSync(folder, { recursive: true, force: true });
  });
  /** The output of a completed answer. */
  const ask = async (body: object): Promise<{ id: string; output: object[] }> => {
    const response = await gateway.post({ model: 'some-model', ...body });
    return (await response.json()) as { id: string; output: object[] };
  };
  const lines = (day = '2026-01-01'): Line[] =>
    readFileSync(join(dir, `corpus-${day}.jsonl`), 'utf8')
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Line);

  it('warns when it starts, and writes for its owner only', async () => {
    await ask({ input: 'hi' });
    expect(warned.join()).to.match(/treat it as sensitive/);
    expect([statSync(dir).mode & 0o777, statSync(join(dir, 'corpus-2026-01-01.jsonl')).mode & 0o777]).to.deep.equal([0o700, 0o600]);
  });

  it('writes a conversation that is continued by id: only what is new, the system prompt once', async () => {
    const first = await ask({ instructions: 'Be good.', input: 'hi' });
    provider.script(says('Again.'));
    const second = await ask({ instructions: 'Be good.', input: [user('more')], previous_response_id: first.id });
    const [one, two] = lines();
    expect(one).to.deep.equal({
      conversation_id: first.id,
      response_id: first.id,
      parent_response_id: null,
      timestamp_unix_ms: clock.now(),
      model: 'some-model',
      messages: [
        { role: 'system', content: 'Be good.' },
        { role: 'user', content: 'hi' },
        { role: 'assistant', content: 'Hello.' },
      ],
    });
    expect(two).to.deep.include({ conversation_id: first.id, response_id: second.id, parent_response_id: first.id });
    expect(two?.messages).to.deep.equal([
      { role: 'user', content: 'more' },
      { role: 'assistant', content: 'Again.' },
    ]);
  });

  it('knows a conversation that the client sends whole each time, as Codex does, with its calls and their outputs', async () => {
    provider.script(calls('shell', '{"cmd":"ls"}'));
    const tools = [{ type: 'function', name: 'shell', parameters: {} }];
    const whole = { instructions: 'Be good.', tools, store: false, prompt_cache_key: 'thread-1' };
    const first = await ask({ ...whole, input: [user('list')] });
    provider.script(says('Two files.'));
    const output = { type: 'function_call_output', call_id: 'call_1', output: 'a\nb' };
    await ask({ ...whole, input: [user('list'), ...first.output, output] });
    const [one, two] = lines();
    expect(one?.messages.at(-1)).to.deep.equal({
      role: 'assistant',
      content: null,
      reasoning_content: 'A call.',
      tool_calls: [{ id: 'call_1', type: 'function', function: { name: 'shell', arguments: '{"cmd":"ls"}' } }],
    });
    expect(two).to.deep.include({ conversation_id: first.id, parent_response_id: first.id });
    expect(two?.messages).to.deep.equal([
      { role: 'tool', tool_call_id: 'call_1', content: 'a\nb' },
      { role: 'assistant', content: 'Two files.' },
    ]);
  });

  it('gives a spawned child a conversation of its own', async () => {
    const parent = await ask({ input: [user('hi')], prompt_cache_key: 'parent' });
    const child = await ask({ input: [user('hi'), ...parent.output, user('go on')], prompt_cache_key: 'child' });
    expect(lines()[1]).to.deep.include({ conversation_id: child.id, parent_response_id: null });
  });

  it('begins a file a day', async () => {
    await ask({ input: 'hi' });
    clock.advance(DAY);
    await ask({ input: 'hi' });
    expect(readdirSync(dir)).to.deep.equal(['corpus-2026-01-01.jsonl', 'corpus-2026-01-02.jsonl']);
  });

  it('writes nothing of an answer that breaks off', async () => {
    provider.script(sse({ choices: [{ delta: { content: 'Hel' } }] }));
    await gateway.post({ model: 'm', input: 'hi', stream: true }).then((response) => response.text());
    expect(() => lines()).to.throw('ENOENT');
  });

  it('gives the client its answer when nothing can be written, and logs that', async () => {
    writeFileSync(dir, 'a file in its place');
    expect((await ask({ input: 'hi' })).output).to.have.length(1);
    expect(gateway.lines.map(({ msg }) => msg).join('\n')).to.match(/EEXIST|ENOTDIR/);
  });

  it('keeps lines whole when answers end at the same time', async () => {
    await Promise.all(Array.from({ length: 20 }, (_, at) => ask({ input: `${at} ${'x'.repeat(100_000)}` })));
    expect(lines()).to.have.length(20);
  });
});
