import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { readSettings } from '../../core/config/settings.ts';
import type { Plugin } from '../../core/contract/plugin.ts';
import type { Preset } from '../../core/contract/preset.ts';
import { openaiCompatible } from '../../presets/openai-compatible.ts';
import { json, ScriptedProvider, says } from '../support/scripted-provider.ts';
import { startGateway, type TestGateway } from '../support/test-gateway.ts';

const preset = (name: string, { base }: ScriptedProvider, more: Partial<Preset> = {}) =>
  openaiCompatible({ name, endpoints: { chat: base }, apiKey: `key-of-${name}-0123456789`, ...more });

describe('several presets in one gateway', () => {
  let one: ScriptedProvider;
  let two: ScriptedProvider;
  let gateway: TestGateway;
  const start = async (options: Partial<Parameters<typeof startGateway>[0]> = {}) => {
    gateway = await startGateway({ preset: [preset('one', one), preset('two', two)], ...options });
  };
  const ask = async (model: string, path = '/v1/responses') => {
    const body = path === '/v1/responses' ? { model, input: 'hi', stream: true } : { model, messages: [{ role: 'user', content: 'hi' }], stream: true };
    const response = await gateway.post(body, {}, path);
    return { status: response.status, text: await response.text() };
  };
  beforeEach(async () => {
    one = await ScriptedProvider.start(says('one'));
    two = await ScriptedProvider.start(says('two'));
  });
  afterEach(async () => {
    await gateway?.stop();
    await one.stop();
    await two.stop();
  });

  it('ask the first unless the model begins with the name of another', async () => {
    await start();
    await ask('m');
    await ask('two/m');
    await ask('vendor/m');
    await ask('one/vendor/m');
    expect(one.asked.map(({ body }) => body.model)).to.deep.equal(['m', 'vendor/m', 'vendor/m']);
    expect(two.asked.map(({ body }) => body.model)).to.deep.equal(['m']);
  });

  it('show each provider its own key', async () => {
    await start();
    await ask('m');
    await ask('two/m');
    expect(one.asked[0]?.headers.authorization).to.equal('Bearer key-of-one-0123456789');
    expect(two.asked[0]?.headers.authorization).to.equal('Bearer key-of-two-0123456789');
  });

  it('answer with the name that was asked for', async () => {
    await start();
    expect((await ask('two/m')).text)
      .to.include('"model":"two/m"')
      .and.not.include('"model":"m"');
  });

  it('follow the routes first, the first that matches', async () => {
    await start({
      routes: [
        { model: 'claude-*', preset: 'two', as: 'big' },
        { model: 'claude-small', preset: 'one' },
        { model: 'two/x', preset: 'one' },
      ],
    });
    await ask('claude-small');
    await ask('two/x');
    expect(two.asked.map(({ body }) => body.model)).to.deep.equal(['big']);
    expect(one.asked.map(({ body }) => body.model)).to.deep.equal(['two/x']);
  });

  it('let a plugin choose another', async () => {
    const chooser: Plugin = {
      name: 'chooser',
      route(exchange) {
        if (exchange.model === 'm') exchange.choosePreset('two');
      },
    };
    await start({ plugins: chooser });
    await ask('m');
    expect(two.asked.map(({ body }) => body.model)).to.deep.equal(['m']);
    expect(two.asked[0]?.headers.authorization).to.equal('Bearer key-of-two-0123456789');
  });

  it('take the lane of each: native here, translated there', async () => {
    two.script(json(200, {}));
    await start({ preset: [preset('one', one), preset('two', two, { endpoints: { messages: two.base } })] });
    await ask('m', '/v1/chat/completions');
    await ask('two/m', '/v1/chat/completions');
    expect(one.asked[0]?.path).to.equal('/v1/chat/completions');
    expect(two.asked[0]?.path).to.equal('/v1/messages');
    expect(gateway.lines.flatMap(({ lane }) => lane ?? [])).to.deep.equal(['native', 'translated']);
  });

  it('list the models of all', async () => {
    one.script(json(200, { data: [{ id: 'a' }] }));
    two.script(json(200, { data: [{ id: 'vendor/b' }] }));
    await start();
    const { data } = (await (await fetch(`${gateway.url}/v1/models`)).json()) as { data: { id: string }[] };
    expect(data.map(({ id }) => id)).to.deep.equal(['a', 'two/vendor/b']);
  });

  it('lose a plugin each by its own name', async () => {
    await start({ disable: ['two/history', 'model-map'] });
    const [first, second] = gateway.gateway.providers.map(({ plugins }) => plugins.map(({ name }) => name));
    expect(first).to.include('history').and.not.include('model-map');
    expect(second).not.to.include.members(['history']).and.not.include('model-map');
  });

  it('ask for a model that their list does not know as it is, and say so once', async () => {
    await start({ preset: preset('one', one, { models: [{ id: 'known' }] }) });
    for (const model of ['known', 'other', 'other', '__proto__']) expect((await ask(model)).status).to.equal(200);
    expect(one.asked.map(({ body }) => body.model)).to.deep.equal(['known', 'other', 'other', '__proto__']);
    const logged = gateway.lines.filter(({ msg }) => String(msg).includes('does not know this model'));
    expect(logged.map(({ level, model }) => [level, model])).to.deep.equal([
      [40, 'other'],
      [40, '__proto__'],
    ]);
  });

  it('keep no key of any in what a client is told', async () => {
    two.script(json(400, { error: { message: 'no key-of-one-0123456789 and no key-of-two-0123456789 here' } }));
    await start();
    expect((await ask('two/m')).text).not.to.match(/key-of-(one|two)/);
  });

  for (const [what, options, message] of [
    ['a route to nobody', { routes: [{ model: '*', preset: 'three' }] }, 'there is no preset "three"; there are one, two'],
    ['an unknown plugin', { disable: ['nonsense'] }, 'there is no plugin "nonsense"'],
    ['an unknown plugin of one', { disable: ['two/nonsense'] }, 'there is no plugin "nonsense"'],
  ] as const)
    it(`refuse ${what} at the start`, async () => {
      const refused = await start(options as never).then(
        () => undefined,
        (thrown: unknown) => thrown,
      );
      expect(refused).to.be.instanceOf(Error).with.property('message').that.includes(message);
    });

  it('refuse two of one name', async () => {
    const refused = await start({ preset: [preset('one', one), preset('one', two)] }).then(
      () => undefined,
      (thrown: unknown) => thrown,
    );
    expect(refused).to.be.instanceOf(Error).with.property('message').that.includes('"one" is listed twice');
  });
});

