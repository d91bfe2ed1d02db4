import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
// biome-ignore lint/suspicious/noTsIgnore: the client is there once run.ts has installed it, and "npm test" checks types before
// @ts-ignore
import OpenAI from 'openai';
import { workFolder } from '../support/folders.ts';
import { type RunningGateway, runGateway } from '../support/run-gateway.ts';
import { LITELLM_KEY, startLiteLlm } from './support/litellm-proxy.ts';
import { type RealServer, startLlamaServer } from './support/llama-server.ts';
import { runClaude } from './support/run-claude.ts';
import { runCodex } from './support/run-codex.ts';

// biome-ignore lint/suspicious/noExplicitAny: items of any shape
type Loose = any;
/** Milliseconds: a server with a hundred packages, on a machine that does other things too. */
const START = 120_000;
const COMMAND = { type: 'object', properties: { cmd: { type: 'string' } }, required: ['cmd'], additionalProperties: false };
const TOOL = { type: 'function' as const, name: 'exec_command', description: 'Runs a command.', parameters: COMMAND, strict: false };
/** Without retries of its own: what the gateway answers is what is seen. */
const clientOf = ({ url }: RunningGateway): OpenAI => new OpenAI({ baseURL: `${url}/v1`, apiKey: 'not-needed-here', maxRetries: 0 });
const failureOf = (asked: Promise<unknown>): Promise<{ status?: number; code?: string }> =>
  asked.then(
    () => ({}),
    (thrown: { status?: number; code?: string }) => thrown,
  );

/** What each of the doors makes of the model's text. */
async function textsOf(client: OpenAI, model: string): Promise<unknown[]> {
  const messages = [{ role: 'user' as const, content: 'hi' }];
  const stream = client.responses.stream({ model, input: 'hi' });
  const chunks = await client.chat.completions.create({ model, messages, stream: true });
  let streamed = '';
  for await (const chunk of chunks) streamed += chunk.choices[0]?.delta.content ?? '';
  return [
    (await stream.finalResponse()).output_text,
    (await client.responses.create({ model, input: 'hi' })).output_text,
    streamed,
    (await client.chat.completions.create({ model, messages })).choices[0]?.message.content,
  ];
}

describe("LiteLLM's proxy, by way of openai-compatible", () => {
  let server: RealServer;
  let gateway: RunningGateway;
  let client: OpenAI;
  before(async function () {
    this.timeout(START);
    const call = { id: 'call_1', type: 'function', function: { name: 'exec_command', arguments: '{"cmd":"ls"}' } };
    server = await startLiteLlm({ says: { mock_response: 'Hello from LiteLLM.' }, calls: { mock_response: 'I look.', mock_tool_calls: [call] } });
    const environment = { TAPLINE_UPSTREAM: server.base, TAPLINE_UPSTREAM_KEY: LITELLM_KEY };
    gateway = await runGateway(['--preset', 'openai-compatible'], { environment });
    client = clientOf(gateway);
  });
  after(async () => {
    await gateway?.stop();
    await server?.stop();
  });

  it('answers Codex 0.169', async () => {
    const { stdout, stderr, exitCode } = await runCodex('Say hello', { config: gateway.codexConfig, overrides: { model: 'says' } });
    expect({ said: stdout.trim(), exitCode }, stderr).to.deep.equal({ said: 'Hello from LiteLLM.', exitCode: 0 });
  });

  it('answers the openai SDK in Responses and in Chat, streamed and whole', async () => {
    expect(await textsOf(client, 'says')).to.deep.equal(Array(4).fill('Hello from LiteLLM.'));
  });

  it('tells what it used, and which models it has', async () => {
    const { usage } = await client.responses.stream({ model: 'says', input: 'hi' }).finalResponse();
    expect(usage?.output_tokens).to.be.greaterThan(0);
    const { data } = await client.models.list();
    expect(data.map(({ id }: { id: string }) => id)).to.have.members(['says', 'calls']);
  });

  // its mock of a stream leaves the calls out
  it('calls a tool, though it says that it stopped', async () => {
    const { output } = await client.responses.create({ model: 'calls', input: 'hi', tools: [TOOL] });
    const called = output.find(({ type }: { type: string }) => type === 'function_call');
    expect(called).to.deep.include({ call_id: 'call_1', name: 'exec_command', arguments: '{"cmd":"ls"}', status: 'completed' });
  });

  it('is told apart from the gateway where it refuses', async () => {
    expect((await failureOf(client.responses.create({ model: 'nobody', input: 'hi' }))).status).to.equal(400);
  });
});

