import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { expect } from 'chai';
import { workFolder } from '../support/folders.ts';
import { REPOSITORY, type RunningGateway, runGateway, runTapline } from '../support/run-gateway.ts';
import { ScriptedProvider, says } from '../support/scripted-provider.ts';
import { ZaiProvider } from './support/zai-provider.ts';

const ask = (gateway: RunningGateway, headers: Record<string, string> = {}, model = 'glm-5.3'): Promise<Response> =>
  fetch(`${gateway.url}/v1/responses`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify({ model, input: 'hi', stream: true }),
  });

/** A port that somebody listens on meanwhile. */
async function withListener<Value>(use: (port: number) => Promise<Value>): Promise<Value> {
  const listener = createServer();
  await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve));
  try {
    return await use((listener.address() as AddressInfo).port);
  } finally {
    await new Promise((resolve) => listener.close(resolve));
  }
}
/** A port that nobody listens on any more. */
const freePort = (): Promise<number> => withListener(async (port) => port);

/** As the process list shows it to everybody on the machine. */
function commandLineOf(pid: number): string {
  if (existsSync('/proc/self/cmdline')) return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
  return execFileSync('ps', ['-ww', '-o', 'args=', '-p', String(pid)], { encoding: 'utf8' });
}

describe('a start-up mistake', () => {
  const rows: { it: string; words: string[]; says: string[]; environment?: Record<string, string>; files?: Record<string, string>; lines?: number }[] = [
    { it: 'a missing key', words: ['serve', '--preset', 'zai'], says: ['"zai"', 'ZAI_API_KEY'] },
    { it: 'an unknown preset', words: ['serve', '--preset', 'nonsense'], says: ['"nonsense"', 'demo', 'openai-compatible', 'zai'] },
    { it: 'an unknown plugin to disable', words: ['serve', '--preset', 'demo', '--disable', 'nonsense'], says: ['"nonsense"', 'codex-client', 'tool-names'] },
    { it: 'no upstream', words: ['serve', '--preset', 'openai-compatible'], says: ['--upstream', 'TAPLINE_UPSTREAM'] },
    { it: 'a port that is none', words: ['serve', '--port', '70000'], says: ['--port', '"70000"', '65535'] },
    { it: 'a PROXY_PORT that is none', words: ['serve'], environment: { PROXY_PORT: 'http' }, says: ['PROXY_PORT', '"http"'] },
    { it: 'an unknown LOG_LEVEL', words: ['serve'], environment: { LOG_LEVEL: 'loud' }, says: ['LOG_LEVEL', '"loud"', 'silent'] },
    { it: 'a host that others reach without a key', words: ['serve', '--host', '0.0.0.0'], says: ['0.0.0.0', 'TAPLINE_API_KEY'] },
    { it: 'a config file that is not there', words: ['serve', '--config', 'gone.json'], says: ['gone.json'] },
    { it: 'a broken config file', words: ['serve'], files: { 'proxy.config.json': '{ "preset": ' }, says: ['proxy.config.json'] },
    { it: 'a broken YAML file', words: ['serve'], files: { 'proxy.config.yaml': 'preset: demo\n  listen: [\n' }, says: ['proxy.config.yaml'] },
    { it: 'a broken file that was named', words: ['serve', '--config', 'own.json'], files: { 'own.json': '{\n "preset": demo\n}' }, says: ['own.json'] },
    {
      it: 'a config file that throws',
      words: ['serve'],
      files: { 'proxy.config.mjs': "throw new Error('of my own')" },
      says: ['proxy.config.mjs', 'of my own'],
    },
    {
      it: 'a config file of another tool',
      words: ['serve'],
      files: { 'proxy.config.json': '{"/api":{"target":"x"}}' },
      says: ['proxy.config.json', 'no config of Tapline'],
    },
    {
      it: 'a wrong field in the config file',
      words: ['serve'],
      files: { 'proxy.config.json': '{"preset":"demo","listen":{"port":"high"}}' },
      says: ['proxy.config.json', 'listen.port', 'number'],
      lines: 4, // one for the file, one for the fault, one for the field, one for what is allowed
    },
  ];
  for (const { it: what, words, says: parts, environment = {}, files = {}, lines = 1 } of rows) {
    it(`is told in one message: ${what}`, async () => {
      const { stdout, stderr, exitCode } = await runTapline(words, { environment, folder: workFolder(files) });
      expect(exitCode, stdout).to.equal(1);
      expect(stdout).to.equal('');
      expect(stderr)
        .to.match(/^tapline: /)
        .and.not.match(/^\s+at /m);
      expect(stderr.trimEnd().split('\n'), stderr).to.have.length.at.most(lines);
      for (const part of parts) expect(stderr).to.contain(part);
    });
  }

  it('is told in one message: a port in use', () =>
    withListener(async (port) => {
      const { stdout, stderr, exitCode } = await runTapline(['serve', '--preset', 'demo', '--port', String(port)]);
      expect({ stdout, exitCode }).to.deep.equal({ stdout: '', exitCode: 1 });
      expect(stderr).to.match(new RegExp(`^tapline: port ${port} .*in use.*--port.*\\n$`));
    }));

  it('is reported with the nearest one: an unknown command', async () => {
    const { stderr, exitCode } = await runTapline(['plugin-order']);
    expect(exitCode).to.equal(1);
    expect(stderr).to.contain('there is no command "plugin-order"').and.contain('there are serve, plugins, plugin');
  });

  it('is told with a hint: an unknown flag', async () => {
    const { stderr, exitCode } = await runTapline(['serve', '--nonsense']);
    expect(exitCode).to.equal(1);
    expect(stderr)
      .to.contain("unknown option '--nonsense'")
      .and.contain('--help')
      .and.not.match(/^\s+at /m);
  });
});

