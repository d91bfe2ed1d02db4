import { expect } from 'chai';
import type { StreamEvent } from '../../core/contract/canonical.ts';
import type { Exchange } from '../../core/contract/exchange.ts';
import type { Plugin } from '../../core/contract/plugin.ts';
import { createPipeline } from '../../core/pipeline/create-pipeline.ts';
import { openaiCompatible } from '../../presets/openai-compatible.ts';
import { ScriptedProvider, says } from '../support/scripted-provider.ts';
import { eventsOf, startGateway } from '../support/test-gateway.ts';

const exchange = {} as Exchange;
const delta = (text: string): StreamEvent => ({ type: 'item.delta', key: 0, channel: 'text', delta: text });
const pipelineOf = (...plugins: Plugin[]) => createPipeline(plugins, 'chat', 'translated');

describe('the pipeline', () => {
  it('hands over the very same batch while nothing changes', () => {
    const events = [delta('a'), delta('b')];
    expect(pipelineOf({ name: 'a', event: () => undefined }, { name: 'b', event: (event) => event }).events.call(events, exchange)).to.equal(events);
  });

  it('replaces one event by several, or by none, and the plugins listed earlier see what came of it', () => {
    const seen: string[] = [];
    const look: Plugin = { name: 'look', event: (event) => void seen.push(event.type === 'item.delta' ? event.delta : event.type) };
    const split: Plugin = { name: 'split', event: (event) => (event.type === 'item.delta' ? [...event.delta].map(delta) : []) };
    pipelineOf(look, split).events.call([delta('ab'), { type: 'start' }], exchange);
    expect(seen).to.deep.equal(['a', 'b']);
  });

  it('runs handlers of a request in order, and waits only where one has to be waited for', async () => {
    const order: string[] = [];
    const pipeline = pipelineOf(
      { name: 'a', request: () => void order.push('a') },
      { name: 'b', request: () => Promise.resolve().then(() => void order.push('b')) },
      { name: 'c', request: () => void order.push('c') },
    );
    await pipeline.request.promise({ model: 'm', input: [] }, exchange);
    expect(order).to.deep.equal(['a', 'b', 'c']);
  });

  it('has no taps for another dialect or lane', () => {
    const pipeline = pipelineOf({ name: 'a', upstream: 'responses', event: () => [] }, { name: 'b', lane: 'native', request: () => {} });
    expect([pipeline.events.isUsed(), pipeline.request.isUsed()]).to.deep.equal([false, false]);
  });

  it('runs `item` for items that are added and done, and `event` after it', () => {
    const named: Plugin = {
      name: 'named',
      item: (item) => (item.type === 'function_call' ? { ...item, name: 'new' } : undefined),
    };
    const call = { type: 'function_call' as const, call_id: 'c', name: 'old', arguments: '' };
    const [added, kept] = pipelineOf(named).events.call([{ type: 'item.added', key: 0, item: call }, delta('x')], exchange);
    expect(added).to.deep.include({ item: { ...call, name: 'new' } });
    expect(kept).to.deep.equal(delta('x'));
  });
});

describe('a plugin that throws', () => {
  for (const handler of ['route', 'request', 'event', 'item', 'end'] as const) {
    it(`in ${handler} fails its own exchange only, and is named`, async () => {
      const provider = await ScriptedProvider.start(says('hello'));
      let broken = true;
      const fault: Plugin = {
        name: 'fault',
        [handler]: () => {
          if (broken) throw new Error('oops');
        },
      };
      const gateway = await startGateway({ preset: openaiCompatible({ endpoints: { chat: provider.base } }), plugins: [fault] });
      const first = await gateway.post({ model: 'm', input: 'hi', stream: true });
      const told = await first.text();
      if (handler === 'end') expect(eventsOf(told).at(-1).type).to.equal('response.completed');
      else expect(told).to.contain(`plugin \\"fault\\" failed in ${handler}: oops`);
      expect(gateway.lines.some(({ msg, err }) => JSON.stringify([msg, err]).includes('oops'))).to.equal(true);
      broken = false;
      const second = eventsOf(await (await gateway.post({ model: 'm', input: 'hi', stream: true })).text());
      expect(second.at(-1).type).to.equal('response.completed');
      await gateway.stop();
      await provider.stop();
    });
  }
});