describe("llama.cpp's server with a tiny model", () => {
  let server: RealServer;
  let gateway: RunningGateway;
  let client: OpenAI;
  before(async function () {
    this.timeout(START);
    server = await startLlamaServer(131_072);
    const endpoints = { chat: server.base, messages: server.base, responses: server.base };
    gateway = await runGateway([], { folder: workFolder({ 'proxy.config.json': JSON.stringify({ preset: ['llamacpp', { endpoints }] }) }) });
    client = clientOf(gateway);
  });
  after(async () => {
    await gateway?.stop();
    await server?.stop();
  });

  it('answers the openai SDK in Responses and in Chat, streamed and whole', async () => {
    expect(await textsOf(client, 'tiny')).to.deep.equal(Array(4).fill('Hello from a tiny model!'));
  });

  it('lists its model, with the context it was started with', async () => {
    const { data, models } = (await (await fetch(`${gateway.url}/v1/models`)).json()) as { data: { id: string }[]; models: { context_window: number }[] };
    expect(data.map(({ id }) => id)).to.deep.equal(['tiny']);
    expect(models[0]?.context_window).to.equal(131_072);
  });

  // a forced call is not tried: this build of the server dies where its grammar meets so small a vocabulary
  it('thinks, and calls the tool it has', async () => {
    for (const effort of ['medium', 'xhigh', 'none'] as const) {
      const reasoning = { effort, summary: 'auto' as const };
      const { output } = await client.responses.stream({ model: 'tiny', input: 'hi', tools: [TOOL], tool_choice: 'auto', reasoning }).finalResponse();
      const [thought, call] = output as Loose[];
      expect([thought.type, call.type]).to.deep.equal(['reasoning', 'function_call']);
      expect(thought.summary[0]?.text.trim()).to.equal('A file first.');
      expect(JSON.parse(call.arguments)).to.deep.equal({ cmd: 'echo tiny > made.txt' });
    }
  });

  it('does a task of Claude Code in its own Messages, and in Chat where only its base is told', async () => {
    const translating = await runGateway(['--no-config', '--preset', 'llamacpp'], { environment: { LLAMA_API_BASE: server.base } });
    try {
      for (const { url } of [gateway, translating]) {
        const folder = workFolder();
        const { stdout, stderr, exitCode } = await runClaude('Make a file', { url, model: 'tiny', folder, timeout: 80_000 });
        expect({ stdout, exitCode }, stderr).to.deep.equal({ stdout: 'All done.\n', exitCode: 0 });
        expect(readFileSync(join(folder, 'made.txt'), 'utf8').trim()).to.equal('tiny');
      }
      const lanes = [gateway, translating].map(({ child }) => [...child.stderr.matchAll(/"lane":"(\w+)"/g)].at(-1)?.[1]);
      expect(lanes).to.deep.equal(['native', 'translated']);
    } finally {
      await translating.stop();
    }
  });

  it('tells that a conversation is too long, streamed and whole', async () => {
    const small = await startLlamaServer(1_024);
    const before = await runGateway(['--no-config', '--preset', 'llamacpp', '--upstream', small.base]);
    try {
      const asked = { model: 'tiny', input: 'Much too long. '.repeat(500) };
      const talkative = clientOf(before);
      for (const failure of [await failureOf(talkative.responses.create(asked)), await failureOf(talkative.responses.stream(asked).finalResponse())]) {
        expect(failure).to.deep.include({ status: 400, code: 'context_length_exceeded' });
        expect(String(failure)).to.match(/exceeds the available context size \(1024 tokens\)/);
      }
    } finally {
      await before.stop();
      await small.stop();
    }
  });

  for (const dialect of ['chat', 'messages', 'responses'])
    it(`does a task of Codex 0.169 in its ${dialect}: thinks, runs a command, ends`, async () => {
      const words = ['--no-config', '--preset', 'llamacpp', '--upstream', server.base, '--upstream-dialect', dialect];
      const asking = await runGateway(words);
      try {
        const folder = workFolder();
        const { stdout, stderr, exitCode } = await runCodex('Make a file', {
          config: asking.codexConfig,
          overrides: { model: 'tiny' },
          folder,
          timeout: 80_000,
        });
        expect({ said: stdout.trim(), exitCode }, stderr).to.deep.equal({ said: 'All done.', exitCode: 0 });
        expect(readFileSync(join(folder, 'made.txt'), 'utf8').trim()).to.equal('tiny');
      } finally {
        await asking.stop();
      }
    });
});
