import { readdirSync, readFileSync } from 'node:fs';
import { expect } from 'chai';
import { pluginNames } from '../core/catalogue.ts';
import { pluginsPage } from '../docs/generate.ts';

describe('the page about the plugins', () => {
  const written = readFileSync(new URL('../docs/plugins.md', import.meta.url), 'utf8');

  it('is what `npm run docs` writes now', async () => {
    expect(written === (await pluginsPage()), 'docs/plugins.md is stale: run `npm run docs`').to.equal(true);
  });

  it('has a section, a sentence, handlers and an example for every plugin', () => {
    const sections = written.split(/^## /m).slice(1);
    expect(sections.map((section) => section.slice(0, section.indexOf('\n')))).to.deep.equal(pluginNames());
    for (const section of sections)
      expect(section).to.match(/^[\w-]+\n\n[A-Z].{20,}\.\n\nHandlers: `.+\. Source: [\s\S]+\*\*Example:\*\* .+\n\n[\s\S]+```json\n/);
  });

  it('names every option of a plugin that has a schema, with what it means', () => {
    for (const name of pluginNames()) {
      const source = readFileSync(new URL(`../plugins/${name}.ts`, import.meta.url), 'utf8');
      const section = written.split(/^## /m).find((each) => each.startsWith(`${name}\n`)) ?? '';
      const described = section.match(/^\| `\w+` \| `.+` \| .{10,} \|$/gm) ?? [];
      expect(described, name).to.have.length(/const Options = z\.strictObject\(\{\n([\s\S]*?)\n\}\)/.exec(source)?.[1]?.match(/^ {2}\w+: /gm)?.length ?? 0);
    }
  });

  it('finds a folder of fixtures for every plugin, and none without a plugin', () => {
    expect(readdirSync(new URL('../fixtures/plugins/', import.meta.url)).sort()).to.deep.equal(pluginNames());
  });
});
