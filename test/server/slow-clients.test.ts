import net, { type AddressInfo } from 'node:net';
import { expect } from 'chai';
import type { ExchangeSummary } from '../../core/contract/plugin.ts';
import { type Pair, startPair, until } from '../support/pair.ts';

const CHUNK = `data: ${JSON.stringify({ choices: [{ index: 0, delta: { content: 'x'.repeat(60_000) } }] })}\n\n`;
const LANES = { translated: { path: '/v1/responses', body: { model: 'm', input: 'hi', stream: true } } } as Record<string, { path: string; body: object }>;
LANES['native'] = { path: '/v1/chat/completions', body: { model: 'm', messages: [{ role: 'user', content: 'hi' }], stream: true } };

describe('a client that never reads', () => {
  for (const [lane, { path, body }] of Object.entries(LANES)) {
    describe(`in the ${lane} lane`, () => {
      const ended: ExchangeSummary[] = [];
      let pair: Pair;
      before(async () => {
        pair = await startPair({ plugins: [{ name: 'watch', end: (summary) => void ended.push(summary) }] });
        pair.provider.script(async (response) => {
          let wake = () => {};
          response.on('drain', () => wake()).on('close', () => wake());
          response.writeHead(200, { 'content-type': 'text/event-stream' });
          while (!response.destroyed) if (!response.write(CHUNK)) await new Promise<void>((resolve) => (wake = resolve));
        });
      });
      after(() => pair.stop());

      const askWithoutReading = async (): Promise<net.Socket> => {
        const client = net
          .connect((pair.gateway.server.address() as AddressInfo).port, '127.0.0.1')
          .pause()
          .on('error', () => {});
        const text = JSON.stringify(body);
        client.write(`POST ${path} HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: ${text.length}\r\n\r\n${text}`);
        await until(() => pair.clock.pending.includes(30_000));
        return client;
      };

      it('is given up after 120 seconds: its exchange ends, once, and its provider is not asked any further', async () => {
        const client = await askWithoutReading();
        await until(() => {
          pair.clock.advance(1_000);
          return ended.length > 0 && pair.provider.aborted > 0;
        });
        expect(ended.map(({ status }) => status)).to.deep.equal(['aborted']);
        expect(pair.gateway.lines.filter(({ msg }) => msg === 'exchange').map(({ status }) => status)).to.deep.equal(['aborted']);
        expect(pair.gateway.lines.map(({ msg }) => msg)).to.include('the client has not read for 120 s: its connection is closed');
        await until(() => pair.gateway.gateway.replies.size === 0);
        client.destroy();
      });

      it('is not waited for when the gateway stops', async () => {
        ended.length = 0;
        const client = await askWithoutReading();
        for (const reply of pair.gateway.gateway.replies) reply.hurry();
        const from = pair.clock.elapsed();
        await until(() => {
          pair.clock.advance(50);
          return ended.length > 0 && pair.gateway.gateway.replies.size === 0;
        });
        expect(pair.clock.elapsed() - from).to.be.below(100_000);
        expect(ended.map(({ status }) => status)).to.deep.equal(['aborted']);
        client.destroy();
      });
    });
  }
});
