import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect } from 'chai';
import { Child, plainEnvironment } from '../support/child.ts';
import { workFolder } from '../support/folders.ts';
import { REPOSITORY } from '../support/run-gateway.ts';

const tool = (name: string): string => join(import.meta.dirname, 'node_modules', name);
const NODES = { '22.19': join(tool('node-22'), 'bin/node'), '24': process.execPath };
const TYPES = ['commonjs', 'module', undefined] as const;

/** As docs/writing-a-plugin.md shows it. */
const ACME = `import type { Plugin } from 'tapline';

export function acme(): Plugin {
  return {
    name: 'acme',
    route(exchange) {
      exchange.warn({ param: 'acme', reason: 'it_ran' });
    },
  };
}
`;
const CONFIG = `import { defineConfig } from 'tapline';
import { modelMap } from 'tapline/plugins/model-map';
import { demo } from 'tapline/presets/demo';
import { acme } from './acme.ts';

export default defineConfig({ preset: demo(), plugins: [acme(), modelMap({ models: { 'gpt-*': 'tapline-demo' } })] });
`;

describe('the package', () => {
  let tarball: string;
  let installed: string;
  let main: string;

  before(function () {
    this.timeout(180_000);
    const folder = workFolder({ 'package.json': '{}' });
    execFileSync('npm', ['pack', '--silent', '--pack-destination', folder], { cwd: REPOSITORY, stdio: ['ignore', 'ignore', 'inherit'] });
    tarball = join(folder, readdirSync(folder).find((name) => name.endsWith('.tgz')) ?? '');
    execFileSync('npm', ['install', '--silent', '--no-audit', '--no-fund', '--prefix', folder, tarball], { stdio: ['ignore', 'ignore', 'inherit'] });
    installed = join(folder, 'node_modules/tapline');
    main = join(folder, 'node_modules/.bin/tapline');
  });

  /** Serves in a folder, asks once and returns the answer's status and warnings. */
  async function served(node: string, folder: string, words: readonly string[]) {
    const child = new Child(node, [main, 'serve', '--port', '0', ...words], { folder, environment: plainEnvironment(), timeout: 60_000 });
    const url = await child.until(({ stdout }) => /listens on (http:\S+)/.exec(stdout)?.[1]);
    const body = JSON.stringify({ model: 'gpt-5', input: 'hi' });
    const answer = await fetch(`${url}/v1/responses`, { method: 'POST', headers: { 'content-type': 'application/json' }, body });
    const { status } = (await answer.json()) as { status: string };
    child.signal('SIGTERM');
    expect(await child.ended).to.equal(0);
    expect(child.stderr).not.to.match(/\(node:\d+\)/);
    return { status, warnings: answer.headers.get('x-tapline-warnings') };
  }

  for (const [version, node] of Object.entries(NODES)) {
    for (const type of TYPES) {
      it(`starts on Node ${version} in a folder ${type ? `of type ${type}` : 'without package.json'}, far from its node_modules`, async () => {
        const files = { 'acme.ts': ACME, 'proxy.config.ts': CONFIG, ...(type && { 'package.json': JSON.stringify({ type }) }) };
        expect(await served(node, workFolder(files), [])).to.deep.equal({ status: 'completed', warnings: 'dropped=acme;reason=it_ran' });
      });
    }

    it(`takes --plugin on Node ${version} without any config`, async () => {
      const answered = await served(node, workFolder({ 'acme.ts': ACME }), ['--preset', 'demo', '--plugin', './acme.ts']);
      expect(answered).to.deep.equal({ status: 'completed', warnings: 'dropped=acme;reason=it_ran' });
    });
  }

  it('says in one line that a Node is too old', async () => {
    const child = new Child(join(tool('node-20'), 'bin/node'), [main, 'serve'], { folder: workFolder(), environment: plainEnvironment(), timeout: 20_000 });
    expect(await child.ended).to.equal(1);
    expect(child.stderr).to.match(/^tapline: it needs Node 22\.19 [^\n]*v20\.\d+\.\d+[^\n]*\n$/);
  });

  it('says in one line that its packages are not installed', async () => {
    const folder = workFolder();
    cpSync(join(REPOSITORY, 'core'), join(folder, 'core'), { recursive: true });
    const child = new Child(process.execPath, ['core/cli/tapline.mjs', 'serve'], { folder, environment: plainEnvironment(), timeout: 20_000 });
    expect(await child.ended).to.equal(1);
    expect(child.stderr).to.match(/^tapline: its packages are not installed[^\n]*npm ci[^\n]*\n$/);
  });

  it('has types that a plugin and a config compile with', () => {
    const types = join(REPOSITORY, 'node_modules/@types');
    const folder = workFolder({
      'package.json': '{"type":"module"}',
      'acme.ts': ACME,
      'proxy.config.ts': CONFIG,
      'tsconfig.json': JSON.stringify({
        compilerOptions: {
          module: 'nodenext',
          target: 'es2024',
          strict: true,
          exactOptionalPropertyTypes: true,
          noEmit: true,
          allowImportingTsExtensions: true,
          types: ['node'],
          typeRoots: [types],
        },
        include: ['*.ts'],
      }),
    });
    cpSync(dirname(installed), join(folder, 'node_modules'), { recursive: true });
    execFileSync(process.execPath, [join(REPOSITORY, 'node_modules/typescript/bin/tsc'), '-p', folder], { stdio: 'inherit' });
  }).timeout(120_000);

  it('is what publint and Are the Types Wrong expect', () => {
    execFileSync(process.execPath, [join(tool('publint'), 'src/cli.js'), 'run', tarball, '--strict'], { stdio: 'inherit' });
    const attw = join(tool('@arethetypeswrong/cli'), 'dist/index.js');
    execFileSync(process.execPath, [attw, tarball, '--profile', 'esm-only', '--format', 'ascii', '--no-emoji', '--quiet'], { stdio: 'inherit' });
  }).timeout(120_000);

  it('holds no tests, fixtures or settings of this repository', () => {
    for (const name of ['test', 'fixtures', 'bench', '.ci', 'proxy.config.ts', 'core/node_modules'])
      expect(existsSync(join(installed, name)), name).to.equal(false);
  });
});
