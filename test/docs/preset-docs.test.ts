import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { presetNames } from '../../core/pipeline/catalogue.ts';
import { presetSection } from '../../docs/preset-section.ts';
import { commentAt } from '../../docs/read-source.ts';
import { demo } from '../../presets/demo.ts';

describe('the page about the presets', () => {
  const written = readFileSync(new URL('../../docs/presets.md', import.meta.url), 'utf8');
  const sections = new Map(written.split(/^## /m).map((section) => [section.slice(0, section.indexOf('\n')), section]));

  it('has a section for every preset, and a row in its overview', () => {
    expect([...sections.keys()].slice(-presetNames().length)).to.deep.equal(presetNames());
    for (const name of presetNames()) expect(written).to.include(`| [${name}](#${name}) |`);
  });

  it('says of every preset whose it is, how well it is known, and how to show a key', () => {
    for (const name of presetNames()) expect(sections.get(name)).to.match(/\n- Provider: .+\n- Known: \*\*\w+\*\*\n[\s\S]+\n- Key: /);
  });

  it('says in sentences why a plugin is there, and holds no working notes', () => {
    const rows = [...written.matchAll(/^\| \[[\w-]+\]\(plugins\/[\w-]+\.md\) \| (.*) \|$/gm)].map(([, reason = '']) => reason);
    expect(rows.length).to.be.greaterThan(100);
    expect(rows.filter((reason) => !/^(?:[A-Z]|llama|vLLM|xAI)\S* .{15,}\.$/.test(reason))).to.deep.equal([]);
    expect(written).not.to.match(/\[(?:DOC|ISS|VCR|FIX|AIS|LL|OMP|ORS|MIS|ZSDK|MUS|OLL|MEM)\b/);
  });

  it('is not written while a plugin is there without a reason', () => {
    const shown = { name: 'made-up', preset: demo({ plugins: [{ name: 'tool-id', start() {} }] }), regions: new Map(), sources: ['toolId(),\n'] };
    expect(() => presetSection({ ...shown, name: 'demo' }, [])).to.throw('presets/demo.ts: there is no comment that says why "tool-id" is there');
    expect(presetSection({ ...shown, name: 'demo', sources: ['// It wants ids.\ntoolId(),\n'] }, [])).to.include('| It wants ids. |');
  });

  it('finds the comment above or behind what it is about, and no other', () => {
    const source = `  accents: [
        one(), // of one
        // above two,
        // in lines
        two({
          a: 'https://no.comment (', // of a
        }), // behind two
        three(),
        four(), // of four
        five({
          a: 1, // of a
        }), // behind five
      ],`;
    const of = (name: string) => commentAt(source, new RegExp(`\\b${name}\\(`, 'g'));
    expect(of('one')).to.equal('of one');
    expect(of('two')).to.equal('above two, in lines');
    expect(of('three')).to.equal('');
    expect(of('four')).to.equal('of four');
    expect(of('five')).to.equal('behind five');
  });
});
