import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
// biome-ignore lint/suspicious/noTsIgnore: the client is there once run.ts has installed it, and "npm test" checks types before
// @ts-ignore
import OpenAI from 'openai';
import { mistralLike, startAccent } from '../support/accent-provider.ts';
import { workFolder } from '../support/folders.ts';
import { MESSAGES_KEY, MessagesProvider } from '../support/messages-provider.ts';
import { REPOSITORY, type RunningGateway, runGateway } from '../support/run-gateway.ts';
import { json, type Reply, ScriptedProvider, says } from '../support/scripted-provider.ts';
import { runClaude } from './support/run-claude.ts';
import { runCodex } from './support/run-codex.ts';
import { ZAI_KEY, ZaiProvider } from './support/zai-provider.ts';

const HOUSE_KEY = 'key-of-the-probe-0123456789';

/** A config in TypeScript, as a user writes one; only the folder of Tapline is another. */
function config(presets: string, more = ''): string {
  const from = (file: string) => JSON.stringify(`file://${join(REPOSITORY, file)}`);
  return `import { defineConfig } from ${from('core/config/define-config.ts')};
import { clientKey } from ${from('plugins/client-key.ts')};
import { modelMap } from ${from('plugins/model-map.ts')};
import { anthropic } from ${from('presets/anthropic.ts')};
import { mistral } from ${from('presets/mistral.ts')};
import { openaiCompatible } from ${from('presets/openai-compatible.ts')};
import { zai } from ${from('presets/zai.ts')};

export default defineConfig({ presets: [${presets}], ${more} });
`;
}

const codexOf = ({ url }: RunningGateway, model: string, more = ''): string => `model = "${model}"
model_provider = "tapline"

[model_providers.tapline]
name = "Tapline"
base_url = "${url}/v1"
wire_api = "responses"
${more}`;
const sdkOf = ({ url }: RunningGateway, apiKey = 'not-needed-here') => new OpenAI({ baseURL: `${url}/v1`, apiKey, maxRetries: 0 });

describe('three clients on three providers through one gateway', () => {
  let zai: ZaiProvider;
  let anthropic: MessagesProvider;
  let mistral: ScriptedProvider;
  let gateway: RunningGateway;
  before(async () => {
    zai = await ZaiProvider.start();
    anthropic = await MessagesProvider.start();
    mistral = await startAccent(mistralLike);
    const presets = [
      'zai()',
      `anthropic({ endpoints: { messages: '${anthropic.base}' }, apiKey: '${MESSAGES_KEY}' })`,
      `mistral({ endpoints: { chat: '${mistral.base}' }, apiKey: '${HOUSE_KEY}' })`,
    ];
    const routes = `routes: [{ model: 'claude-*', preset: 'anthropic' }, { model: 'small', preset: 'mistral', as: 'm' }]`;
    const folder = workFolder({ 'proxy.config.ts': config(presets.join(', '), `${routes}, disable: ['zai/tool-stream']`) });
    gateway = await runGateway([], { folder, environment: zai.environment });
  });
  after(async () => {
    expect(await gateway.stop()).to.equal(0);
    for (const provider of [zai, anthropic, mistral]) await provider.stop();
  });

  it('lets Codex, Claude Code and the SDK work at the same time', async () => {
    zai.script({ reasoning: 'A file.', calls: [{ name: 'exec_command', arguments: { cmd: 'printf codex > codex.txt' } }] }, { text: 'Codex is done.' });
    anthropic.script(
      { thinking: 'A file.', calls: [{ name: 'Bash', input: { command: 'printf claude > claude.txt', description: 'Writes.' } }] },
      { text: 'Claude is done.' },
    );
    const folder = workFolder();
    const [codex, claude, call] = await Promise.all([
      runCodex('Write the file', { config: codexOf(gateway, 'glm-5.3'), folder }),
      runClaude('Write the file', { url: gateway.url, folder }),
      sdkOf(gateway).responses.create({
        model: 'small',
        input: 'Note the color with the tool',
        tools: [{ type: 'function', name: 'note', parameters: { type: 'object', properties: { value: { type: 'string' } } }, strict: false }],
        tool_choice: 'required',
      }),
    ]);
    expect([codex.stdout.trim(), codex.exitCode], codex.stderr).to.deep.equal(['Codex is done.', 0]);
    expect([claude.stdout.trim(), claude.exitCode], claude.stderr).to.deep.equal(['Claude is done.', 0]);
    expect(call.output.find(({ type }: { type: string }) => type === 'function_call')).to.include({ name: 'note', arguments: '{"value":"blue"}' });
    expect(readdirSync(folder).sort()).to.deep.equal(['claude.txt', 'codex.txt']);
    expect(readFileSync(join(folder, 'codex.txt'), 'utf8') + readFileSync(join(folder, 'claude.txt'), 'utf8')).to.equal('codexclaude');
    expect([...zai.refused, ...anthropic.refused]).to.deep.equal([]);
    expect([zai.asked.length, anthropic.asked.length, mistral.asked.length]).to.deep.equal([2, 2, 1]);
    expect(mistral.asked[0]?.body).to.include({ model: 'm', tool_choice: 'any' });
    const lanes = gateway.child.stderr.match(/"lane":"\w+"/g) ?? [];
    expect([...new Set(lanes)].sort(), gateway.child.stderr).to.deep.equal(['"lane":"native"', '"lane":"translated"']);
  });

  it('asks each provider with its own key, and tells none of another', async () => {
    mistral.asked.length = 0;
    await sdkOf(gateway).responses.create({ model: 'mistral/m', input: 'hi' });
    expect(mistral.asked.map(({ headers, body }) => [headers.authorization, body.model])).to.deep.equal([[`Bearer ${HOUSE_KEY}`, 'm']]);
    expect(mistral.asked[0]?.raw).not.to.include(ZAI_KEY);
  });

  it('lists the models of all', async () => {
    const ids: string[] = [];
    for await (const { id } of sdkOf(gateway).models.list()) ids.push(id);
    expect(ids).to.deep.equal(['glm-5.3', 'anthropic/claude-sonnet-5', 'mistral/m', 'mistral/n']);
  });

  it('lacks a disabled plugin in the one preset only', async () => {
    zai.script({ calls: [{ name: 'weather', arguments: {} }] });
    const tools = [{ type: 'function' as const, name: 'weather', parameters: { type: 'object', properties: {} }, strict: false }];
    await sdkOf(gateway).responses.create({ model: 'glm-5.3', input: 'hi', tools, stream: true });
    expect(zai.asked[0]).not.to.have.property('tool_stream');
    expect(gateway.child.stdout).to.match(/plugins {2}(?!.*tool-stream).*error-sanitizer/);
  });

  it('refuses to start where a plugin is disabled that none of them has', async () => {
    const folder = workFolder({ 'proxy.config.ts': config('zai(), mistral()', `disable: ['mistral/tool-stream']`) });
    const refused = await runGateway([], { folder, environment: { ...zai.environment, MISTRAL_API_KEY: HOUSE_KEY } }).catch((thrown: Error) => thrown.message);
    expect(refused).to.include('there is no plugin "tool-stream"');
  });
});

