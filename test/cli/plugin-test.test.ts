import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { pluginTest } from '../../core/cli/plugin-test.ts';
import { workFolder } from '../support/folders.ts';
import { runTapline } from '../support/run-gateway.ts';

const ACME = `import type { Plugin } from 'tapline';
/** Acme refuses a temperature. */
export function acmeAccent({ field = 'temperature' }: { field?: string } = {}): Plugin {
  return { name: 'acme-accent', wire: { chat: { request(body: any) { delete body[field]; } } } };
}
`;
const PASSING = '{ "it": "drops the temperature", "wire": { "request": { "before": { "temperature": 1, "model": "m" }, "after": { "model": "m" } } } }';
const FAILING = PASSING.replace('"after": { "model": "m" }', '"after": { "model": "n" }');
const WITH_OPTIONS =
  '{ "it": "drops the field it is told", "options": { "field": "top_p" }, "wire": { "request": { "before": { "top_p": 1 }, "after": {} } } }';

interface Ran {
  code: number;
  stdout: string;
  stderr: string;
  folder: string;
}

async function run(files: Record<string, string>, plugin = './acme-accent.ts', flags = {}, variables = {}): Promise<Ran> {
  const folder = workFolder({ 'package.json': '{ "type": "module" }', ...files });
  const output = { stdout: '', stderr: '' };
  const stdout = (text: string) => {
    output.stdout += text;
  };
  const stderr = (text: string) => {
    output.stderr += text;
  };
  const code = await pluginTest(plugin, flags, { folder, variables, stdout, stderr });
  return { code, ...output, folder };
}

describe('tapline plugin test', () => {
  it('plays the fixtures beside a file, with their options, and prints a line for each', async () => {
    const { code, stdout } = await run({
      'acme-accent.ts': ACME,
      'acme-accent.fixtures/10-options.json': WITH_OPTIONS,
      'acme-accent.fixtures/9-drops.json': PASSING,
    });
    expect(stdout).to.equal('ok      9-drops.json: drops the temperature\nok      10-options.json: drops the field it is told\n2 passed, 0 failed\n');
    expect(code).to.equal(0);
  });

  it('shows the first difference of a fixture that fails', async () => {
    const { code, stdout } = await run({ 'acme-accent.ts': ACME, 'fixtures/acme-accent/a.json': PASSING, 'fixtures/acme-accent/b.json': FAILING });
    expect(stdout).to.equal(
      [
        'ok      a.json: drops the temperature',
        'FAILED  b.json: drops the temperature',
        '        wire.request.after.model',
        '          expected "n"',
        '          got      "m"',
        '1 passed, 1 failed\n',
      ].join('\n'),
    );
    expect(code).to.equal(1);
  });

  it('writes what came out with UPDATE_FIXTURES=1, and passes then', async () => {
    const json = '{ "it": "drops the temperature", "wire": { "request": { "before": { "temperature": 1, "__proto__": { "a": 1 } } } } }';
    const files = { 'acme-accent.ts': ACME, 'acme-accent.fixture.json': json };
    expect((await run(files)).stdout).to.include('wire.request.after\n          expected nothing\n          got      {"__proto__":{"a":1}}');
    const { code, stdout, folder } = await run(files, './acme-accent.ts', {}, { UPDATE_FIXTURES: '1' });
    expect([code, stdout]).to.deep.equal([0, 'written acme-accent.fixture.json: drops the temperature\n1 passed, 0 failed\n']);
    const written = readFileSync(join(folder, 'acme-accent.fixture.json'), 'utf8');
    expect(written).to.equal(`{
  "it": "drops the temperature",
  "wire": { "request": { "before": { "temperature": 1, "__proto__": { "a": 1 } }, "after": { "__proto__": { "a": 1 } } } }
}
`);
    expect((await run({ ...files, 'acme-accent.fixture.json': written })).stdout).to.equal(
      'ok      acme-accent.fixture.json: drops the temperature\n1 passed, 0 failed\n',
    );
  });

  it('leaves a fixture that passes as it is with UPDATE_FIXTURES=1, and fails one whose plugin throws', async () => {
    const throwing = `export default { name: 'acme', request() { throw new Error('no luck'); } };`;
    const request = '{ "it": "has no luck at all", "request": { "before": { "input": [] } } }';
    const failed = await run({ 'acme.mjs': throwing, 'acme.fixture.json': request }, './acme.mjs', {}, { UPDATE_FIXTURES: '1' });
    expect([failed.code, readFileSync(join(failed.folder, 'acme.fixture.json'), 'utf8')]).to.deep.equal([1, request]);
    expect(failed.stdout).to.include('        plugin "acme" failed in request: no luck\n');
    const passed = await run({ 'acme-accent.ts': ACME, 'acme-accent.fixture.json': PASSING }, './acme-accent.ts', {}, { UPDATE_FIXTURES: '1' });
    expect(readFileSync(join(passed.folder, 'acme-accent.fixture.json'), 'utf8')).to.equal(PASSING);
  });

  it('lists the handlers that no fixture shows at work', async () => {
    const plugin = `const failure = () => undefined;
export const acme = () => ({ name: 'acme', request(request) { request.model = 'x'; }, item: () => undefined, wire: { chat: { failure }, messages: { failure } } });`;
    const fixture = '{ "it": "asks for another model", "request": { "before": { "model": "m", "input": [] }, "after": { "model": "x", "input": [] } } }';
    const { code, stdout } = await run({ 'acme.mjs': plugin, 'acme.fixture.json': fixture }, 'acme.mjs');
    expect(stdout).to.include('\nnotice: no fixture shows what these handlers change: item, wire.chat.failure, wire.messages.failure\n1 passed, 0 failed\n');
    expect(code).to.equal(0);
  });

  it('plays the fixtures of the catalogue by name, and a folder that is named', async () => {
    const known = await run({}, 'tool-names');
    expect(known.stdout).to.match(/^ok {6}.*\n[\s\S]*\n\d+ passed, 0 failed\n$/);
    const named = await run(
      { 'mine/a.json': '{ "it": "leaves a request without tools alone", "request": { "before": { "input": [] }, "after": { "input": [] } } }' },
      'tool-names',
      {
        fixtures: 'mine',
      },
    );
    expect([named.code, named.stdout.split('\n')[0]]).to.deep.equal([0, 'ok      a.json: leaves a request without tools alone']);
  });

  it('ends with its exit code, whatever timer a plugin has left behind', async () => {
    const plugin = `setInterval(() => {}, 1000);\n${ACME}`;
    const folder = workFolder({ 'package.json': '{ "type": "module" }', 'acme-accent.ts': plugin, 'acme-accent.fixture.json': FAILING });
    const results = await Promise.all([
      runTapline(['plugin', 'test', './acme-accent.ts'], { folder }),
      runTapline(['plugin', 'test', './acme.ts'], { folder }),
      runTapline(['plugin', 'test'], { folder }),
    ]);
    expect(results.map(({ exitCode }) => exitCode)).to.deep.equal([1, 2, 2]);
  });
});

