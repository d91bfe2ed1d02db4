import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { answers, type ChatAnswer } from '../support/chat-answer.ts';
import { homeFolder, workFolder } from '../support/folders.ts';
import { speaks } from '../support/messages-answer.ts';
import { MESSAGES_KEY, MessagesProvider } from '../support/messages-provider.ts';
import type { Finished } from '../support/run-gateway.ts';
import { type RunningGateway, runGateway } from '../support/run-gateway.ts';
import { json, type Reply, sse } from '../support/scripted-provider.ts';
import { ChatScript } from './support/chat-script.ts';
import { overhear } from './support/overhear.ts';
import { runClaude } from './support/run-claude.ts';

// biome-ignore lint/suspicious/noExplicitAny: bodies of any shape
type Loose = any;

const DONE = answers({ content: 'All done.' });
/** A red square. */
const PNG = 'iVBORw0KGgoAAAANSUhEUgAAAAgAAAAICAIAAABLbSncAAAAEklEQVR4nGP4z8CAFWEXHbQSACj/P8Fu7N9hAAAAAElFTkSuQmCC';
const calls = (...made: [name: string, values: object][]): ChatAnswer => ({
  calls: made.map(([name, values], at) => ({ id: `call_${name}_${at}`, name, arguments: JSON.stringify(values) })),
  finish: 'tool_calls',
});
const bash = (command: string): [string, object] => ['Bash', { command, description: 'Does it.' }];

