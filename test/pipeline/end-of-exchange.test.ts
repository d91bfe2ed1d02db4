import { expect } from 'chai';
import { CountingClock } from '../../core/fixtures/counting-clock.ts';
import { openaiCompatible } from '../../presets/openai-compatible.ts';
import { ScriptedProvider, says, sse } from '../support/scripted-provider.ts';
import { startGateway } from '../support/test-gateway.ts';

const LONG = 'x'.repeat(4 << 20);

describe('the end of an exchange', () => {
  for (const [what, reply] of [
    ['a short answer', says('hello')],
    ['an answer larger than a socket takes at once', says(LONG)],
    ['an answer without [DONE]', sse({ choices: [{ delta: { content: LONG }, finish_reason: 'stop' }] })],
    ['an answer that breaks off', sse({ choices: [{ delta: { content: LONG } }] })],
  ] as const) {
    it(`leaves no timer behind after ${what}: it would keep the whole exchange`, async () => {
      const provider = await ScriptedProvider.start(reply);
      const clock = new CountingClock();
      const gateway = await startGateway({ preset: openaiCompatible({ endpoints: { chat: provider.base } }), clock });
      try {
        for (const stream of [true, false]) await (await gateway.post({ model: 'm', input: 'hi', stream })).text();
        for (let turns = 0; clock.pending.length > 0 && turns < 1_000; turns++) await new Promise(setImmediate);
        expect(clock.pending).to.deep.equal([]);
      } finally {
        await gateway.stop();
        await provider.stop();
      }
    });
  }
});
