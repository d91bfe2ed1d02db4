import { expect } from 'chai';
import type { Plugin } from '../../core/contract/plugin.ts';
import { playFixture } from '../../core/fixtures/play-fixture.ts';

const DELTAS = [
  { type: 'item.delta', key: 0, channel: 'text', delta: 'a' },
  { type: 'item.delta', key: 0, channel: 'text', delta: 'b' },
];
const KEPT = { events: { before: DELTAS, after: DELTAS } };
const REQUEST = { request: { before: { input: [] }, after: { input: [] } } };

async function differenceOf(plugin: Omit<Plugin, 'name'> | (() => Omit<Plugin, 'name'>), fixture: object): Promise<string | undefined> {
  const create = () => ({ name: 'acme', ...(typeof plugin === 'function' ? plugin() : plugin) });
  const { difference } = await playFixture(JSON.stringify({ it: 'does what is right', ...fixture }), create);
  return difference;
}

describe('playing a fixture', () => {
  it('passes a plugin that leaves all as it is', async () => {
    expect(await differenceOf({ event: () => undefined }, KEPT)).to.equal(undefined);
  });

  it('fails a plugin that changes an event in place', async () => {
    const event: Plugin['event'] = (given) => {
      if (given.type === 'item.delta') given.delta = 'x';
    };
    expect(await differenceOf({ event }, KEPT)).to.match(/plugin "acme" failed in event: Cannot assign to read only property 'delta'.*: return a new object$/);
  });

  it('fails a plugin that copies what it does not change', async () => {
    expect(await differenceOf({ event: (event) => ({ ...event }) }, KEPT)).to.match(/^events: it returned a copy of what did not change/);
    const chunk = { wire: { chunks: { before: [{ a: 1 }], after: [{ a: 1 }] } } };
    expect(await differenceOf({ wire: { chat: { chunk: (given) => ({ ...given }) } } }, chunk)).to.match(/^wire\.chunks\[0\]: it returned a copy/);
  });

  it('fails a plugin that does not do the same one by one', async () => {
    let calls = 0;
    const event: Plugin['event'] = (given) => (++calls > 3 ? ({ ...given, note: 1 } as never) : undefined);
    expect(await differenceOf({ event }, KEPT)).to.match(/one by one .*: events\.after\[1\]\.note\n {2}expected nothing\n {2}got {6}1$/s);
  });

  it('fails a plugin that keeps something for the next exchange', async () => {
    const keeps = (): Omit<Plugin, 'name'> => {
      let model: string | undefined;
      return {
        request(request) {
          model = request.model;
        },
        event: (event) => (event.type === 'item.delta' && model ? { ...event, delta: model } : undefined),
      };
    };
    const changed = DELTAS.map((delta) => ({ ...delta, delta: 'm' }));
    const request = { model: 'm', input: [] };
    const fixture = { request: { before: request, after: request }, events: { before: DELTAS, after: changed } };
    expect(await differenceOf(keeps, fixture)).to.match(/^something stays behind from another exchange; keep it with perExchange: events\.after\[0\]\.delta\n/);
  });

  it('fails a plugin whose `complete` handler fails, which a gateway only logs', async () => {
    const complete = () => {
      throw new Error('disk full');
    };
    expect(await differenceOf({ complete }, { complete: { id: 'resp_1', body: '{}' } })).to.equal('plugin "acme" failed in complete: disk full');
  });

  it('wants what `throws` says to be thrown', async () => {
    expect(await differenceOf({ request: () => undefined }, { ...REQUEST, throws: {} })).to.equal('throws: nothing was thrown');
    const request = () => {
      throw new Error('no luck');
    };
    expect(await differenceOf({ request }, { ...REQUEST, throws: { message: 'luck' } })).to.equal(undefined);
    expect(await differenceOf({ request }, { ...REQUEST, throws: { code: 'invalid_request' } })).to.match(
      /^throws\.code\n {2}expected "invalid_request"\n {2}got {6}"plugin_failed"/,
    );
  });

  it('wants a request to wait, or not to, as `behind` says', async () => {
    const idle: Omit<Plugin, 'name'> = { wire: { chat: { request: () => undefined } } };
    expect(await differenceOf(idle, { behind: { waits: false } })).to.equal(undefined);
    expect(await differenceOf(idle, { behind: { waits: true } })).to.equal('behind.waits\n  expected true\n  got      false');
  });

  it('wants something to play, and all warnings to be expected', async () => {
    expect(await differenceOf({ end: () => undefined }, {})).to.match(/^it gives the plugin nothing to do/);
    const request: Plugin['request'] = (_, exchange) => exchange.warn({ param: 'tools', reason: 'lost' });
    expect(await differenceOf({ request }, REQUEST)).to.match(/^warnings\[0\]\n {2}expected nothing\n {2}got {6}\{"param":"tools","reason":"lost"\}$/);
  });

  it('gives up on a handler that waits for time to pass', async () => {
    const request: Plugin['request'] = (_, exchange) => new Promise((resolve) => exchange.clock.after(10, resolve));
    const { difference } = await playFixture(JSON.stringify({ it: 'waits', ...REQUEST }), () => ({ name: 'acme', request }), 1);
    expect(difference).to.match(/^it did not finish within 0\.001 s; the clock of a fixture stands still/);
  });
});