describe('tapline plugin test cannot be carried out', () => {
  const rows: { it: string; files?: Record<string, string>; plugin?: string; flags?: object; says: string | RegExp }[] = [
    { it: 'with a name that is in no catalogue', plugin: 'tool-name', says: 'there is no plugin "tool-name" (did you mean "tool-names"?); there are ' },
    {
      it: 'with a file that is not there',
      files: { 'acme-accents.ts': ACME },
      says: '/acme-accent.ts: there is no such file (did you mean "acme-accents.ts"?)',
    },
    {
      it: 'with a file that does not parse',
      files: { 'acme-accent.ts': 'export function a() {\n  return {;\n}\n' },
      says: /\/acme-accent\.ts:2:11: it does not parse: Unexpected token/,
    },
    {
      it: 'with JavaScript that does not parse',
      files: { 'a.mjs': '\n  let a b;\n' },
      plugin: 'a.mjs',
      says: /\/a\.mjs:2:8: it does not parse: /,
    },
    {
      it: 'with a package that is not there',
      files: { 'acme-accent.ts': `import a from 'no-such';\n${ACME}a();` },
      says: '/acme-accent.ts: it imports "no-such", which cannot be found',
    },
    {
      it: 'with an imported file that is not there',
      files: { 'acme-accent.ts': `import './b.ts';` },
      says: /\/acme-accent\.ts: it imports "\.\/b\.ts", which cannot be found/,
    },
    {
      it: 'with a file that throws',
      files: { 'acme-accent.ts': `\n  throw new Error('boom');` },
      says: /\/acme-accent\.ts:\d+:\d+: it throws when it is loaded: boom/,
    },
    {
      it: 'with a file that exports no plugin',
      files: { 'acme-accent.ts': 'export const [a, b] = [1, () => 2];\nexport const c = () => 3;' },
      says: '/acme-accent.ts: it exports no plugin; it exports a, b, c; expected a function that returns a plugin, as default or as "acmeAccent"',
    },
    {
      it: 'with a plugin that is none',
      files: { 'acme-accent.ts': 'export default { name: "acme", requst() {} };' },
      says: /\/acme-accent\.ts: plugin "acme": unknown field "requst" \(did you mean "request"\?\)/,
    },
    {
      it: 'without fixtures',
      files: { 'acme-accent.ts': ACME },
      says: /\/acme-accent\.ts: it has no fixtures; put some into .*\/acme-accent\.fixtures\/, or name their folder with --fixtures \(also .*\)/,
    },
    {
      it: 'with an empty folder of fixtures',
      files: { 'acme-accent.ts': ACME, 'mine/a.txt': '' },
      flags: { fixtures: 'mine' },
      says: /\/mine: there is no fixture in it/,
    },
    { it: 'with a folder that is not there', files: { 'acme-accent.ts': ACME }, flags: { fixtures: 'mine' }, says: /\/mine: there is no such folder/ },
    {
      it: 'with broken JSON',
      files: { 'acme-accent.ts': ACME, 'acme-accent.fixture.json': '{\n  "it": "drops it"\n  "wire": {}\n}' },
      says: /\.fixture\.json:3:3: no JSON: Expected ',' or '}' after property value\n/,
    },
    {
      it: 'with broken JSON whose place V8 does not tell',
      files: { 'acme-accent.ts': ACME, 'acme-accent.fixture.json': '{\n  "it": True\n}' },
      says: /\.fixture\.json:2:9: no JSON: Unexpected token 'T'\n/,
    },
    {
      it: 'with JSON that ends too early',
      files: { 'acme-accent.ts': ACME, 'acme-accent.fixture.json': '{\n  "it": {' },
      says: /\.fixture\.json:2:10: no JSON: /,
    },
    {
      it: 'with a misspelt field of a fixture',
      files: { 'acme-accent.ts': ACME, 'acme-accent.fixture.json': PASSING.replace('"request"', '"requst"') },
      says: /\.fixture\.json: wire: unknown field "requst" \(did you mean "request"\?\); there are request, chunks, failure\n/,
    },
  ];
  for (const { it: title, files = {}, plugin, flags, says } of rows) {
    it(title, async () => {
      const { code, stdout, stderr } = await run(files, plugin, flags);
      if (says instanceof RegExp) expect(stderr).to.match(says);
      else expect(stderr).to.include(says);
      expect([code, stdout, stderr.match(/\n/g)?.length]).to.deep.equal([2, '', 1]);
    });
  }
});

