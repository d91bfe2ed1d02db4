import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import type { MessagesBlock, MessagesRequest } from '../../core/kit/messages-wire.ts';
import { homeFolder, workFolder } from '../support/folders.ts';
import { MESSAGES_KEY, MessagesProvider, type Turn } from '../support/messages-provider.ts';
import { type Finished, REPOSITORY, type RunningGateway, runGateway } from '../support/run-gateway.ts';
import { EVERYTHING } from './support/codex-on-zai.ts';
import { runCodex } from './support/run-codex.ts';

const CATALOGUE = join(REPOSITORY, 'fixtures/clients/codex-catalog.json');
const DONE: Turn = { text: 'All done.' };
const THINKING = { model_reasoning_effort: 'medium' };
const shell = (cmd: string) => ({ name: 'exec_command', input: { cmd } });

/** The blocks of a message, counted from the end. */
function blocks({ messages }: MessagesRequest, at: number): MessagesBlock[] {
  return messages.at(at)?.content as MessagesBlock[];
}

describe('Codex 0.169 on a Messages provider', () => {
  let provider: MessagesProvider;
  let gateway: RunningGateway;
  /** Whatever happens, the provider must find nothing wrong with what it is asked. */
  async function codex(prompt: string, options: Partial<Parameters<typeof runCodex>[1]> = {}): Promise<Finished> {
    const finished = await runCodex(prompt, { config: gateway.codexConfig, ...options });
    expect(provider.refused, finished.stderr).to.deep.equal([]);
    return finished;
  }
  async function succeed(prompt: string, options: Partial<Parameters<typeof runCodex>[1]> = {}): Promise<Finished> {
    const finished = await codex(prompt, options);
    expect(finished.stdout.trim(), finished.stderr).to.equal('All done.');
    expect(finished.exitCode).to.equal(0);
    return finished;
  }

  before(async () => {
    provider = await MessagesProvider.start();
    const words = ['--preset', 'openai-compatible', '--upstream', provider.base, '--upstream-dialect', 'messages'];
    gateway = await runGateway(words, { environment: { TAPLINE_UPSTREAM_KEY: MESSAGES_KEY } });
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
    expect(provider.asked[0]?.system).not.to.equal(undefined);
  });

  it('runs a shell command that writes a file', async () => {
    provider.script({ text: 'Writing.', calls: [shell('printf "written by the model" > note.txt')] }, DONE);
    const folder = workFolder();
    await succeed('write a note', { folder });
    expect(readFileSync(join(folder, 'note.txt'), 'utf8')).to.equal('written by the model');
    expect(blocks(provider.asked[1] as MessagesRequest, -2).map(({ type }) => type)).to.deep.equal(['text', 'tool_use']);
  });

  it('runs two calls of one turn, and answers both in one message', async () => {
    provider.script({ calls: [shell('printf one-$((40+1)) | tee one.txt'), shell('printf two-$((40+2)) | tee two.txt')] }, DONE);
    const folder = workFolder();
    await succeed('do two things', { folder });
    expect(['one.txt', 'two.txt'].map((name) => readFileSync(join(folder, name), 'utf8'))).to.deep.equal(['one-41', 'two-42']);
    const results = blocks(provider.asked[1] as MessagesRequest, -1);
    expect(results.map((block) => block.type === 'tool_result' && /one-41|two-42/.exec(JSON.stringify(block.content))?.[0])).to.deep.equal([
      'one-41',
      'two-42',
    ]);
  });

  it('patches a file with apply_patch, quotes, emoji and newlines included', async () => {
    const folder = workFolder({ 'greeting.txt': 'first\n"old" line\nlast\n' });
    const patch = [
      '*** Begin Patch',
      '*** Update File: greeting.txt',
      '@@',
      ' first',
      '-"old" line',
      '+"new" \'line\' with a \\n that stays, a\ttab, 🎉',
      ' last',
      '*** End Patch',
    ];
    const input = { input: patch.join('\n') };
    provider.script({ calls: [{ name: 'apply_patch', input }] }, DONE);
    await succeed('patch it', { folder, overrides: { model: 'glm-5.3', model_catalog_json: CATALOGUE } });
    expect(readFileSync(join(folder, 'greeting.txt'), 'utf8')).to.equal('first\n"new" \'line\' with a \\n that stays, a\ttab, 🎉\nlast\n');
    expect(blocks(provider.asked[1] as MessagesRequest, -2)[0]).to.deep.include({ name: 'apply_patch', input });
  });

  it('calls the tool of a real MCP server', async () => {
    provider.script({ calls: [{ name: /everything.*echo$/, input: { message: 'there and back' } }] }, DONE);
    await succeed('echo something', { config: gateway.codexConfig + EVERYTHING });
    expect(JSON.stringify(provider.asked[1]?.messages.at(-1))).to.contain('Echo: there and back');
  });

  it('shows the thoughts, and gives them back word for word with their signature, hidden ones too', async () => {
    const thinking = 'The user wants "x".\n\n  Two spaces,\ta tab, 思考 🤔 — and\nno final newline';
    const turn: Turn = { thinking, hidden: 'EmwKAhgBhidden', text: 'Let me look.', calls: [shell('printf x > x.txt')] };
    provider.script(turn, { thinking: 'Once more.', calls: [shell('printf y > y.txt')] }, DONE);
    const { stderr } = await succeed('think first', { overrides: THINKING });
    expect(stderr).to.contain('Once more.');
    expect(provider.asked).to.have.length(3);
    const [hidden, thought, said, call] = blocks(provider.asked[1] as MessagesRequest, -2);
    expect(hidden).to.deep.equal({ type: 'redacted_thinking', data: 'EmwKAhgBhidden' });
    expect(thought).to.deep.include({ type: 'thinking', thinking });
    expect([said?.type, call?.type]).to.deep.equal(['text', 'tool_use']);
    expect(provider.asked[2]?.thinking).to.deep.include({ type: 'enabled' });
    expect(blocks(provider.asked[2] as MessagesRequest, -2)[0]).to.deep.include({ type: 'thinking', thinking: 'Once more.' });
  });

  it('goes on with the thoughts of an earlier run', async () => {
    provider.script({ thinking: 'Remember this.', text: 'All done.' }, DONE);
    const shared = { home: homeFolder(), folder: workFolder(), overrides: THINKING };
    await succeed('think first', shared);
    await succeed('and again', { ...shared, command: ['resume', '--last'] });
    const [thought] = blocks(provider.asked[1] as MessagesRequest, -2);
    expect(thought).to.deep.include({ type: 'thinking', thinking: 'Remember this.' });
  });

  it('survives a cut stream, and a tool that has run does not run again', async () => {
    const call = shell('echo ran >> runs.txt');
    provider.script({ calls: [call], cut: true }, { calls: [call] }, { text: 'Half of an', cut: true }, DONE);
    const folder = workFolder();
    await succeed('run it', { folder });
    expect(readFileSync(join(folder, 'runs.txt'), 'utf8')).to.equal('ran\n');
    expect(provider.asked).to.have.length(4);
  });

  it('waits out an overload without bothering Codex', async () => {
    provider.script({ status: 529, type: 'overloaded_error', message: 'Overloaded' }, DONE);
    await succeed('say hello');
    expect(provider.asked).to.have.length(2);
  });

  it('shows why a request was refused, once', async () => {
    provider.script({ status: 400, type: 'invalid_request_error', message: 'messages: something about them' });
    const { stderr, exitCode } = await codex('say hello');
    expect(exitCode).to.equal(1);
    expect(provider.asked).to.have.length(1);
    expect(stderr).to.contain('messages: something about them');
  });
});
