import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { searchConfig } from '../../core/config/load-config.ts';
import { loadPluginFile } from '../../core/config/load-plugin-file.ts';
import { readSettings } from '../../core/config/settings.ts';
import { GatewayError } from '../../core/contract/errors.ts';
import { flatten } from '../../core/pipeline/resolve-plugins.ts';
import { workFolder } from '../support/folders.ts';
import { startPair } from '../support/pair.ts';

const TYPES = ['commonjs', 'module', undefined] as const;
const ESM = (extension: string) =>
  `import { GatewayError, type Plugin } from 'tapline';
import { modelMap } from 'tapline/plugins/model-map';
import { helper } from './helper.ts';
const own = { name: 'own', request() { throw new GatewayError('invalid_request', helper); } }${extension.endsWith('ts') ? ' satisfies Plugin' : ''};
export default { preset: 'demo', plugins: [own, modelMap({ models: { a: 'b' } })] };
`.replace(extension.endsWith('ts') ? '' : ', type Plugin', '');
const CJS = `const { GatewayError } = require('tapline');
module.exports = { preset: 'demo', plugins: [{ name: 'own', request() { throw new GatewayError('invalid_request', 'helped'); } }] };
`;

const messageOf = async (promise: Promise<unknown>): Promise<string> => {
  const thrown = await promise.then(
    () => undefined,
    (error) => error,
  );
  expect(thrown).to.be.instanceOf(GatewayError).and.include({ code: 'config_invalid' });
  return thrown.message;
};

describe('a script of the user', () => {
  for (const type of TYPES) {
    for (const extension of ['ts', 'mts', 'cts', 'js', 'mjs', 'cjs']) {
      for (const [style, source] of [
        ['import', ESM(extension)],
        ['require', CJS],
      ] as const) {
        if (extension === (style === 'require' ? 'mts' : 'cjs') || (style === 'require' && extension === 'mjs')) continue;
        it(`loads as .${extension} with ${style} in a folder ${type ? `of type ${type}` : 'without package.json'}, with this process's own tapline`, async () => {
          const folder = workFolder({
            ...(type && { 'package.json': JSON.stringify({ type }) }),
            'helper.ts': "export const helper: string = 'helped';\n",
            [`proxy.config.${extension}`]: source,
          });
          const found = await searchConfig(folder);
          const [own] = flatten(found?.config.plugins, 'plugins');
          expect(() => own?.request?.({ model: 'm', input: [] }, {} as never)).to.throw(GatewayError, 'helped');
        });
      }
    }
  }

  it('may import the sources of a checkout by their path, and what it gets works with the rest', async () => {
    const plugins = new URL('../../plugins/', import.meta.url).pathname;
    const folder = workFolder({ 'proxy.config.ts': `import { clientKey } from '${plugins}client-key.ts';\nexport default { plugins: [clientKey()] };` });
    const pair = await startPair({ plugins: flatten((await searchConfig(folder))?.config.plugins, 'plugins') });
    const { status, final } = await pair.ask([], { stream: false });
    expect([status, final.error.code]).to.deep.equal([401, 'invalid_api_key']);
    await pair.stop();
  });

  const broken: { it: string; source: string; says: string[] }[] = [
    { it: 'that does not parse', source: "export default {\n  preset: 'demo'\n  plugins: [],\n};\n", says: ['proxy.config.ts:3:3', 'expected ","'] },
    {
      it: 'that imports a file that is not there',
      source: "import { a } from './gone.ts';\nexport default { a };\n",
      says: ['"./gone.ts"', 'cannot be found'],
    },
    { it: 'that imports a package that is not there', source: "import a from 'no-such-package';\nexport default { a };\n", says: ['"no-such-package"'] },
    {
      it: 'that imports a plugin that Tapline has not',
      source: "import { a } from 'tapline/plugins/tool-nmaes';\nexport default { a };\n",
      says: ['tapline/plugins/tool-nmaes', 'did you mean "tool-names"'],
    },
    { it: 'without a default export', source: "export const config = { preset: 'demo' };\n", says: ['no default export', 'export default defineConfig'] },
    { it: 'that is empty', source: '', says: ['it is empty', 'preset'] },
    { it: 'with a field that is near one', source: "export default { plugin: [], preset: 'demo' };\n", says: ['"plugin"', 'did you mean "plugins"'] },
    { it: 'with a field that is near one, deeper', source: 'export default { listen: { prot: 1 } };\n', says: ['"prot"', 'did you mean "port"'] },
    {
      it: 'with a plugin whose shape is wrong',
      source: "export default { plugins: [false, { name: 'acme', wires: {} }] };\n",
      says: ['proxy.config.ts: plugins[1]: plugin "acme"', 'did you mean "wire"'],
    },
    { it: 'with a factory that was not called', source: 'function acme() {}\nexport default { plugins: [acme] };\n', says: ['plugins[0]', 'acme()'] },
    { it: 'with a file that is none', source: "export default { plugins: ['./gone.ts'] };\n", says: ['gone.ts: there is no such file'] },
  ];
  for (const { it: what, source, says } of broken) {
    it(`is refused in one message: ${what}`, async () => {
      const folder = workFolder({ 'proxy.config.ts': source });
      const message = await messageOf(readSettings({}, folder, {}));
      for (const part of says) expect(message).to.include(part);
      expect(message).to.include(folder);
    });
  }
});

