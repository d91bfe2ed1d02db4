import { chmodSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect } from 'chai';
import { parse } from 'smol-toml';
import { printRelayConfig } from '../../core/clients/codex-relay/relay-config.ts';
import { type RelayFlags, relaySettings } from '../../core/clients/codex-relay/relay-settings.ts';
import type { Settings } from '../../core/config/settings.ts';
import { GatewayError } from '../../core/contract/errors.ts';
import { resolvePlugins } from '../../core/pipeline/resolve-plugins.ts';
import { HOUR } from '../../core/store/limits.ts';
import { json, ScriptedProvider, says, sse } from '../support/scripted-provider.ts';
import { startGateway } from '../support/test-gateway.ts';

const LOCAL = 'http://127.0.0.1:1/v1';
const BUNDLED = {
  models: [
    { slug: 'gpt-one', priority: 5, visibility: 'list', base_instructions: 'One.', shell_type: 'unified_exec', tool_mode: 'code_mode_only' },
    { slug: 'gpt-two', priority: 1, visibility: 'list', base_instructions: 'Two.', shell_type: 'shell_command' },
    { slug: 'hidden', priority: 0, visibility: 'hide', base_instructions: 'Hidden.' },
    { slug: 'model-b', priority: 7, visibility: 'list', base_instructions: "Codex's own." },
  ],
};