describe('several presets in the settings', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'tapline-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));
  const read = (config: object, flags: object = {}, variables: Record<string, string> = {}) => {
    writeFileSync(join(folder, 'proxy.config.json'), JSON.stringify(config));
    return readSettings(flags, folder, variables);
  };
  const refusal = (...given: Parameters<typeof read>) =>
    read(...given).then(
      () => 'it was taken',
      (thrown: Error) => thrown.message,
    );
  const BOTH = { presets: ['zai', ['glm', {}]] };

  it('are those of the config, or of --preset, each with its own key', async () => {
    const keys = { ZAI_API_KEY: 'z', GLM_API_KEY: 'g' };
    for (const settings of [await read(BOTH, {}, keys), await read({}, { preset: 'zai,glm' }, keys)])
      expect(settings.presets.map(({ name, apiKey }) => [name, apiKey])).to.deep.equal([
        ['zai', 'z'],
        ['glm', 'g'],
      ]);
  });

  it('leave out the one without its key, and say so', async () => {
    const { presets, notes } = await read(BOTH, {}, { GLM_API_KEY: 'g' });
    expect(presets.map(({ name }) => name)).to.deep.equal(['glm']);
    expect(notes).to.include('preset "zai" is skipped: it has no key; set ZAI_API_KEY');
  });

  it('name all variables when none has a key', async () => {
    expect(await refusal(BOTH)).to.include('set one of ZAI_API_KEY, GLM_API_KEY');
  });

  it('refuse the flags that concern one, and ignore the variables, saying so', async () => {
    const keys = { ZAI_API_KEY: 'z', GLM_API_KEY: 'g' };
    expect(await refusal(BOTH, { upstream: 'https://x.example/v1' }, keys)).to.include('--upstream: there are several presets; set "endpoints"');
    expect(await refusal(BOTH, { upstreamKey: 'k' }, keys)).to.include('--upstream-key');
    const { presets, notes } = await read(BOTH, {}, { ...keys, TAPLINE_UPSTREAM_KEY: 'other' });
    expect(presets.map(({ apiKey }) => apiKey)).to.deep.equal(['z', 'g']);
    expect(notes).to.include('TAPLINE_UPSTREAM_KEY is ignored: there are several presets');
  });

  it('need no keys where clients bring them, and then clients can show no other', async () => {
    const config = { ...BOTH, plugins: ['client-key'] };
    expect((await read(config)).presets).to.have.length(2);
    expect(await refusal(config, { apiKey: 'key-of-the-clients' })).to.include('plugin "client-key"');
    expect(await refusal(config, { host: '0.0.0.0' })).to.include('plugin "client-key"');
  });

  it('are not set beside a single one', async () => {
    expect(await refusal({ preset: 'demo', presets: ['demo'] })).to.include('only one of the two');
  });
});
