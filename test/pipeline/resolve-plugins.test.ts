import { expect } from 'chai';
import type { Plugin, PluginOption } from '../../core/contract/plugin.ts';
import { resolvePlugins } from '../../core/pipeline/resolve-plugins.ts';

const plugin = (name: string, rest: Partial<Plugin> = {}): Plugin => ({ name, start() {}, ...rest });
const listed: PluginOption = [plugin('a'), [plugin('b'), false, plugin('c')], plugin('error-sanitizer', { place: 'last' })];
const names = (added?: PluginOption, disable: string[] = []): string[] => resolvePlugins({ preset: 'p', listed, added, disable }).map(({ name }) => name);

describe('the list of plugins', () => {
  it('is flat, and without what is falsy', () => expect(names()).to.deep.equal(['a', 'b', 'c', 'error-sanitizer']));

  it('takes a new plugin in front of those whose place is last', () => expect(names([plugin('z')])).to.deep.equal(['a', 'b', 'c', 'z', 'error-sanitizer']));

  it('takes a known name as a new configuration, in its place', () => {
    const again = plugin('b', { upstream: 'chat' });
    expect(resolvePlugins({ preset: 'p', listed, added: [again] })[1]).to.equal(again);
  });

  it('keeps the last of a name in the place of the first', () => {
    const last = plugin('a', { lane: 'native' });
    expect(resolvePlugins({ preset: 'p', listed: [plugin('a'), plugin('b'), last] })[0]).to.equal(last);
  });

  it('moves a plugin ahead of the one it names, wherever that stands', () => {
    expect(names([plugin('z', { before: 'a' })])).to.deep.equal(['z', 'a', 'b', 'c', 'error-sanitizer']);
    expect(resolvePlugins({ preset: 'p', listed: [plugin('x', { before: 'y' }), plugin('w'), plugin('y')] }).map(({ name }) => name)).to.deep.equal([
      'w',
      'x',
      'y',
    ]);
  });

  it('leaves disabled names out, also with the name of the preset', () => expect(names(undefined, ['a', 'p/c'])).to.deep.equal(['b', 'error-sanitizer']));

  it('names all there are when one is unknown', () => {
    expect(() => names(undefined, ['nonsense'])).to.throw('disable: there is no plugin "nonsense"; there are a, b, c, error-sanitizer');
    expect(() => names([plugin('z', { before: 'nobody' })])).to.throw('plugin "z": before: there is no plugin "nobody"');
  });
});