describe('Claude Code on a Chat provider', () => {
  let provider: ChatScript;
  let gateway: RunningGateway;
  before(async () => {
    provider = await ChatScript.start();
    gateway = await runGateway(['--no-config', '--preset', 'openai-compatible', '--upstream', provider.base]);
  });
  after(async () => {
    expect(await gateway.stop()).to.equal(0);
    await provider.stop();
  });
  const ask = (prompt: string, options: Partial<Parameters<typeof runClaude>[1]> = {}): Promise<Finished> =>
    runClaude(prompt, { url: gateway.url, ...options });
  const succeed = async (prompt: string, options: Parameters<typeof ask>[1] = {}, said = 'All done.\n'): Promise<void> => {
    const { stdout, stderr, exitCode } = await ask(prompt, options);
    expect({ stdout, exitCode }).to.deep.equal({ stdout: said, exitCode: 0 });
    if (options.model === undefined) expect(stderr).to.equal(''); // of other models it says what it thinks
  };
  /** What the model was told of its calls. */
  const outputs = (at: number): string[] => provider.asked[at].messages.filter(({ role }: Loose) => role === 'tool').map(({ content }: Loose) => content);

  it('answers with a text', async () => {
    provider.script(answers({ content: 'Three words, here 🎉.' }));
    await succeed('Say hello', {}, 'Three words, here 🎉.\n');
    expect(provider.asked).to.have.length(1);
    const [{ model, messages, tools, reasoning_effort: effort, max_tokens: most }] = provider.asked;
    expect({ model, effort, most }).to.deep.equal({ model: 'claude-opus-5-5', effort: 'medium', most: 128_000 });
    expect(messages.map(({ role }: Loose) => role)).to.deep.equal(['system', 'user', 'user']);
    expect(messages[2].content).to.match(/^<system-reminder>/); // it came late, and stays where it is
    expect(messages[0].content).not.to.include('x-anthropic-billing-header');
    expect(tools.map((tool: Loose) => tool.function.name))
      .to.include('Bash')
      .and.not.to.include('DeferredToolPlaceholder');
    expect(JSON.stringify(tools)).not.to.include('$schema');
  });

  it('runs a command that writes a file, and keeps what the model thought for its next turn', async () => {
    provider.script(answers({ reasoning: 'A file:\n  so be it.', content: 'I write it.', ...calls(bash('printf "there and back" > out.txt')) }), DONE);
    const folder = workFolder();
    await succeed('Write the file', { folder });
    expect(readFileSync(join(folder, 'out.txt'), 'utf8')).to.equal('there and back');
    const turn = provider.asked[1].messages.find(({ role }: Loose) => role === 'assistant');
    expect(turn).to.deep.include({ content: 'I write it.', reasoning_content: 'A file:\n  so be it.' });
    expect(JSON.parse(turn.tool_calls[0].function.arguments).command).to.equal('printf "there and back" > out.txt');
  });

  it('reads a file and edits it', async () => {
    const folder = workFolder({ 'poem.txt': 'Roses are red,\nviolets are green.\n' });
    const file_path = join(folder, 'poem.txt');
    provider.script(answers(calls(['Read', { file_path }])), answers(calls(['Edit', { file_path, old_string: 'green', new_string: 'blue "indeed"' }])), DONE);
    await succeed('Mend the poem', { folder });
    expect(readFileSync(file_path, 'utf8')).to.equal('Roses are red,\nviolets are blue "indeed".\n');
    expect(outputs(1)[0]).to.include('violets are green.');
  });

  it('runs calls side by side, and each result finds its call', async () => {
    const slow = [bash('sleep 0.4; echo one'), bash('echo two'), bash('sleep 0.2; echo three')];
    provider.script(answers(calls(...slow)), DONE);
    await succeed('Run them');
    expect(outputs(1)).to.deep.equal(['one', 'two', 'three']);
  });

  it('shows the model an image that it read', async () => {
    const folder = workFolder();
    writeFileSync(join(folder, 'red.png'), Buffer.from(PNG, 'base64'));
    provider.script(answers(calls(['Read', { file_path: join(folder, 'red.png') }])), DONE);
    await succeed('Look at the image', { folder });
    const shown = provider.asked[1].messages
      .flatMap(({ content }: Loose) => (Array.isArray(content) ? content : []))
      .find(({ type }: Loose) => type === 'image_url');
    expect(shown.image_url.url).to.match(/^data:image\/png;base64,iVBOR/);
    expect(outputs(1)[0]).to.equal('[image attached below]');
  });

  it('loads a tool that was deferred', async () => {
    provider.script(answers(calls(['ToolSearch', { query: 'select:WebFetch', max_results: 3 }])), DONE);
    await succeed('Load it');
    const named = (at: number) => provider.asked[at].tools.map((tool: Loose) => tool.function.name);
    expect(named(0)).not.to.include('WebFetch');
    expect(named(1)).to.include('WebFetch');
    expect(outputs(1)[0]).to.include('tool WebFetch is available');
  });

  it('goes on after an error of a tool, an unknown tool, and arguments that are no JSON', async () => {
    const broken: ChatAnswer = { calls: [{ id: 'call_b', name: 'Bash', arguments: '{"command": "echo ' }], finish: 'tool_calls' };
    provider.script(answers(calls(bash('exit 3'))), answers(calls(['Unheard', {}])), answers(broken), DONE);
    await succeed('Try');
    expect(provider.asked).to.have.length(4);
    expect(outputs(1)[0]).to.match(/^\[tool error\] /);
    expect(outputs(3)).to.have.length(3);
  });

  it('goes on where the limit of tokens cut the answer', async () => {
    provider.script(answers({ content: 'Half of ', finish: 'length' }), DONE);
    await succeed('Tell');
    expect(provider.asked[1].messages.at(-1).content).to.match(/limit/i);
  });

  it('takes a model of any name', async () => {
    provider.script(DONE);
    await succeed('Say hello', { model: 'vendor/glm-5.1' });
    expect(provider.asked[0].model).to.equal('vendor/glm-5.1');
  });

  it('thinks with a budget where the model is an older one', async () => {
    provider.script(DONE);
    await succeed('Say hello', { model: 'claude-sonnet-4-5-20250929' });
    expect(provider.asked[0].reasoning_effort).to.equal('high');
  });

  it('searches the web where the provider cannot: the model answers by itself', async () => {
    provider.script(answers(calls(['WebSearch', { query: 'koa' }])), answers({ content: 'Koa is a framework.' }), DONE);
    await succeed('Search', { environment: { CLAUDE_CODE_DISABLE_EXPERIMENTAL_BETAS: '1' } });
    expect(provider.asked).to.have.length(3);
    expect(provider.asked[1]).not.to.have.any.keys('tools', 'tool_choice');
    expect(outputs(2)[0]).to.include('Koa is a framework.');
  });

  it('answers in a format', async () => {
    provider.script(answers(calls(['StructuredOutput', { n: 3 }])), DONE);
    const schema = JSON.stringify({ type: 'object', properties: { n: { type: 'number' } }, required: ['n'] });
    const { stdout, exitCode } = await ask('Count', { words: ['--json-schema', schema, '--output-format', 'json'] });
    expect([exitCode, JSON.parse(stdout).structured_output]).to.deep.equal([0, { n: 3 }]);
  });

  it('goes on with a conversation, and gives the model back what it thought', async () => {
    const [home, folder] = [homeFolder(), workFolder()];
    provider.script(answers({ reasoning: 'A secret word.', content: 'Xyzzy.' }), DONE);
    await succeed('Say a word', { home, folder }, 'Xyzzy.\n');
    await succeed('And now?', { home, folder, words: ['--continue'] });
    const turn = provider.asked[1].messages.find(({ role }: Loose) => role === 'assistant');
    expect(turn).to.deep.include({ content: 'Xyzzy.', reasoning_content: 'A secret word.' });
  });

  // through a proxy it would not ask
  it('asks first whether anybody is there, where it may ask what it needs not', async () => {
    const between = await overhear(gateway.url);
    try {
      provider.script(DONE);
      const environment = { CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '', DISABLE_TELEMETRY: '1', DISABLE_ERROR_REPORTING: '1' };
      await succeed('Say hello', { url: between.url, environment });
      expect(between.passed()).to.have.members(['HEAD /api/hello 200', 'POST /v1/messages?beta=true 200']);
    } finally {
      await between.stop();
    }
  });

  it('counts what fills its context, in many requests at once', async () => {
    provider.script(DONE);
    const { stdout, exitCode } = await ask('/context');
    expect(exitCode, stdout).to.equal(0);
    expect(stdout).to.match(/tokens/i);
    expect(provider.asked).to.deep.equal([]); // counted by the gateway alone
  });

  it('stops where its own key is wrong', async () => {
    const own = await runGateway(['--no-config', '--preset', 'openai-compatible', '--upstream', provider.base], {
      environment: { TAPLINE_API_KEY: 'the-right-key-of-this-gateway' },
    });
    try {
      provider.script(DONE);
      const { stdout, exitCode } = await ask('Say hello', { url: own.url, timeout: 15_000 });
      expect([exitCode, /Failed to authenticate/.test(stdout)], stdout).to.deep.equal([1, true]);
      await succeed('Say hello', { url: own.url, environment: { ANTHROPIC_AUTH_TOKEN: 'the-right-key-of-this-gateway' } });
    } finally {
      await own.stop();
    }
  });

  for (const [what, reply, asked, shown] of FAILURES()) {
    it(`stops at ${what}, and shows why`, async () => {
      provider.script(reply);
      const { stdout, exitCode } = await ask('Say hello', { timeout: 20_000 });
      expect(exitCode, stdout).to.equal(1);
      expect(stdout).to.match(shown);
      expect(provider.asked).to.have.length(asked);
    });
  }

  it('waits as long as a throttling provider says, and goes on', async () => {
    provider.script(json(429, { error: { message: 'slow down' } }, { 'retry-after': '3' }), DONE);
    const from = Date.now();
    await succeed('Say hello');
    expect(Date.now() - from).to.be.greaterThan(2_900);
    expect(provider.asked).to.have.length(2);
  });

  for (const [what, streams, cut] of [
    ['in a text', false, sse({ choices: [{ delta: { content: 'Half of an ans' } }] })],
    ['before anything', true, sse(': nothing\n\n')],
    [
      'in a call',
      false,
      sse({ choices: [{ delta: { tool_calls: [{ index: 0, id: 'c', function: { name: 'Bash', arguments: '{"command":"touch ran.txt"' } }] } }] }),
    ],
    ['with an error', false, sse({ choices: [{ delta: { content: 'Half' } }] }, { error: { message: 'broken', code: 'server_error' } })],
  ] as const) {
    it(`asks again when the stream is cut ${what}${streams ? '' : ', without a stream'}`, async () => {
      provider.script(cut, DONE);
      const folder = workFolder();
      await succeed('Say hello', { folder });
      expect(provider.asked).to.have.length(2);
      expect(readdirSync(folder)).to.deep.equal([]);
      expect(provider.asked.map(({ stream }) => stream ?? false)).to.deep.equal([true, streams]);
    });
  }
});

