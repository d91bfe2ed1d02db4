import { expect } from 'chai';
import { checkNamed, createPlugin, factoryIn, findPreset, pluginNames, presetNames } from '../../core/pipeline/catalogue.ts';

describe('a file of the catalogue', () => {
  it('exports the factory that is named as the file', () => {
    const acmeAccent = () => ({});
    expect(factoryIn({ acmeAccent, other: 5 }, 'acme-accent', 'plugins/acme-accent.ts')).to.equal(acmeAccent);
  });

  it('is named with what it exports where it has no such factory', () => {
    const find = (module: object) => () => factoryIn(module as Record<string, unknown>, 'acme-accent', 'plugins/acme-accent.ts');
    expect(find({ acme() {} })).to.throw('plugins/acme-accent.ts: expected it to export the function acmeAccent; it exports acme');
    expect(find({ acmeAccent: {} })).to.throw('the function acmeAccent');
    expect(find({})).to.throw('it exports nothing');
  });

  it('makes a plugin of its own name', () => {
    expect(() => checkNamed({ name: 'acme', request() {} }, 'acme-accent', 'plugins/acme-accent.ts')).to.throw('named "acme"; expected "acme-accent"');
    expect(() => checkNamed({ nane: 'acme-accent', request() {} }, 'acme-accent', 'plugins/acme-accent.ts')).to.throw(
      'plugins/acme-accent.ts: a plugin without "name"',
    );
  });

  it('is what it says: every plugin and every preset', async () => {
    for (const name of pluginNames()) expect((await createPlugin(name)).name).to.equal(name);
    for (const name of presetNames()) expect((await findPreset(name))().name).to.equal(name);
  });
});