describe('tapline relay', () => {
  let folder: string;
  beforeEach(() => {
    folder = realpathSync(mkdtempSync(join(tmpdir(), 'tapline-')));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));
  const read = (flags: RelayFlags = {}, variables: NodeJS.ProcessEnv = {}): Promise<Settings> => relaySettings(flags, folder, variables);
  const refused = async (flags: RelayFlags, variables?: NodeJS.ProcessEnv): Promise<string> => {
    const thrown: unknown = await read(flags, variables).catch((error: unknown) => error);
    expect(thrown).to.be.instanceOf(GatewayError).and.include({ code: 'config_invalid' });
    return (thrown as Error).message;
  };

  it('has the old defaults', async () => {
    const { port, host, preset, history, log, access, bodyLimit } = await read({}, { HOME: folder });
    expect(bodyLimit, 'it had none: whole sessions of images').to.equal(256 << 20);
    expect({ port, host, base: preset.endpoints.chat, key: preset.apiKey }).to.deep.equal({
      port: 4444,
      host: '127.0.0.1',
      base: 'https://openrouter.ai/api/v1',
      key: undefined,
    });
    expect(history).to.deep.include({ store: 'memory', limits: { entries: 256, bytes: 512 << 20, ttl: 168 * HOUR } });
    expect([log.level, access.apiKey]).to.deep.equal(['info', undefined]);
  });

  it('mends for every provider what it always mended, unless that is switched off', async () => {
    const names = async (flags: RelayFlags, variables: NodeJS.ProcessEnv = {}) => {
      const { preset, plugins, disable } = await read(flags, variables);
      const listed = resolvePlugins({ preset: preset.name, listed: preset.plugins, added: plugins, disable });
      return listed.map(({ name }) => name).filter((name) => ['dsml-calls', 'think-tags', 'rules'].includes(name));
    };
    expect(await names({ upstream: LOCAL })).to.have.members(['dsml-calls', 'think-tags', 'rules']);
    expect(await names({})).to.have.members(['dsml-calls', 'think-tags']);
    expect(await names({ upstream: 'https://api.deepseek.com/v1' })).to.have.members(['dsml-calls', 'think-tags']);
    expect(await names({}, { CODEX_RELAY_DISABLE_QUIRKS: 'dsml_heal,think_tags' })).to.deep.equal([]);
    expect(await names({ upstream: LOCAL }, { CODEX_RELAY_DISABLE_QUIRKS: 'dsml_heal,think_tags,glm_thinking' })).to.deep.equal([]);
  });

  it('takes everything from the environment alone', async () => {
    const settings = await read(
      {},
      {
        CODEX_RELAY_PORT: '0',
        CODEX_RELAY_BIND: '::1',
        CODEX_RELAY_UPSTREAM: `${LOCAL}/`,
        CODEX_RELAY_API_KEY: 'key-of-the-provider',
        CODEX_RELAY_MAX_SESSIONS: '7',
        CODEX_RELAY_MAX_SESSION_MEMORY_MB: '2',
        CODEX_RELAY_SESSION_TTL_HOURS: '3',
        CODEX_RELAY_HISTORY_STORE: 'disk',
        RUST_LOG: 'info,codex_relay=debug',
      },
    );
    const { port, host, preset, history, log, secrets } = settings;
    expect({ port, host, base: preset.endpoints.chat, key: preset.apiKey }).to.deep.equal({ port: 0, host: '::1', base: LOCAL, key: 'key-of-the-provider' });
    expect(history).to.deep.equal({ store: 'disk', dir: join(folder, '.codex-relay-history'), limits: { entries: 7, bytes: 2 << 20, ttl: 3 * HOUR } });
    expect([log.level, secrets.includes('key-of-the-provider')]).to.deep.equal(['debug', true]);
  });

  it('lets a flag win over the environment, and no other variable count', async () => {
    const { port, preset } = await read(
      { port: '5000', upstream: LOCAL },
      { CODEX_RELAY_PORT: '6000', PROXY_PORT: '7000', TAPLINE_UPSTREAM: 'http://127.0.0.1:2/v1', TAPLINE_UPSTREAM_KEY: 'not-this' },
    );
    expect([port, preset.endpoints.chat, preset.apiKey]).to.deep.equal([5000, LOCAL, undefined]);
  });

  it('chooses the preset by the host of the upstream', async () => {
    const names = ['https://api.z.ai/api/coding/paas/v4', 'https://open.bigmodel.cn/api/coding/paas/v4/', LOCAL].map(
      async (upstream) => (await read({ upstream })).preset.name,
    );
    expect(await Promise.all(names)).to.deep.equal(['zai', 'glm', 'openai-compatible']);
  });

  for (const upstream of ['ftp://example.com/v1', 'file:///etc/passwd', 'garbage', 'http://example.com/v1', 'https://user:secret@example.com/v1'])
    it(`refuses ${upstream} as an upstream`, async () => expect(await refused({ upstream })).to.match(/upstream/));
  it('asks another machine over http when told so', async () => {
    const { preset } = await read({ upstream: 'http://example.com/v1', allowHttpUpstream: true });
    expect(preset.endpoints.chat).to.equal('http://example.com/v1');
  });

  const wrong: [string, RelayFlags, NodeJS.ProcessEnv, RegExp][] = [
    ['a quirk', {}, { CODEX_RELAY_DISABLE_QUIRKS: 'think_tags,nonsense' }, /CODEX_RELAY_DISABLE_QUIRKS.*"nonsense".*dsml_heal, glm_thinking/],
    ['extra parameters that are no object', { upstreamExtraParams: '[1]' }, {}, /--upstream-extra-params: "\[1\]" is not an object/],
    ['parameters to drop that are no JSON', { dropUpstreamParams: 'seed' }, {}, /--drop-upstream-params: "seed" is not a list of names/],
    ['a hostile parameter', { upstreamExtraParams: '{"__proto__":{"a":1}}' }, {}, /must not name the field "__proto__"/],
    ['a number of sessions, by the name of its own flag', { maxSessions: 'many' }, {}, /^--max-sessions: "many"/],
    ['a bind that others can reach, without any key', { bind: '0.0.0.0', upstream: LOCAL }, {}, /TAPLINE_API_KEY/],
  ];
  for (const [what, flags, variables, message] of wrong)
    it(`refuses ${what}`, async () => expect(await refused({ upstream: LOCAL, ...flags }, variables)).to.match(message));

  describe('asks a provider', () => {
    const ask = async (model: string, flags: RelayFlags, variables: NodeJS.ProcessEnv = {}) => {
      const provider = await ScriptedProvider.start(says('<think>hm</think>Hello.'));
      const { preset, plugins, disable } = await read({ upstream: provider.base, ...flags }, variables);
      const gateway = await startGateway({ preset, plugins, disable });
      try {
        const tools = [{ type: 'function', name: 'shell', parameters: {} }];
        const body = { model, input: 'hi', stream: true, seed: 1, temperature: 1, reasoning: { effort: 'low' }, tools };
        const answer = await gateway.post(body).then((response) => response.text());
        return { sent: provider.asked[0]?.body, answer };
      } finally {
        await gateway.stop();
        await provider.stop();
      }
    };

    it('drops parameters before it merges others into the request', async () => {
      const { sent } = await ask('some-model', {
        dropUpstreamParams: '["stream_options","temperature"]',
        upstreamExtraParams: '{"temperature":0.5,"provider":{"only":["x"]}}',
      });
      expect(sent).to.deep.include({ model: 'some-model', temperature: 0.5, provider: { only: ['x'] } });
      expect(sent).not.to.have.any.keys('stream_options', 'thinking');
    });

    for (const model of ['glm-5', 'z-ai/GLM-4.6', 'zhipu/x'])
      it(`switches the thinking of ${model} on, and keeps the effort`, async () => {
        expect((await ask(model, {})).sent).to.deep.include({ thinking: { type: 'enabled' }, reasoning_effort: 'low' });
      });
    it('does not with glm_thinking switched off', async () => {
      expect((await ask('glm-5', {}, { CODEX_RELAY_DISABLE_QUIRKS: 'glm_thinking' })).sent).not.to.have.property('thinking');
    });

    it('takes thinking out of the text, unless think_tags is switched off', async () => {
      expect((await ask('m', {})).answer).not.to.include('<think>');
      expect((await ask('m', {}, { CODEX_RELAY_DISABLE_QUIRKS: ' think_tags , missing_done' })).answer).to.include('<think>');
    });

    it('names tools in its log at debug, as the client, the provider and the model have them, and never an argument', async () => {
      const call = { index: 0, id: 'call_1', function: { name: 'mcp__fs__read', arguments: '{"path":"/private/notes"}' } };
      const provider = await ScriptedProvider.start(
        sse({ choices: [{ delta: { tool_calls: [call] } }] }, { choices: [{ delta: {}, finish_reason: 'tool_calls' }] }, 'data: [DONE]\n\n'),
      );
      const gateway = await startGateway(await read({ upstream: provider.base }));
      try {
        const tools = [{ type: 'namespace', name: 'mcp__fs', description: '', tools: [{ type: 'function', name: 'read', parameters: {} }] }];
        await gateway.post({ model: 'm', input: 'hi', stream: true, tools: [...tools, { type: 'web_search' }] }).then((response) => response.text());
        const lines = gateway.lines.filter(({ level }) => level === 20).map(({ msg, tools, tool, namespace }) => [msg, tools ?? tool, namespace]);
        expect(lines).to.deep.equal([
          ['tools of the client', ['mcp__fs__read', 'web_search'], undefined],
          ['tools for the provider', ['mcp__fs__read'], undefined],
          ['call of the model', 'mcp__fs__read', undefined],
          ['call for the client', 'read', 'mcp__fs'],
        ]);
        expect(JSON.stringify(gateway.lines)).not.to.contain('private');
      } finally {
        await gateway.stop();
        await provider.stop();
      }
    });

    it('says in its log when it mends what a model leaks into its text', async () => {
      const leaked =
        '<｜DSML｜tool_calls><｜DSML｜invoke name="shell"><｜DSML｜parameter name="cmd" string="true">ls</｜DSML｜parameter></｜DSML｜invoke></｜DSML｜tool_calls>';
      const provider = await ScriptedProvider.start(says(leaked));
      const gateway = await startGateway(await read({ upstream: provider.base }));
      try {
        const tools = [{ type: 'function', name: 'shell', parameters: {} }];
        const answer = await gateway.post({ model: 'm', input: 'hi', tools }).then((response) => response.json());
        expect((answer as { output: object[] }).output[0]).to.include({ type: 'function_call', name: 'shell', arguments: '{"cmd":"ls"}' });
        expect(gateway.lines.find(({ plugin }) => plugin === 'dsml-calls'))
          .to.have.property('msg')
          .that.matches(/^dsml-calls: /);
      } finally {
        await gateway.stop();
        await provider.stop();
      }
    });

    it('maps models by pairs with a colon, and keeps denied tools from the model', async () => {
      const { sent } = await ask('gpt-5', { modelMap: 'gpt-5:deepseek/v4:free,o3:other' }, { CODEX_RELAY_TOOL_DENYLIST: 'other, shell' });
      expect(sent).to.include({ model: 'deepseek/v4:free' }).and.not.to.have.property('tools');
    });
  });

  describe('--print-config', () => {
    const print = async (flags: RelayFlags, wanted = {}, codex?: string) => {
      const provider = await ScriptedProvider.start(json(200, { data: [{ id: 'model-a', context_length: 64_000 }, { id: 'model-b' }, { id: 'a/"quoted"' }] }));
      if (codex !== undefined) writeFileSync(join(folder, 'codex'), `#!/bin/sh\n${codex}\n`);
      if (codex !== undefined) chmodSync(join(folder, 'codex'), 0o755);
      const variables = { PATH: codex === undefined ? folder : `${folder}:/bin:/usr/bin:${dirname(process.execPath)}` };
      let [stdout, stderr] = ['', ''];
      try {
        const settings = await read({ upstream: provider.base, ...flags });
        await printRelayConfig(settings, wanted, {
          folder,
          variables,
          stdout: (text) => {
            stdout += text;
          },
          stderr: (text) => {
            stderr += text;
          },
        });
      } finally {
        await provider.stop();
      }
      return { stdout, stderr, config: parse(stdout) };
    };
    const bundled = `[ "$*" = "debug models --bundled" ] && cat <<'END'\n${JSON.stringify(BUNDLED)}\nEND`;
    const modelsIn = (file: string) => (JSON.parse(readFileSync(join(folder, file), 'utf8')) as { models: Record<string, unknown>[] }).models;

    it('prints the address of the gateway, and no key where none is needed', async () => {
      const { config, stderr } = await print({ port: '4446', apiKey: 'key-of-the-provider' });
      expect(config).to.deep.equal({
        model: 'model-a',
        model_provider: 'tapline',
        model_providers: { tapline: { name: 'Tapline', base_url: 'http://127.0.0.1:4446/v1', wire_api: 'responses' } },
      });
      expect(stderr).to.match(/--model-catalog/);
    });

    it('names the variable of the key that clients must show', async () => {
      const { config } = await print({ bind: '0.0.0.0', apiKey: 'key-of-the-provider' });
      expect(config).to.have.nested.property('model_providers.tapline.env_key', 'TAPLINE_API_KEY');
    });

    it("writes the provider's models beside Codex's own, each name once, in the form of the first one offered", async () => {
      const { config, stderr } = await print({}, { catalog: 'models.json' }, bundled);
      expect(config).to.include({ model_catalog_json: join(folder, 'models.json') });
      const models = modelsIn('models.json');
      expect(models.map(({ slug }) => slug)).to.deep.equal(['gpt-one', 'gpt-two', 'hidden', 'model-a', 'model-b', 'a/"quoted"']);
      expect(models[3]).to.deep.include({ base_instructions: 'Two.', shell_type: 'shell_command', context_window: 64_000, visibility: 'list' });
      expect(models[4]).to.deep.include({ base_instructions: 'Two.', tool_mode: null });
      expect(stderr).to.equal('');
    });

    it('takes the template that is named, and refuses one that Codex does not have', async () => {
      await print({}, { catalog: 'models.json', template: 'gpt-one' }, bundled);
      expect(modelsIn('models.json')[3]).to.deep.include({ base_instructions: 'One.', tool_mode: null });
      const thrown = await print({}, { catalog: 'other.json', template: 'gpt-zero' }, bundled).catch(String);
      expect(thrown).to.match(/no model "gpt-zero"; it has gpt-one, gpt-two/);
    });

    it("writes the provider's models alone where there is no Codex, and says so", async () => {
      const { stderr } = await print({}, { catalog: 'models.json' });
      expect(stderr).to.match(/no "codex" on the PATH/);
      expect(modelsIn('models.json').map(({ slug }) => slug)).to.deep.equal(['model-a', 'model-b', 'a/"quoted"']);
      expect(await print({}, { catalog: 'models.json', template: 'gpt-one' }).catch(String)).to.match(
        /--model-template "gpt-one": Codex did not list its models/,
      );
    });

    it('says what an old Codex answers, and leaves a file alone that is no catalogue', async () => {
      const { stderr } = await print({}, { catalog: 'models.json' }, 'echo "error: unrecognized subcommand \'models\'" >&2; exit 2');
      expect(stderr).to.match(/unrecognized subcommand/);
      writeFileSync(join(folder, 'mine.json'), '{"mine":1}');
      expect(await print({}, { catalog: 'mine.json' }).catch(String)).to.match(/is not a catalogue of models/);
    });

    it('refuses port 0', async () => expect(await print({ port: '0' }).catch(String)).to.match(/a fixed port/));
  });
});
