import { chmodSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { delimiter, dirname, join } from 'node:path';
import { expect } from 'chai';
import { homeFolder, workFolder } from '../support/folders.ts';
import { runGateway, runTapline } from '../support/run-gateway.ts';
import { json, type Reply, ScriptedProvider, says, sse } from '../support/scripted-provider.ts';
import { freePort } from './support/free-port.ts';
import { runCodex } from './support/run-codex.ts';

const KEY = 'key-of-the-provider';
const MODELS = ['glm-5', 'vendor/model-x', 'gpt-5.5'];
const USAGE = { prompt_tokens: 10, completion_tokens: 2, total_tokens: 12 };
const runs = (command: string): Reply =>
  sse(
    { choices: [{ delta: { reasoning_content: 'A command will do.' } }] },
    { choices: [{ delta: { tool_calls: [{ index: 0, id: 'call_1', function: { name: 'exec_command', arguments: JSON.stringify({ cmd: command }) } }] } }] },
    { choices: [{ delta: {}, finish_reason: 'tool_calls' }], usage: USAGE },
    'data: [DONE]\n\n',
  );

describe('tapline relay, as codex-relay was used', () => {
  let provider: ScriptedProvider;
  beforeEach(async () => {
    const [first, last] = [runs('echo from-the-shell'), says('All done.')];
    provider = await ScriptedProvider.start((response, asked) => {
      if (asked.method === 'GET') return json(200, { object: 'list', data: MODELS.map((id) => ({ id, object: 'model' })) })(response, asked);
      return (asked.raw.includes('run it') && !asked.raw.includes('"role":"tool"') ? first : last)(response, asked);
    });
  });
  afterEach(() => provider.stop());
  const environment = (more: Record<string, string> = {}) => ({ CODEX_RELAY_UPSTREAM: `${provider.base}/`, CODEX_RELAY_API_KEY: KEY, ...more });

  it('serves Codex with nothing but the environment, keeps history on disk, and continues after a restart', async () => {
    const folder = workFolder();
    const set = environment({ CODEX_RELAY_PORT: '0', CODEX_RELAY_HISTORY_STORE: 'disk', CODEX_RELAY_RECORD_CORPUS: 'corpus' });
    const first = await runGateway([], { command: 'relay', environment: set, folder });
    let response: string;
    try {
      await first.child.until(({ stdout }) => stdout.includes(`models: ${MODELS.join(', ')}`));
      expect(first.child.stderr).to.contain('--print-config --model-catalog');
      const config = first.codexConfig.replace('name-of-the-model', 'glm-5');
      const { stdout, stderr, exitCode } = await runCodex('run it', { config });
      expect([stdout.trim(), exitCode], stderr).to.deep.equal(['All done.', 0]);
      const asked = provider.asked.at(-1);
      expect(asked?.headers.authorization).to.equal(`Bearer ${KEY}`);
      expect(asked?.body).to.deep.include({ model: 'glm-5', thinking: { type: 'enabled' } });
      const told = asked?.body.messages.filter(({ role }: { role: string }) => role === 'tool');
      expect(JSON.stringify(told)).to.contain('from-the-shell');
      response = await continueFrom(first.url, undefined);
    } finally {
      await first.stop();
    }
    expect(readdirSync(join(folder, '.codex-relay-history')).sort()).to.include.members(['reasoning', 'sessions', 'turns']);
    const [file = ''] = readdirSync(join(folder, 'corpus'));
    const turns = readFileSync(join(folder, 'corpus', file), 'utf8')
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as { conversation_id: string });
    expect(turns).to.have.length(3);
    expect(turns[1]?.conversation_id).to.equal(turns[0]?.conversation_id);

    const second = await runGateway([], { command: 'relay', environment: set, folder });
    try {
      await continueFrom(second.url, response);
      expect(provider.asked.at(-1)?.body.messages.map(({ content }: { content: string }) => content)).to.deep.equal(['hi', 'All done.', 'hi']);
    } finally {
      await second.stop();
    }
  });

  it('prints a config that works as pasted, with a catalogue beside the models Codex brings along', async () => {
    const home = homeFolder();
    const set = environment({ CODEX_RELAY_PORT: String(await freePort()), CODEX_HOME: home, PATH: pathWithCodex() });
    const catalog = join(home, 'relay-models.json');
    const printed = await runTapline(['relay', '--print-config', '--model-catalog', catalog], { environment: set });
    expect(printed, printed.stderr).to.deep.include({ stderr: '', exitCode: 0 });
    const { models } = JSON.parse(readFileSync(catalog, 'utf8')) as { models: { slug: string }[] };
    const slugs = models.map(({ slug }) => slug);
    expect(slugs.slice(-3)).to.deep.equal(MODELS);
    expect(slugs.length).to.be.above(5).and.equal(new Set(slugs).size);
    const gateway = await runGateway([], { command: 'relay', environment: set });
    try {
      for (const model of ['', ...MODELS.slice(1)]) {
        const { stdout, stderr, exitCode } = await runCodex('run it', { home, config: printed.stdout, ...(model && { overrides: { model } }) });
        expect([stdout.trim(), exitCode], stderr).to.deep.equal(['All done.', 0]);
        expect(stderr).not.to.match(/warning|not found|unrecognized|ERROR/i);
        expect(provider.asked.at(-1)?.body.model).to.equal(model || MODELS[0]);
      }
    } finally {
      await gateway.stop();
    }
  });

  it('serves a Codex that was set up for codex-glm-proxy, below /v4 and with an old name', async () => {
    const gateway = await runGateway(['--preset', 'glm'], { environment: { GLM_API_KEY: KEY, GLM_API_BASE: provider.base } });
    try {
      const config = gateway.codexConfig.replace(/^model = .*/m, 'model = "gpt-5.1-codex"').replace('/v1"', '/v4"');
      expect(config).to.contain(`base_url = "${gateway.url}/v4"`);
      const { stdout, stderr, exitCode } = await runCodex('run it', { config });
      expect([stdout.trim(), exitCode], stderr).to.deep.equal(['All done.', 0]);
      expect(provider.asked.at(-1)?.body).to.deep.include({ model: 'glm-5', thinking: { type: 'enabled' } });
    } finally {
      await gateway.stop();
    }
  });

  it('takes its key by flag without showing it in the process list', async () => {
    const gateway = await runGateway(['--port', '0', '--upstream', provider.base, '--api-key', KEY], { command: 'relay' });
    try {
      if (process.platform === 'linux') expect(readFileSync(`/proc/${gateway.child.pid}/cmdline`, 'utf8')).not.to.contain(KEY);
      await continueFrom(gateway.url, undefined);
      expect(provider.asked.at(-1)?.headers.authorization).to.equal(`Bearer ${KEY}`);
    } finally {
      await gateway.stop();
    }
  });
});

/** One turn of a client that sends only what is new; returns the id of the response. */
async function continueFrom(url: string, previous: string | undefined): Promise<string> {
  const body = JSON.stringify({ model: 'some-model', input: 'hi', ...(previous && { previous_response_id: previous }) });
  const response = await fetch(`${url}/v1/responses`, { method: 'POST', headers: { 'content-type': 'application/json' }, body });
  const answer = (await response.json()) as { id: string; status: string };
  expect(answer.status, JSON.stringify(answer)).to.equal('completed');
  return answer.id;
}

/** A PATH on which the pinned Codex is `codex`. */
function pathWithCodex(): string {
  const codex = join(dirname(createRequire(import.meta.url).resolve('@openai/codex/package.json')), 'bin/codex.js');
  const folder = workFolder();
  writeFileSync(join(folder, 'codex'), `#!/bin/sh\nexec '${process.execPath}' '${codex}' "$@"\n`);
  chmodSync(join(folder, 'codex'), 0o755);
  return [folder, dirname(process.execPath), process.env['PATH'] ?? ''].join(delimiter);
}
