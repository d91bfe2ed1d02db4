import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { expect } from 'chai';
import { z } from 'zod';
import { Pattern } from '../../core/kit/options.ts';
import { pluginNames } from '../../core/pipeline/catalogue.ts';
import { allPages } from '../../docs/all-pages.ts';
import { concerns } from '../../docs/concerns.ts';
import { wrap } from '../../docs/markdown.ts';
import { optionsTable } from '../../docs/options-table.ts';
import { defaultInWords, typeInWords } from '../../docs/type-in-words.ts';

const DOCS = new URL('../../docs/', import.meta.url);
const read = (path: string): string => readFileSync(new URL(path, DOCS), 'utf8');
const FENCE = /^```[\s\S]*?^```$/gm;

describe('the generated pages', () => {
  it('are what `npm run docs` writes now, and no others', async () => {
    const pages = await allPages();
    const stale = [...pages].filter(([path, page]) => !existsSync(new URL(path, DOCS)) || read(path) !== page).map(([path]) => path);
    expect(stale, 'run `npm run docs`').to.deep.equal([]);
    expect(readdirSync(new URL('plugins/', DOCS)).map((file) => `plugins/${file}`)).to.have.members([...pages.keys()].filter((path) => path.includes('/')));
  });

  it('end their prose before column 120', async () => {
    expect([...(await allPages())].flatMap(([path, page]) => longLinesIn(path, page))).to.deep.equal([]);
  });

  it('keep code and links whole where a line ends', () => {
    const filler = 'x'.repeat(110);
    expect(wrap(`${filler} \`one two three\` four`)).to.equal(`${filler}\n\`one two three\` four`);
    expect(wrap(`${filler} [one two three](four), five`, '  ')).to.equal(`${filler}\n  [one two three](four), five`);
    expect(wrap('a [b] and a lone ` or [')).to.equal('a [b] and a lone ` or [');
  });
});

describe('the pages about the plugins', () => {
  it('show an example without what a fixture does not have', () => {
    const pages = pluginNames().map((name) => [name, read(`plugins/${name}.md`)] as const);
    expect(pages.filter(([, page]) => /^undefined$/m.test(page)).map(([name]) => name)).to.deep.equal([]);
  });

  it('have a sentence, options, handlers, an example and a source for every plugin', () => {
    for (const name of pluginNames()) {
      const page = read(`plugins/${name}.md`);
      expect(page, name).to.match(
        /^# [\w-]+\n\n[A-Z][\s\S]{20,}?\.\n\n[\s\S]+\n## Options\n[\s\S]+\n## Handlers\n\n\| handler [\s\S]+\n## Example\n\nIt [\s\S]+```json\n/,
      );
      expect(page, name).to.include(`(../../plugins/${name}.ts)`);
    }
  });

  it('name every option of a plugin that has a schema, with what it means', () => {
    for (const name of pluginNames()) {
      const source = readFileSync(new URL(`../../plugins/${name}.ts`, import.meta.url), 'utf8');
      const [, table = ''] = /\n## Options\n\n([\s\S]*?)\n\n/.exec(read(`plugins/${name}.md`)) ?? [];
      const described = table.match(/^\| `\w+` \| .+ \| .+ \| .{8,} \|$/gm) ?? [];
      expect(described, name).to.have.length(/const Options = z\.strictObject\(\{\n([\s\S]*?)\n\}\)/.exec(source)?.[1]?.match(/^ {2}\w+: /gm)?.length ?? 0);
    }
  });

  it('stand in the index, each under one concern', () => {
    const listed = [...read('plugins.md').matchAll(/^- \[([\w-]+)\]\(plugins\/\1\.md\): [A-Z]/gm)].map(([, name]) => name);
    expect(listed.sort()).to.deep.equal(pluginNames());
  });

  it('find a folder of fixtures for every plugin, and none without a plugin', () => {
    expect(readdirSync(new URL('../../fixtures/plugins/', import.meta.url)).sort()).to.deep.equal(pluginNames());
  });

  it('are not written while a plugin has no concern, or a concern names none', () => {
    expect(() => concerns([...pluginNames(), 'brand-new'])).to.throw('plugin "brand-new" has no concern');
    expect(() => concerns(pluginNames().filter((name) => name !== 'history'))).to.throw('there is no plugin "history"');
  });
});

