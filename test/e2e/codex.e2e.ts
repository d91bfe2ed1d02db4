import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { expect } from 'chai';
import type { ChatMessage, ChatRequest } from '../../core/contract/chat-wire.ts';
import { workFolder } from '../support/folders.ts';
import { type Finished, REPOSITORY, type RunningGateway, runGateway } from '../support/run-gateway.ts';
import { runCodex } from './support/run-codex.ts';
import { type Turn, ZaiProvider } from './support/zai-provider.ts';

const CATALOGUE = join(REPOSITORY, 'fixtures/clients/codex-catalog.json');
const MCP_SERVER = join(dirname(createRequire(import.meta.url).resolve('@modelcontextprotocol/server-everything/package.json')), 'dist/index.js');
const shell = (cmd: string) => ({ name: 'exec_command', arguments: { cmd } });
const DONE: Turn = { text: 'All done.' };

/** The messages after the last one of the user. */
const sinceUser = ({ messages }: ChatRequest): ChatMessage[] => messages.slice(messages.findLastIndex(({ role }) => role === 'user') + 1);

describe('Codex 0.169 on zai', () => {
  let provider: ZaiProvider;
  let gateway: RunningGateway;
  /** Whatever happens, the provider must find nothing wrong with what it is asked. */
  async function codex(prompt: string, options: Partial<Parameters<typeof runCodex>[1]> = {}): Promise<Finished> {
    const finished = await runCodex(prompt, { config: gateway.codexConfig, ...options });
    expect(provider.refused, finished.stderr).to.deep.equal([]);
    return finished;
  }

  before(async () => {
    provider = await ZaiProvider.start();
    gateway = await runGateway(['--preset', 'zai'], { environment: provider.environment });
  });
  after(async () => {
    expect(await gateway.stop()).to.equal(0);
    await provider.stop();
  });

  it('answers with text', async () => {
    provider.script({ text: 'Hello from the script, with **marks** and ünïcödé 🎉.' });
    const { stdout, stderr, exitCode } = await codex('say hello');
    expect(stdout.trim(), stderr).to.equal('Hello from the script, with **marks** and ünïcödé 🎉.');
    expect(exitCode).to.equal(0);
    expect(provider.asked).to.have.length(1);
    expect(provider.asked[0]?.model).to.equal('glm-5.3');
  });

  it('runs a shell command that writes a file', async () => {
    provider.script({ calls: [shell('printf "written by the model" > note.txt')] }, DONE);
    const folder = workFolder();
    const { stdout, stderr, exitCode } = await codex('write a note', { folder });
    expect(stdout.trim(), stderr).to.equal('All done.');
    expect(exitCode).to.equal(0);
    expect(readFileSync(join(folder, 'note.txt'), 'utf8')).to.equal('written by the model');
  });

  for (const [model, how] of [
    ['glm-5.3', 'piece by piece'],
    ['glm-5.1', 'whole'],
  ] as const) {
    it(`runs two calls of one turn that come ${how}, and sends both outputs back behind one message`, async () => {
      provider.script({ calls: [shell('printf one-$((40+1)) | tee one.txt'), shell('printf two-$((40+2)) | tee two.txt')] }, DONE);
      const folder = workFolder();
      const { stderr, exitCode } = await codex('do two things', { folder, overrides: { model } });
      expect(exitCode, stderr).to.equal(0);
      expect(['one.txt', 'two.txt'].map((name) => readFileSync(join(folder, name), 'utf8'))).to.deep.equal(['one-41', 'two-42']);
      expect(provider.asked).to.have.length(2);
      const [turn, first, second, ...more] = sinceUser(provider.asked[1] as ChatRequest);
      expect(turn?.tool_calls).to.have.length(2);
      expect([first?.tool_call_id, second?.tool_call_id]).to.deep.equal(turn?.tool_calls?.map(({ id }) => id));
      expect(first?.content).to.contain('one-41');
      expect(second?.content).to.contain('two-42');
      expect(more).to.deep.equal([]);
    });
  }

  it('calls the tool of a real MCP server', async () => {
    provider.script({ calls: [{ name: /everything.*echo$/, arguments: { message: 'there and back' } }] }, DONE);
    const server = `\n[mcp_servers.everything]\ncommand = ${JSON.stringify(process.execPath)}\nargs = [${JSON.stringify(MCP_SERVER)}]\n`;
    const { stdout, stderr, exitCode } = await codex('echo something', { config: gateway.codexConfig + server });
    expect(stdout.trim(), stderr).to.equal('All done.');
    expect(exitCode).to.equal(0);
    expect(sinceUser(provider.asked[1] as ChatRequest).at(-1)?.content).to.contain('Echo: there and back');
  });

  it('patches a file with apply_patch, quotes, emoji and newlines included', async () => {
    const folder = workFolder({ 'greeting.txt': 'first\n"old" line\nlast\n' });
    const patch = [
      '*** Begin Patch',
      '*** Update File: greeting.txt',
      '@@',
      ' first',
      '-"old" line',
      '+"new" \'line\' with a \\n that stays, a\ttab, 🎉 and `ticks`',
      '+{"json": "\\"quoted\\""}',
      ' last',
      '*** End Patch',
    ].join('\n');
    provider.script({ calls: [{ name: 'apply_patch', arguments: { input: patch } }] }, DONE);
    const { stdout, stderr, exitCode } = await codex('patch it', { folder, overrides: { model_catalog_json: CATALOGUE } });
    expect(stdout.trim(), stderr).to.equal('All done.');
    expect(exitCode).to.equal(0);
    expect(readFileSync(join(folder, 'greeting.txt'), 'utf8')).to.equal(
      'first\n"new" \'line\' with a \\n that stays, a\ttab, 🎉 and `ticks`\n{"json": "\\"quoted\\""}\nlast\n',
    );
    expect(sinceUser(provider.asked[1] as ChatRequest)[0]?.tool_calls?.[0]?.function).to.deep.equal({
      name: 'apply_patch',
      arguments: JSON.stringify({ input: patch }),
    });
  });

  it('shows the reasoning, and gives it back to the model word for word, with the call it led to', async () => {
    const reasoning = 'The user wants "x".\n\n  Two spaces,\ta tab, 思考 🤔 — and\nno final newline';
    provider.script({ reasoning, text: 'Let me look.', calls: [shell('printf x > x.txt')] }, { reasoning: 'That went well.', ...DONE });
    const { stdout, stderr, exitCode } = await codex('think first');
    expect(stdout.trim(), stderr).to.equal('All done.');
    expect(exitCode).to.equal(0);
    expect(provider.asked).to.have.length(2);
    const [turn] = sinceUser(provider.asked[1] as ChatRequest);
    expect(stderr).to.contain('That went well.');
    expect(turn?.reasoning_content).to.equal(reasoning);
    expect(turn?.content).to.equal('Let me look.');
    expect(turn?.tool_calls).to.have.length(1);
  });

  it('waits out a throttled moment without bothering Codex', async () => {
    provider.script({ status: 429, code: '1302', message: 'High concurrency usage of this API' }, DONE);
    const { stdout, stderr, exitCode } = await codex('say hello');
    expect(stdout.trim(), stderr).to.equal('All done.');
    expect(exitCode).to.equal(0);
    expect(provider.asked).to.have.length(2);
  });

  it('asks once when the quota is used up, and says so', async () => {
    provider.script({ status: 429, code: '1113', message: 'Insufficient balance or no resource package. Please recharge.' });
    const { stderr, exitCode } = await codex('say hello');
    expect(exitCode).to.equal(1);
    expect(provider.asked).to.have.length(1);
    expect(stderr).to.contain('Quota exceeded. Check your plan and billing details.');
  });

  it('asks at most three times when the provider is broken, and shows our words', async () => {
    provider.script({ status: 500, code: '500', message: 'Internal network failure at 10.1.2.3' });
    const { stdout, stderr, exitCode } = await codex('say hello');
    expect(exitCode).to.equal(1);
    expect(provider.asked.length).to.be.within(1, 3);
    expect(stderr).to.contain('the provider failed to answer (HTTP 500)');
    expect(stdout + stderr).not.to.contain('10.1.2.3');
  });

  it('shows why a request was refused, once', async () => {
    provider.script({ status: 400, code: '1214', message: 'messages parameter is illegal' });
    const { stderr, exitCode } = await codex('say hello');
    expect(exitCode).to.equal(1);
    expect(provider.asked).to.have.length(1);
    expect(stderr).to.contain('messages parameter is illegal');
  });

  it('survives a cut stream, and a tool that has run does not run again', async () => {
    provider.script({ calls: [shell('echo ran >> runs.txt')] }, { text: 'Half of an', cut: true }, DONE);
    const folder = workFolder();
    const { stdout, stderr, exitCode } = await codex('run it', { folder });
    expect(stdout.trim(), stderr).to.equal('All done.');
    expect(exitCode).to.equal(0);
    expect(readFileSync(join(folder, 'runs.txt'), 'utf8')).to.equal('ran\n');
    expect(provider.asked).to.have.length(3);
    expect(provider.asked[2]?.messages.some(({ role }) => role === 'tool')).to.equal(true);
  });

  it('runs a call once when the stream is cut right behind it', async () => {
    const call = shell('echo ran >> runs.txt');
    provider.script({ calls: [call], cut: true }, { calls: [call] }, DONE);
    const folder = workFolder();
    const { stdout, stderr, exitCode } = await codex('run it', { folder });
    expect(stdout.trim(), stderr).to.equal('All done.');
    expect(exitCode).to.equal(0);
    expect(readFileSync(join(folder, 'runs.txt'), 'utf8')).to.equal('ran\n');
  });
});

describe('Codex 0.169 on the demo, as the README tells it', () => {
  let gateway: RunningGateway;
  // npm start, where nobody has a key: empty, so that no .env of the developer's gives one
  before(async () => {
    gateway = await runGateway([], { folder: REPOSITORY, environment: { PROXY_PORT: '0', ZAI_API_KEY: '', TAPLINE_API_KEY: '', TAPLINE_UPSTREAM_KEY: '' } });
  });
  after(async () => expect(await gateway.stop()).to.equal(0));

  it('says hello', async () => {
    const { stdout, stderr, exitCode } = await runCodex('say hello', { config: gateway.codexConfig });
    expect(stdout, stderr).to.match(/^Hello! I am the demo provider/);
    expect(exitCode).to.equal(0);
  });

  it('runs a harmless command when it is asked to list the files', async () => {
    const { stdout, stderr, exitCode } = await runCodex('list the files', { config: gateway.codexConfig });
    expect(stdout, stderr).to.match(/^The command printed:[\s\S]*tapline-demo/);
    expect(exitCode).to.equal(0);
  });
});
