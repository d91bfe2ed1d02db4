import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect } from 'chai';
import { type Flags, readSettings, type Settings } from '../../core/config/settings.ts';
import { resolvePlugins } from '../../core/pipeline/resolve-plugins.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tapline-config-'));
});
afterEach(() => rm(folder, { recursive: true }));

async function write(files: Record<string, string>): Promise<void> {
  for (const [name, text] of Object.entries(files)) {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await writeFile(join(folder, name), text);
  }
}
const read = (flags: Flags = {}, variables: NodeJS.ProcessEnv = {}): Promise<Settings> => readSettings(flags, folder, variables);
async function refusal(flags: Flags = {}, variables: NodeJS.ProcessEnv = {}): Promise<string> {
  return read(flags, variables).then(
    () => 'accepted',
    (thrown: Error) => thrown.message,
  );
}
const zaiKey = { ZAI_API_KEY: 'key-of-the-environment' };

describe('the config file', () => {
  it('is found as TypeScript, JavaScript, JSON and YAML', async () => {
    for (const [name, text] of [
      ['proxy.config.ts', "const preset: string = 'demo'; export default { preset, listen: { port: 1234 } };"],
      ['proxy.config.mjs', "export default { preset: 'demo', listen: { port: 1234 } };"],
      ['proxy.config.json', '{"preset":"demo","listen":{"port":1234}}'],
      ['proxy.config.yaml', 'preset: demo\nlisten: { port: 1234 }'],
    ] as const) {
      await write({ [name]: text });
      const settings = await read();
      expect([settings.port, settings.preset.name, settings.configFile]).to.deep.equal([1234, 'demo', join(folder, name)]);
      await rm(join(folder, name));
    }
  });

  it('names plugins and their options in JSON', async () => {
    await write({ 'proxy.config.json': '{"preset":"demo","plugins":[["model-map",{"models":{"a":"b"}}],"drop-params"]}' });
    const { preset, plugins } = await read();
    const names = resolvePlugins({ preset: preset.name, listed: preset.plugins, added: plugins }).map(({ name }) => name);
    expect(names.slice(-2)).to.deep.equal(['drop-params', 'error-sanitizer']);
    expect(names.filter((name) => name === 'model-map')).to.have.length(1);
  });

  it('loses to the environment, which loses to a flag', async () => {
    await write({ 'proxy.config.json': '{"preset":"demo","listen":{"port":1},"log":{"level":"error"}}' });
    expect((await read({}, { PROXY_PORT: '2' })).port).to.equal(2);
    expect((await read({ port: '3' }, { PROXY_PORT: '2' })).port).to.equal(3);
    expect((await read({}, { LOG_LEVEL: 'WARNING' })).log.level).to.equal('warn');
  });

  for (const [what, text, said] of [
    ['an unknown field', '{"preset":"demo","lsten":{}}', ['lsten', 'allowed fields are listen, preset, presets']],
    ['a wrong type', '{"preset":"demo","listen":{"port":"x"}}', ['listen.port']],
    ['a broken file', '{', ['cannot be read']],
    ["another tool's file", '{"target":"http://localhost","pathRewrite":{}}', ['this is no config of Tapline']],
    ['an unknown preset', '{"preset":"nobody"}', ['there is no preset "nobody"; there are ']],
    ['an unknown plugin', '{"preset":"demo","plugins":["nonsense"]}', ['there is no plugin "nonsense"']],
    ['wrong options', '{"preset":"demo","plugins":[["model-map",{"modells":{}}]]}', ['options of "model-map"', 'modells']],
  ] as const) {
    it(`is refused with one message for ${what}`, async () => {
      await write({ 'proxy.config.json': text });
      const message = await refusal();
      for (const part of said) expect(message).to.contain(part);
    });
  }

  it('names the file that is not there, or has another ending', async () => {
    expect(await refusal({ config: 'nowhere.ts' })).to.contain('nowhere.ts: there is no such file');
    await write({ 'config.toml': '' });
    expect(await refusal({ config: 'config.toml' })).to.contain('ends in .ts');
  });

  it("never runs somebody else's .config/config.js, whichever way it looks for its own", async () => {
    await write({
      '.config/config.js': `globalThis.hostile = true; module.exports = { searchPlaces: ['evil.js'] };`,
      'proxy.config.json': '{"preset":"demo"}',
    });
    const before = process.cwd();
    process.chdir(folder);
    try {
      for (const config of [undefined, 'proxy.config.json', false] as const) await read({ config });
    } finally {
      process.chdir(before);
    }
    expect(globalThis).to.not.have.property('hostile');
  });
});

