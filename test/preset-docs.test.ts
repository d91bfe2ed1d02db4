import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { presetNames } from '../core/catalogue.ts';
import { presetsPage } from '../docs/generate-presets.ts';
import { commentsAt } from '../docs/read-source.ts';

describe('the page about the presets', () => {
  const written = readFileSync(new URL('../docs/presets.md', import.meta.url), 'utf8');
  const sections = written.split(/^## /m).slice(1);

  it('is what `npm run docs` writes now', async () => {
    expect(written === (await presetsPage()), 'docs/presets.md is stale: run `npm run docs`').to.equal(true);
  });

  it('has a section for every preset, and a row in its overview', () => {
    expect(sections.map((section) => section.slice(0, section.indexOf('\n')))).to.deep.equal(presetNames());
    for (const name of presetNames()) expect(written).to.include(`| [${name}](#${name}) |`);
  });

  it('says of every plugin why it is there', () => {
    const silent = sections.flatMap(
      (section) => section.match(/^\| \[[\w-]+\]\(plugins\.md#.+\| {2}\|$/gm)?.map((row) => `${section.split('\n')[0]} ${row.split(']')[0]}`) ?? [],
    );
    expect(silent).to.deep.equal([]);
  });

  it('finds the comments above, in and behind what they are about, and no others', () => {
    const source = `  accents: [
        one(), // of one
        // above two,
        // in lines
        two({
          a: 'https://no.comment (', // of a
        }), // behind two
        three(),
        four(), // of four
      ],`;
    const of = (name: string) => commentsAt(source, new RegExp(`\\b${name}\\(`, 'g'));
    expect(of('one')).to.deep.equal(['of one']);
    expect(of('two')).to.deep.equal(['above two, in lines', 'of a', 'behind two']);
    expect(of('three')).to.deep.equal([]);
  });
});
