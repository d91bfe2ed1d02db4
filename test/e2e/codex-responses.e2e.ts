import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { homeFolder, workFolder } from '../support/folders.ts';
import type { Item, ResponsesBody } from '../support/responses-rules.ts';
import { responsesWire } from '../support/responses-wire.ts';
import { type Finished, REPOSITORY, type RunningGateway, runGateway } from '../support/run-gateway.ts';
import { PROVIDER_KEY, StrictProvider } from '../support/strict-provider.ts';
import type { Turn } from '../support/turn.ts';
import { EVERYTHING } from './support/codex-on-zai.ts';
import { runCodex } from './support/run-codex.ts';

const CATALOGUE = join(REPOSITORY, 'fixtures/clients/codex-catalog.json');
const DONE: Turn = { text: 'All done.' };
const shell = (cmd: string) => ({ name: 'exec_command', input: { cmd } });
/** What no provider but Codex's own is told. */
const PRIVATE = /^(x-codex|x-openai|session|thread|originator|user-agent|chatgpt)/;

/** In its own dialect: nothing is translated. */
describe('Codex 0.169 on a Responses provider', () => {
  let provider: StrictProvider<ResponsesBody>;
  let gateway: RunningGateway;
  /** Whatever happens, the provider must find nothing wrong with what it is asked, and learn nothing of who asks. */
  async function codex(prompt: string, options: Partial<Parameters<typeof runCodex>[1]> = {}): Promise<Finished> {
    const finished = await runCodex(prompt, { config: gateway.codexConfig, ...options, overrides: { model: 'm', ...options.overrides } });
    expect(provider.refused, finished.stderr).to.deep.equal([]);
    for (const headers of provider.headers) expect(Object.keys(headers).filter((name) => PRIVATE.test(name))).to.deep.equal([]);
    for (const body of provider.asked) expect(body).not.to.have.property('client_metadata');
    expect(gateway.child.stderr).not.to.include('"lane":"translated"');
    return finished;
  }
  async function succeed(prompt: string, options: Partial<Parameters<typeof runCodex>[1]> = {}): Promise<Finished> {
    const finished = await codex(prompt, options);
    expect(finished.stdout.trim(), finished.stderr).to.equal('All done.');
    expect(finished.exitCode).to.equal(0);
    return finished;
  }
  const items = (at: number, type: string): Item[] => ((provider.asked[at]?.input ?? []) as Item[]).filter((item) => item.type === type);

  before(async () => {
    provider = await StrictProvider.start(responsesWire());
    const words = ['--no-config', '--preset', 'openai-compatible', '--upstream', provider.base, '--upstream-dialect', 'responses'];
    gateway = await runGateway(words, { environment: { TAPLINE_UPSTREAM_KEY: PROVIDER_KEY } });
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
  });

  it('runs a shell command that writes a file', async () => {
    provider.script({ text: 'Writing.', calls: [shell('printf "written by the model" > note.txt')] }, DONE);
    const folder = workFolder();
    await succeed('write a note', { folder });
    expect(readFileSync(join(folder, 'note.txt'), 'utf8')).to.equal('written by the model');
  });

  it('runs two calls of one turn, and answers both', async () => {
    provider.script({ calls: [shell('printf one-$((40+1))'), shell('printf two-$((40+2))')] }, DONE);
    await succeed('do two things');
    const outputs = items(1, 'function_call_output').map(({ output }) => /one-41|two-42/.exec(JSON.stringify(output))?.[0]);
    expect(outputs).to.deep.equal(['one-41', 'two-42']);
  });

  it('patches a file with apply_patch, which stays the custom tool that it is', async () => {
    const folder = workFolder({ 'greeting.txt': 'first\n"old" line\nlast\n' });
    const lines = ['*** Begin Patch', '*** Update File: greeting.txt', '@@', ' first', '-"old" line', '+"new" \'line\' with a \\n, a\ttab, 🎉', ' last'];
    const input = [...lines, '*** End Patch'].join('\n');
    provider.script({ calls: [{ name: 'apply_patch', input: { input } }] }, DONE);
    await succeed('patch it', { folder, overrides: { model: 'glm-5.3', model_catalog_json: CATALOGUE } });
    expect(readFileSync(join(folder, 'greeting.txt'), 'utf8')).to.equal('first\n"new" \'line\' with a \\n, a\ttab, 🎉\nlast\n');
    expect(items(1, 'custom_tool_call')[0]).to.include({ name: 'apply_patch', input });
  });

  it('calls the tool of a real MCP server', async () => {
    provider.script({ calls: [{ name: /echo$/, input: { message: 'there and back' } }] }, DONE);
    await succeed('echo something', { config: gateway.codexConfig + EVERYTHING });
    expect(JSON.stringify(provider.asked[1]?.input)).to.contain('Echo: there and back');
  });

  it('gives the model its sealed thoughts back, also when the conversation goes on', async () => {
    const shared = { home: homeFolder(), folder: workFolder() };
    provider.script({ thinking: 'The user wants "x".', text: 'Let me look.', calls: [shell('printf x > x.txt')] }, { thinking: 'Once more.', ...DONE });
    const { stderr } = await succeed('think first', shared);
    expect(stderr).to.contain('Once more.');
    expect(items(1, 'reasoning')).to.have.length(1);
    await succeed('and now?', { ...shared, command: ['resume', '--last'] });
    expect(items(2, 'reasoning')).to.have.length(2);
    for (const { encrypted_content: sealed } of items(2, 'reasoning')) expect(sealed).to.match(/^gAAAA/);
  });

  it('waits out a throttled moment without bothering Codex', async () => {
    provider.script({ status: 429, type: 'requests', message: 'Rate limit reached', headers: { 'retry-after': '1' } }, DONE);
    const { stderr } = await succeed('say hello');
    expect(stderr).not.to.match(/Reconnecting/);
    expect(provider.asked).to.have.length(2);
  });

  it('asks at most three times when the provider is broken, and shows our words', async () => {
    provider.script({ status: 500, type: 'server_error', message: 'Internal failure at 10.1.2.3' });
    const { stdout, stderr, exitCode } = await codex('say hello');
    expect(exitCode).to.equal(1);
    expect(provider.asked.length).to.be.within(1, 3);
    expect(stderr).to.contain('the provider failed to answer (HTTP 500)');
    expect(stdout + stderr).not.to.contain('10.1.2.3');
  });

  it('shows why a request was refused, once', async () => {
    provider.script({ status: 400, type: 'invalid_request_error', message: 'The model is not for you.' });
    const { stderr, exitCode } = await codex('say hello');
    expect(exitCode).to.equal(1);
    expect(provider.asked).to.have.length(1);
    expect(stderr).to.contain('The model is not for you.');
  });

  it('survives a cut stream: what has run does not run again, and half a call never runs', async () => {
    const call = shell('echo ran >> runs.txt');
    provider.script({ calls: [shell('touch half.txt')], cut: true }, { calls: [call] }, { text: 'Half of an', cut: true }, DONE);
    const folder = workFolder();
    await succeed('run it', { folder });
    expect(readFileSync(join(folder, 'runs.txt'), 'utf8')).to.equal('ran\n');
    expect(existsSync(join(folder, 'half.txt'))).to.equal(false);
    expect(provider.asked).to.have.length(4);
  });

  it('asks by POST at once where Codex is only given the base: it tries a socket first, as its SDK does', async () => {
    provider.script(DONE);
    const from = Date.now();
    const { stderr } = await succeed('say hello', { config: '', overrides: { openai_base_url: `${gateway.url}/v1` }, environment: { CODEX_API_KEY: 'x' } });
    expect(stderr).not.to.match(/Reconnecting/);
    expect(Date.now() - from).to.be.lessThan(5_000); // any other refusal of the socket costs six seconds
  });
});