describe('.env', () => {
  it('gives keys and bases of presets, never replaces what is set, and sets nothing else', async () => {
    await write({ '.env': 'ZAI_API_KEY=from-the-file\nNODE_OPTIONS=--inspect\nPATH=/evil\nPROXY_PORT=77' });
    const variables: NodeJS.ProcessEnv = { PROXY_PORT: '78' };
    const settings = await read({ preset: 'zai' }, variables);
    expect([settings.preset.apiKey, settings.port]).to.deep.equal(['from-the-file', 78]);
    expect(Object.keys(variables).sort()).to.deep.equal(['PROXY_PORT', 'ZAI_API_KEY']);
  });

  it("cannot send the environment's key to a place of its own, and that is said", async () => {
    await write({ '.env': 'ZAI_BASE_URL=https://evil.example/v1' });
    const { preset, notes } = await read({ preset: 'zai' }, { ...zaiKey });
    expect(preset.endpoints.chat).to.equal('https://api.z.ai/api/coding/paas/v4');
    expect(notes.join()).to.contain('ZAI_BASE_URL of .env is ignored');
  });

  it('may name a base together with its key, or where no key is sent', async () => {
    await write({ '.env': 'ZAI_BASE_URL=https://other.example/v1\nZAI_API_KEY=from-the-file' });
    expect((await read({ preset: 'zai' })).preset.endpoints.chat).to.equal('https://other.example/v1');
    await write({ '.env': 'TAPLINE_UPSTREAM=http://127.0.0.1:8080/v1' });
    expect((await read({ preset: 'openai-compatible' })).preset.endpoints.chat).to.equal('http://127.0.0.1:8080/v1');
  });

  it('is not read with --no-config, and with --config it is the one beside the file', async () => {
    await write({ '.env': 'ZAI_API_KEY=wrong', 'sub/.env': 'ZAI_API_KEY=right', 'sub/mine.json': '{"preset":"zai"}' });
    expect(await refusal({ config: false, preset: 'zai' })).to.contain('set ZAI_API_KEY');
    expect((await read({ config: 'sub/mine.json' })).preset.apiKey).to.equal('right');
  });
});