describe('the words for an option', () => {
  it('are those of its type and its default', () => {
    const names = z.array(z.string().min(1));
    const cases: [z.ZodType, string, string][] = [
      [names.default([]), 'list of strings', '`[]`'],
      [z.enum(['model', 'preset']).default('model'), "`'model'` or `'preset'`", "`'model'`"],
      [z.int().positive().default(1), 'whole number above 0', '`1`'],
      [z.number().min(0.5).optional(), 'number of at least 0.5', 'not set'],
      [Pattern, 'string (a regular expression)', 'required'],
      [z.array(z.int()).min(1).optional(), 'list of whole numbers (not empty)', 'not set'],
      [z.string().nullable().default(null), 'string or `null`', '`null`'],
      [z.union([z.int(), z.literal('model')]), "whole number or `'model'`", 'required'],
      [z.record(z.string(), z.unknown()).default({}), 'map of string → anything', '`{}`'],
      [z.strictObject({ models: z.string(), efforts: names.default([]) }), '{ models: string, efforts?: list of strings }', 'required'],
      [z.enum(['a', 'b']).refine(Boolean, 'expected one of your own'), "`'a'` or `'b'` (one of your own)", 'required'],
      [z.tuple([z.number(), z.number()]), '[number, number]', 'required'],
    ];
    for (const [schema, type, otherwise] of cases) expect([typeInWords(schema), defaultInWords(schema)]).to.deep.equal([type, otherwise]);
  });

  it('describe an object whose fields have comments in a table of its own', () => {
    const source =
      'const Rule = z.strictObject({\n  /** How often. */\n  times: z.int(),\n});\n\nconst Options = z.strictObject({\n  /** What to do. */\n  rules: z.array(Rule),\n});\n';
    const page = optionsTable('made-up', source, z.strictObject({ rules: z.array(z.strictObject({ times: z.int() })) }));
    expect(page).to.include('| `rules` | list of objects, see below | required | What to do. |');
    expect(page).to.include('Each object of `rules`:').and.to.include('| `times` | whole number | required | How often. |');
  });

  it('are never made up: the plugin and the option are named where there are none', () => {
    const source = 'const Options = z.strictObject({\n  /** When. */\n  at: z.date(),\n});\n';
    expect(() => optionsTable('made-up', source, z.strictObject({ at: z.date() }))).to.throw(
      'plugins/made-up, option "at": there are no words for the zod type "date"',
    );
    expect(() => optionsTable('made-up', source, z.strictObject({ at: z.string().max(3) }))).to.throw(
      'option "at": there are no words for the zod check "max_length"',
    );
    expect(() => optionsTable('made-up', source, z.strictObject({ at: z.url() }))).to.throw('option "at": there are no words for the zod format "url"');
    expect(() => optionsTable('made-up', source, z.strictObject({ at: z.string(), to: z.string() }))).to.throw(
      'plugins/made-up.ts: option "at" has no comment',
    );
  });
});

describe('the pages that people write', () => {
  const folders = ['../README.md', '../CONTRIBUTING.md', '../CHANGELOG.md', '../SECURITY.md', '../bench/README.md', '../fixtures/README.md'];
  const written = [...folders, ...readdirSync(DOCS).filter((path) => path.endsWith('.md'))];

  it('end their prose before column 120', () => {
    expect(written.flatMap((path) => longLinesIn(path, read(path)))).to.deep.equal([]);
  });
});

describe('the links between the pages', () => {
  const pages = ['../README.md', ...readdirSync(DOCS, { recursive: true, encoding: 'utf8' }).filter((path) => path.endsWith('.md'))];

  it('lead to a file, and to a heading where they name one', () => {
    const broken = pages.flatMap((path) => linksIn(read(path)).flatMap((link) => (leads(path, link) ? [] : `${path}: ${link}`)));
    expect(broken).to.deep.equal([]);
  });

  it('are found, and found broken', () => {
    expect(linksIn('[a](b.md) `[c](d.md)`\n```\n[e](f.md)\n```\n[g](https://example.com) [h](#i)')).to.deep.equal(['b.md', '#i']);
    expect(leads('plugins.md', 'presets.md#deepseek')).to.equal(true);
    expect(leads('plugins.md', 'presets.md#nobody')).to.equal(false);
    expect(leads('plugins/rules.md', 'presets.md')).to.equal(false);
  });
});

/** Tables and code are no prose. */
function longLinesIn(path: string, page: string): string[] {
  const prose = page
    .replaceAll(FENCE, '')
    .split('\n')
    .filter((line) => !line.startsWith('|'));
  return prose.filter((line) => line.length > 120).map((line) => `${path}: ${line}`);
}

function linksIn(page: string): string[] {
  const prose = page.replaceAll(FENCE, '').replaceAll(/`[^`\n]*`/g, '');
  return [...prose.matchAll(/\]\(([^)\s]+)\)/g)].map(([, link = '']) => link).filter((link) => !/^\w+:/.test(link));
}

function leads(from: string, link: string): boolean {
  const [path = '', anchor] = link.split('#');
  const url = new URL(path || (from.split('/').at(-1) ?? ''), new URL(from, DOCS));
  if (!existsSync(url)) return false;
  return anchor === undefined || anchorsOf(readFileSync(url, 'utf8')).includes(anchor);
}

/** As GitHub makes them of headings. */
function anchorsOf(page: string): string[] {
  return [...page.replaceAll(FENCE, '').matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
      .replaceAll(/\s/g, '-'),
  );
}