/** One command that writes a file, and a text, in each dialect. */
const COMMAND = 'printf "there and back" > out.txt';
const ARGUMENTS = JSON.stringify({ command: COMMAND, description: 'Does it.' });
const PROVIDERS: [string, string[], Reply[]][] = [
  ['Messages', ['--upstream-dialect', 'messages'], [writes(), speaks({ text: 'All done.' })]],
  ['Messages, translated', ['--upstream-dialect', 'messages', '--lane', 'translated'], [writes(), speaks({ text: 'All done.' })]],
  [
    'Responses',
    ['--upstream-dialect', 'responses'],
    [
      responds({ type: 'function_call', id: 'fc_1', call_id: 'call_1', name: 'Bash', arguments: ARGUMENTS, status: 'completed' }),
      responds({
        type: 'message',
        id: 'msg_1',
        role: 'assistant',
        status: 'completed',
        content: [{ type: 'output_text', text: 'All done.', annotations: [] }],
      }),
    ],
  ],
];

for (const [dialect, words, replies] of PROVIDERS) {
  describe(`Claude Code on a provider of ${dialect}`, () => {
    it('runs a command that writes a file', async () => {
      const provider = await ChatScript.start();
      const gateway = await runGateway(['--no-config', '--preset', 'openai-compatible', '--upstream', provider.base, ...words]);
      try {
        provider.script(...replies);
        const folder = workFolder();
        const { stdout, exitCode } = await runClaude('Write the file', { url: gateway.url, folder });
        expect({ stdout, exitCode }).to.deep.equal({ stdout: 'All done.\n', exitCode: 0 });
        expect(readFileSync(join(folder, 'out.txt'), 'utf8')).to.equal('there and back');
        expect(provider.asked).to.have.length(2);
      } finally {
        await gateway.stop();
        await provider.stop();
      }
    });
  });
}