describe('clients that show their own key', () => {
  const KEYS = ['key-of-ann-0123456789', 'key-of-bob-0123456789'] as const;
  let chat: ScriptedProvider;
  let messages: MessagesProvider;
  let gateway: RunningGateway;
  before(async () => {
    const answer: Reply = (response, asked) => (asked.method === 'GET' ? json(404, {}) : says(`For ${asked.headers.authorization}.`))(response, asked);
    chat = await ScriptedProvider.start(answer);
    messages = await MessagesProvider.start();
    const presets = [`openaiCompatible({ name: 'house', endpoints: { chat: '${chat.base}' } })`, `anthropic({ endpoints: { messages: '${messages.base}' } })`];
    const more = `plugins: [clientKey()], routes: [{ model: 'claude-*', preset: 'anthropic' }]`;
    gateway = await runGateway([], { folder: workFolder({ 'proxy.config.ts': config(presets.join(', '), more) }) });
  });
  after(async () => {
    expect(await gateway.stop()).to.equal(0);
    await chat.stop();
    await messages.stop();
  });

  it('reach the provider with it, each with its own', async () => {
    const [ann, bob] = KEYS;
    const [codex, answer] = await Promise.all([
      runCodex('Say hello', { config: codexOf(gateway, 'm', `experimental_bearer_token = "${ann}"\n`) }),
      sdkOf(gateway, bob).chat.completions.create({ model: 'm', messages: [{ role: 'user', content: 'hi' }], stream: true }),
    ]);
    let text = '';
    for await (const { choices } of answer) text += choices[0]?.delta.content ?? '';
    expect(codex.stdout.trim(), codex.stderr).to.equal(`For Bearer ${ann}.`);
    expect(text).to.equal(`For Bearer ${bob}.`);
  });

  it('reach a provider of another dialect with it, in the header that it wants', async () => {
    messages.script({ text: 'All done.' });
    const { stdout, exitCode } = await runClaude('Say hello', { url: gateway.url, environment: { ANTHROPIC_AUTH_TOKEN: MESSAGES_KEY } });
    expect([stdout, exitCode]).to.deep.equal(['All done.\n', 0]);
    const wrong = await runClaude('Say hello', { url: gateway.url, environment: { ANTHROPIC_AUTH_TOKEN: KEYS[0] }, timeout: 15_000 });
    expect(wrong.exitCode).to.equal(1);
    expect(wrong.stdout).to.match(/Failed to authenticate/);
  });

  it('are told 401 where they show none, and Claude Code 403, and the provider is not asked', async () => {
    const before = chat.asked.length;
    const ask = (path: string, headers: Record<string, string>) =>
      fetch(gateway.url + path, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...headers },
        body: JSON.stringify({ model: 'm', max_tokens: 9, input: 'hi', messages: [{ role: 'user', content: 'hi' }] }),
      });
    for (const path of ['/v1/responses', '/v1/chat/completions', '/v1/messages']) {
      const { status } = await ask(path, {});
      expect([path, status]).to.deep.equal([path, 401]);
    }
    expect((await ask('/v1/messages', { 'user-agent': 'claude-cli/2.1.4 (external, cli)' })).status).to.equal(403);
    expect(chat.asked).to.have.length(before);
    expect(gateway.child.stdout + gateway.child.stderr).not.to.match(/key-of-(ann|bob)/);
  });
});