describe('the search for a config', () => {
  it('refuses two in one folder', async () => {
    const folder = workFolder({ 'proxy.config.ts': 'export default {};', 'proxy.config.yaml': 'preset: demo' });
    expect(await messageOf(searchConfig(folder)))
      .to.include('proxy.config.ts and ')
      .and.include('proxy.config.yaml: there are two configs');
  });

  it('says that one above is not read', async () => {
    const folder = workFolder({ 'proxy.config.ts': 'export default {};' });
    const below = join(folder, 'one', 'two');
    mkdirSync(below, { recursive: true });
    const { notes } = await readSettings({}, below, {});
    expect(notes.join('\n')).to.include(`${join(folder, 'proxy.config.ts')} is not read`);
  });

  for (const [name, text] of [
    ['proxy.config.json', ''],
    ['proxy.config.yaml', ''],
    ['proxy.config.yml', '# nothing\n'],
    ['proxy.config.json', 'null'],
  ] as const) {
    it(`refuses ${name} that holds ${JSON.stringify(text)}`, async () => {
      expect(await messageOf(searchConfig(workFolder({ [name]: text })))).to.include(name);
    });
  }

  it('reads .yml', async () => {
    expect((await searchConfig(workFolder({ 'proxy.config.yml': 'preset: demo\n' })))?.config.preset).to.equal('demo');
  });
});

describe('a plugin file', () => {
  const acme = "export function acme({ tag = 'none' } = {}) { return { name: 'acme', _tag: tag, request() {} }; }\n";
  const own = (settings: { plugins: unknown }) => flatten(settings.plugins, 'plugins');

  for (const [name, text] of [
    ['proxy.config.json', '{"preset":"demo","plugins":["./lib/acme.ts",["./lib/acme.ts",{"tag":"x"}]]}'],
    ['proxy.config.yaml', 'preset: demo\nplugins:\n  - ./lib/acme.ts\n  - [./lib/acme.ts, { tag: x }]\n'],
  ] as const) {
    it(`is named in ${name}, from its folder, with options`, async () => {
      const folder = workFolder({ [name]: text, 'lib/acme.ts': acme });
      const settings = await readSettings({ config: join(folder, name) }, workFolder(), {});
      expect(own(settings).map((plugin) => (plugin as { _tag?: string })._tag)).to.deep.equal(['none', 'x']);
      expect(settings.notes.join()).to.include('plugin "acme" is listed twice');
    });
  }

  it('is named with --plugin, without any config, from the working directory', async () => {
    const settings = await readSettings({ config: false, preset: 'demo', plugin: ['./acme.ts', 'strip-names'] }, workFolder({ 'acme.ts': acme }), {});
    expect(own(settings).map(({ name }) => name)).to.deep.equal(['acme', 'strip-names']);
  });

  const sources: [string, string, string][] = [
    ['a default export', 'acme.ts', "export default () => ({ name: 'acme', request() {} });"],
    ['a plugin as it is', 'acme.ts', "export const plugin = { name: 'acme', request() {} };"],
    ['the export named as the file', 'acme-accent.ts', "export const other = () => ({}); export const acmeAccent = () => ({ name: 'acme', request() {} });"],
    ['module.exports', 'acme.cjs', "module.exports = { name: 'acme', request() {} };"],
    ['module.exports as a factory', 'acme.cjs', "module.exports = () => ({ name: 'acme', request() {} });"],
  ];
  for (const [what, file, source] of sources) {
    it(`gives ${what}`, async () => {
      const create = await loadPluginFile(join(workFolder({ [file]: source }), file));
      expect(create().name).to.equal('acme');
    });
  }

  const broken: [string, string, string[]][] = [
    ['exports nothing', 'export {};', ['acme.ts: it exports no plugin', '"acme"']],
    ['exports several', "export const a = () => ({ name: 'a', end() {} }); export const b = () => ({ name: 'b', end() {} });", ['several', 'a, b', '"acme"']],
    ['exports another thing', 'export default 5;', ['acme.ts: found 5']],
    ['returns nothing', 'export default () => {};', ['acme.ts: found undefined']],
    ['does not parse', 'export default {\n  name: \n};', ['acme.ts:3:1']],
  ];
  for (const [what, source, says] of broken) {
    it(`is refused that ${what}`, async () => {
      const file = join(workFolder({ 'acme.ts': source }), 'acme.ts');
      const message = await messageOf(loadPluginFile(file).then((create) => create()));
      for (const part of says) expect(message).to.include(part);
    });
  }
});