/** In its own dialect: nothing is translated. */
describe('Claude Code on a strict provider of Messages', () => {
  let provider: MessagesProvider;
  let gateway: RunningGateway;
  before(async () => {
    provider = await MessagesProvider.start();
    const words = ['--no-config', '--preset', 'openai-compatible', '--upstream', provider.base, '--upstream-dialect', 'messages'];
    gateway = await runGateway(words, { environment: { TAPLINE_UPSTREAM_KEY: MESSAGES_KEY } });
  });
  after(async () => {
    expect(gateway.child.stderr).to.include('"lane":"native"').and.not.include('"lane":"translated"');
    expect(await gateway.stop()).to.equal(0);
    await provider.stop();
  });
  const command = (text: string) => ({ name: 'Bash', input: { command: text, description: 'Does it.' } });
  const succeed = async (prompt: string, options: Partial<Parameters<typeof runClaude>[1]> = {}): Promise<string> => {
    const { stdout, stderr, exitCode } = await runClaude(prompt, { url: gateway.url, ...options });
    expect([exitCode, provider.refused], stdout + stderr).to.deep.equal([0, []]);
    return stdout;
  };

  it('thinks, runs commands side by side, and gives the thoughts back with their signatures', async () => {
    const calls = [command('sleep 0.3; echo one > one.txt'), command('echo two > two.txt')];
    provider.script({ thinking: 'Two files:\n  so be it.', hidden: 'EmwKAhgBhidden', text: 'I write them.', calls }, { text: 'All done.' });
    const folder = workFolder();
    expect(await succeed('Write the files', { folder })).to.equal('All done.\n');
    expect(['one', 'two'].map((name) => readFileSync(join(folder, `${name}.txt`), 'utf8'))).to.deep.equal(['one\n', 'two\n']);
    const turn = provider.asked[1]?.messages.find(({ role }) => role === 'assistant')?.content as { type: string }[];
    expect(turn.map(({ type }) => type)).to.deep.equal(['redacted_thinking', 'thinking', 'text', 'tool_use', 'tool_use']);
  });

  it("tells what fills its context by the provider's own counts, many at once", async () => {
    provider.script({ text: 'never' });
    expect(await succeed('/context')).to.match(/4\.7k/);
    expect(provider.asked).to.deep.equal([]);
    expect(provider.counted).to.be.greaterThan(9);
  });

  it('asks again when the stream is cut, and when the provider throttles', async () => {
    const throttled = { status: 429, type: 'rate_limit_error', message: 'slow down', headers: { 'retry-after': '1' } };
    provider.script({ text: 'Half of an', cut: true }, throttled, { text: 'All done.' });
    expect(await succeed('Say hello')).to.equal('All done.\n');
    expect(provider.asked).to.have.length(3);
  });

  it('finds the models that the gateway offers', async () => {
    provider.script({ text: 'All done.' });
    const home = homeFolder();
    await succeed('Say hello', { home, environment: { CLAUDE_CODE_ENABLE_GATEWAY_MODEL_DISCOVERY: '1' } });
    const { models } = JSON.parse(readFileSync(join(home, '.claude/cache/gateway-models.json'), 'utf8'));
    expect(models.map(({ id }: Loose) => id)).to.deep.equal(['claude-sonnet-5']);
  });
});