describe('settings', () => {
  it('take the key from the flag, then TAPLINE_UPSTREAM_KEY, then the preset, then its variables', async () => {
    const all = { TAPLINE_UPSTREAM_KEY: 'second', ...zaiKey };
    expect((await read({ preset: 'zai', upstreamKey: 'first' }, { ...all })).preset.apiKey).to.equal('first');
    expect((await read({ preset: 'zai' }, { ...all })).preset.apiKey).to.equal('second');
    await write({ 'proxy.config.json': '{"preset":["zai",{"apiKey":"third"}]}' });
    expect((await read({}, { ...zaiKey })).preset.apiKey).to.equal('third');
    await rm(join(folder, 'proxy.config.json'));
    expect((await read({ preset: 'zai' }, { ...zaiKey })).preset.apiKey).to.equal('key-of-the-environment');
  });

  it('name the variable of a key that is missing', async () =>
    expect(await refusal({ preset: 'zai' })).to.contain('needs a key: set ZAI_API_KEY, or TAPLINE_UPSTREAM_KEY'));

  for (const [upstream, said] of [
    ['ftp://127.0.0.1/v1', 'is not an http or https URL'],
    ['nonsense', 'is not an http or https URL'],
    ['http://user:secret@127.0.0.1/v1', 'must not hold a user name or password'],
    ['http://127.0.0.1/v1?key=K', 'must not hold a query'],
    ['http://127.0.0.1/v1#key=K', 'must not hold a fragment'],
    ['http://provider.example/v1', 'the key would travel unencrypted'],
  ] as const) {
    it(`refuse the upstream ${upstream}`, async () => {
      const message = await refusal({ preset: 'openai-compatible', upstream, upstreamKey: 'key-to-send' });
      expect(message).to.contain(said);
      expect(message).to.not.contain('secret');
    });
  }

  it('allow http to this machine, without a key, or when it is asked for', async () => {
    const flags = { preset: 'openai-compatible', upstream: 'http://provider.example/v1/' };
    expect((await read(flags)).preset.endpoints.chat).to.equal('http://provider.example/v1');
    expect(await refusal({ ...flags, upstreamKey: 'k', allowHttpUpstream: true })).to.equal('accepted');
    expect(await refusal({ ...flags, upstreamKey: 'k', upstream: 'http://localhost:1/v1' })).to.equal('accepted');
  });

  for (const [path, dialect] of [
    ['chat/completions', 'chat'],
    ['responses/', 'responses'],
    ['/messages', 'messages'],
  ]) {
    it(`cut an upstream that ends in ${path} to its base, and say so`, async () => {
      const settings = await read({ preset: 'openai-compatible', upstream: `https://x.example/v1/${path}` });
      expect(settings.preset.endpoints).to.deep.equal({ [dialect as string]: 'https://x.example/v1' });
      expect(settings.notes.join()).to.match(/is the address of an endpoint; its base https:\/\/x\.example\/v1 is used/);
    });
  }

  it('replace all endpoints by --upstream, in the dialect that is named', async () => {
    const { preset } = await read({ preset: 'zai', upstream: 'https://x.example/v1', upstreamDialect: 'messages' }, { ...zaiKey });
    expect(preset.endpoints).to.deep.equal({ messages: 'https://x.example/v1' });
    expect(await refusal({ preset: 'zai', upstream: 'https://x.example', upstreamDialect: 'morse' }, { ...zaiKey })).to.contain(
      'not one of chat, responses, messages',
    );
  });

  it('ask for a client key on any address but loopback, and fall back to the provider key, saying so', async () => {
    expect(await refusal({ preset: 'demo', host: '0.0.0.0' })).to.contain('set a key for clients with TAPLINE_API_KEY');
    const own = await read({ preset: 'zai', host: '0.0.0.0' }, { ...zaiKey });
    expect([own.access.apiKey, own.access.loopback]).to.deep.equal(['key-of-the-environment', false]);
    expect(own.notes.join()).to.contain("the provider's own key");
    expect((await read({ preset: 'demo', apiKey: 'short' })).notes.join()).to.contain('shorter than 16');
  });

  it('read model pairs with either sign, split at the first', async () => {
    const { plugins } = await read({ preset: 'demo', modelMap: 'gpt-5=a:b,o3:c' });
    const [modelMap] = resolvePlugins({ preset: 'demo', listed: plugins });
    const exchange = { model: 'gpt-5' };
    modelMap?.route?.(exchange as never);
    expect(exchange.model).to.equal('a:b');
    expect(await refusal({ preset: 'demo', modelMap: 'nonsense' })).to.contain('is not a pair');
  });

  it('refuse what is no port, no size and no level', async () => {
    expect(await refusal({ preset: 'demo', port: '70000' })).to.contain('--port: "70000"');
    expect(await refusal({ preset: 'demo', bodyLimit: 'much' })).to.contain('--body-limit: "much"');
    expect(await refusal({ preset: 'demo', logLevel: 'loud' })).to.contain('trace, debug, info, warn, error, silent');
    expect((await read({ preset: 'demo', bodyLimit: '2m' })).bodyLimit).to.equal(2 << 20);
  });
});