describe('a hostile working directory', () => {
  const EVIL = `require('node:fs').writeFileSync('executed', '');module.exports = {};`;
  const EVIL_MODULE = `import { writeFileSync } from 'node:fs';writeFileSync('executed', '');export default {};`;
  const TRAPS = {
    '.config/config.js': EVIL,
    '.config/config.cjs': EVIL,
    '.config/config.mjs': EVIL_MODULE,
    '.config/config.ts': EVIL_MODULE,
    'config.js': EVIL,
    'proxy.config.json': '{"preset":"demo"}',
  };

  for (const [how, words] of [
    ['when a config is searched', []],
    ['with --config', ['--config', 'proxy.config.json']],
    ['with --no-config', ['--no-config', '--preset', 'demo']],
  ] as const) {
    it(`has its .config/config.js never executed ${how}`, async () => {
      const folder = workFolder(TRAPS);
      const gateway = await runGateway(words, { folder });
      expect(await gateway.stop()).to.equal(0);
      expect(existsSync(join(folder, 'executed'))).to.equal(false);
    });
  }

  it("cannot send the environment's key elsewhere by .env, and that is said", async () => {
    const attacker = await ScriptedProvider.start(says('gotcha'));
    const provider = await ZaiProvider.start();
    provider.script({ text: 'the real one' });
    const { ZAI_API_KEY = '', ZAI_BASE_URL = '' } = provider.environment;
    const config = JSON.stringify({ preset: ['zai', { endpoints: { chat: ZAI_BASE_URL } }] });
    const gateway = await runGateway([], {
      folder: workFolder({ 'proxy.config.json': config, '.env': `ZAI_BASE_URL=${attacker.base}\n` }),
      environment: { ZAI_API_KEY },
    });
    try {
      expect(await (await ask(gateway)).text()).to.contain('the real one');
      expect(attacker.asked).to.deep.equal([]);
      await gateway.child.until(({ stderr }) => stderr.includes('ZAI_BASE_URL of .env is ignored'));
    } finally {
      await gateway.stop();
      await Promise.all([provider.stop(), attacker.stop()]);
    }
  });

  it('gives names of ours by .env, and no others', async () => {
    const names = ['NODE_OPTIONS', 'LD_PRELOAD', 'PATH', 'HTTPS_PROXY', 'NODE_EXTRA_CA_CERTS', 'ZAI_API_KEY', 'LOG_LEVEL'];
    const environment = names.map((name) => `${name}=from-the-file`).join('\n');
    const config = `console.log('seen: ' + ${JSON.stringify(names)}.filter((name) => process.env[name] === 'from-the-file'));export default { preset: 'demo' };`;
    const folder = workFolder({ '.env': environment.replace('LOG_LEVEL=from-the-file', 'LOG_LEVEL=debug'), 'proxy.config.mjs': config });
    const gateway = await runGateway([], { folder });
    expect(await gateway.stop()).to.equal(0);
    expect(/^seen: (.*)$/m.exec(gateway.child.stdout)?.[1]).to.equal('ZAI_API_KEY');
  });
});

describe('keys', () => {
  const SECRET = 'secret-of-the-command-line';
  for (const words of [
    ['--api-key', SECRET],
    [`--api-key=${SECRET}`],
    ['--no-config', '--preset', 'openai-compatible', '--upstream', 'http://127.0.0.1:9/v1', '--upstream-key', SECRET],
  ]) {
    it(`are not seen in the process list, nor printed: ${words.join(' ').replace(SECRET, '…')}`, async () => {
      const gateway = await runGateway(words.includes('--preset') ? words : ['--preset', 'demo', ...words]);
      const listed = commandLineOf(gateway.child.pid);
      expect(await gateway.stop()).to.equal(0);
      expect(listed).to.contain('tapline').and.not.contain(SECRET);
      expect(gateway.child.stdout + gateway.child.stderr).not.to.contain(SECRET);
    });
  }

  it('of clients are asked for by TAPLINE_API_KEY, and the printed config says where Codex finds it', async () => {
    const gateway = await runGateway(['--preset', 'demo'], { environment: { TAPLINE_API_KEY: SECRET } });
    const statuses = [(await ask(gateway)).status, (await ask(gateway, { authorization: `Bearer ${SECRET}` })).status];
    expect(await gateway.stop()).to.equal(0);
    expect(statuses).to.deep.equal([401, 200]);
    expect(gateway.codexConfig).to.contain('env_key = "TAPLINE_API_KEY"');
  });
});