function writes(): Reply {
  return speaks({ text: 'I write it.', calls: [{ id: 'toolu_1', name: 'Bash', input: JSON.parse(ARGUMENTS) }] });
}

function responds(item: { id: string; [field: string]: unknown }): Reply {
  const response = { id: 'resp_1', object: 'response', created_at: 0, model: 'm', output: [], status: 'in_progress' };
  const usage = { input_tokens: 10, output_tokens: 5, total_tokens: 15 };
  const events = [
    { type: 'response.created', response },
    {
      type: 'response.output_item.added',
      output_index: 0,
      item: { ...item, status: 'in_progress', ...('arguments' in item ? { arguments: '' } : { content: [] }) },
    },
    { type: 'response.output_item.done', output_index: 0, item },
    { type: 'response.completed', response: { ...response, status: 'completed', output: [item], usage } },
  ];
  return sse(...events.map((event, at) => `event: ${event.type}\ndata: ${JSON.stringify({ ...event, sequence_number: at })}\n\n`));
}

/** What the provider answers, how often it is asked, and what is shown. */
function FAILURES(): [string, Reply, number, RegExp][] {
  return [
    ['a refused key', json(401, { error: { message: 'Invalid key', code: 'invalid_api_key' } }), 1, /Failed to authenticate.*key/i],
    ['a plan that does not hold the model', json(403, { error: { message: 'Not in your plan' } }), 1, /Not in your plan/],
    ['an empty account', json(402, { error: { message: 'Insufficient balance' } }), 1, /Insufficient balance/],
    ['what the provider does not take', json(400, { error: { message: 'tools: too many of them' } }), 1, /tools: too many of them/],
    [
      'a prompt that is too long',
      json(400, { error: { message: "This model's maximum context length is 8192 tokens, you asked for 9000 tokens", code: 'context_length_exceeded' } }),
      1,
      /prompt is too long/i,
    ],
    ['an unknown model', json(404, { error: { message: 'no such model' } }), 2, /issue with the selected model/],
  ];
}