describe('the plugin of a file', () => {
  const body = `{ name: 'acme', request(request) { request.model = 'x'; } }`;
  const fixture = '{ "it": "asks for another model", "request": { "before": { "model": "m", "input": [] }, "after": { "model": "x", "input": [] } } }';
  for (const [title, code] of [
    ['is its default export', `export const other = () => ({ name: 'other', end() {} });\nexport default () => (${body});`],
    ['is a plain object that is the default', `export default ${body};`],
    ['is a plain object', `export const anything = ${body};`],
    ['is the one function that returns a plugin', `export const limit = 3;\nexport const helper = () => 1;\nexport function makesIt() { return ${body}; }`],
    ['is the one function, which needs options', `export const makesIt = (options) => (options.model ?? ${body});`],
    ['is what is named after the file', `export const other = () => ({ name: 'other', end() {} });\nexport const acmeModel = () => (${body});`],
  ] as const) {
    it(title, async () => {
      const json = title.endsWith('options') ? fixture.replace('{', '{ "options": {},') : fixture;
      expect(await run({ 'acme-model.mjs': code, 'acme-model.fixture.json': json }, './acme-model.mjs')).to.include({ code: 0, stderr: '' });
    });
  }

  it('is asked for where a file exports several', async () => {
    const code = `export const a = () => (${body});\nexport const b = () => (${body});`;
    const { stderr } = await run({ 'acme-model.mjs': code }, './acme-model.mjs');
    expect(stderr).to.match(/acme-model\.mjs: it exports several plugins; it exports a, b; expected .* as default or as "acmeModel"/);
  });

  it('takes no options where it is a plain object', async () => {
    const { code, stdout } = await run({ 'acme.mjs': `export default ${body};`, 'acme.fixture.json': fixture.replace('{', '{ "options": {},') }, './acme.mjs');
    expect([code, stdout.includes('it exports a plugin, which takes no options')]).to.deep.equal([1, true]);
  });
});