describe('SIGTERM', () => {
  it('lets an exchange under way end, takes no new one, and exits 0', async () => {
    const provider = await ZaiProvider.start();
    const { promise: hold, resolve: release } = Promise.withResolvers<void>();
    provider.script({ text: 'begun, and ended', hold });
    const gateway = await runGateway(['--preset', 'zai'], { environment: provider.environment });
    const answer = await ask(gateway);
    const stopped = gateway.stop();
    await gateway.child.until(({ stderr }) => stderr.includes('stopping'));
    const refused = await ask(gateway).then(
      () => 'answered',
      () => 'refused',
    );
    release();
    expect(await answer.text()).to.contain('response.completed');
    expect(refused).to.equal('refused');
    expect(await stopped).to.equal(0);
    await provider.stop();
  });
});

describe('the command line', () => {
  it('explains itself', async () => {
    const { stdout, stderr, exitCode } = await runTapline(['--help']);
    expect({ stderr, exitCode }).to.deep.equal({ stderr: '', exitCode: 0 });
    for (const word of ['serve', 'plugins', 'presets', '--version']) expect(stdout).to.contain(word);
    const { stdout: ofServe } = await runTapline(['serve', '--help']);
    for (const word of ['--preset', '--upstream-key', 'TAPLINE_UPSTREAM_KEY', '--api-key', 'TAPLINE_API_KEY', 'PROXY_PORT', 'LOG_LEVEL'])
      expect(ofServe).to.contain(word);
  });

  it('tells its version', async () => {
    const { version } = JSON.parse(readFileSync(join(REPOSITORY, 'package.json'), 'utf8')) as { version: string };
    expect(await runTapline(['--version'])).to.deep.equal({ stdout: `${version}\n`, stderr: '', exitCode: 0 });
  });

  it('lists plugins in the order they run, with their handlers', async () => {
    const { stdout, exitCode } = await runTapline(['plugins', '--order', '--preset', 'zai', '--disable', 'tool-names'], { environment: { ZAI_API_KEY: 'x' } });
    expect(exitCode).to.equal(0);
    const names = [...stdout.matchAll(/^ *\d+ +(\S+) +\S/gm)].map(([, name]) => name);
    expect(names.indexOf('codex-client')).to.be.lessThan(names.indexOf('namespaces'));
    expect(names.at(-1)).to.equal('error-sanitizer');
    expect(names).to.include.members(['namespaces', 'custom-tools', 'glm-thinking']).and.not.include('tool-names');
    expect(names.indexOf('namespaces')).to.be.lessThan(names.indexOf('custom-tools'));
    expect(stdout).to.match(/custom-tools +request, event/);
  });

  it('lists presets and what they need', async () => {
    const { stdout, stderr, exitCode } = await runTapline(['presets']);
    expect({ stderr, exitCode }).to.deep.equal({ stderr: '', exitCode: 0 });
    expect(stdout).to.match(/^zai .*https:\/\/api\.z\.ai.*ZAI_API_KEY/m);
    expect(stdout)
      .to.match(/^demo /m)
      .and.match(/^openai-compatible .*TAPLINE_UPSTREAM/m);
  });

  it('listens on PROXY_PORT, which a flag overrides', async () => {
    const port = await freePort();
    const byEnvironment = await runGateway(['--preset', 'demo'], { environment: { PROXY_PORT: String(port) } });
    const byFlag = await runGateway(['--preset', 'demo', '--port', '0'], { environment: { PROXY_PORT: String(port) } });
    const health = await (await fetch(`${byEnvironment.url}/health`)).json();
    expect([await byEnvironment.stop(), await byFlag.stop()]).to.deep.equal([0, 0]);
    expect(byEnvironment.url).to.equal(`http://127.0.0.1:${port}`);
    expect(byFlag.url).not.to.equal(byEnvironment.url);
    expect(health).to.deep.include({ status: 'ok', preset: 'demo' });
  });

  it('logs as much as LOG_LEVEL says', async () => {
    const logged: string[] = [];
    for (const level of ['info', 'WARNING']) {
      const gateway = await runGateway(['--preset', 'demo'], { environment: { LOG_LEVEL: level } });
      await (await ask(gateway, {}, 'tapline-demo')).text();
      expect(await gateway.stop()).to.equal(0);
      logged.push(gateway.child.stderr);
    }
    expect(logged[0]).to.contain('exchange');
    expect(logged[1]).to.equal('');
  });
});
