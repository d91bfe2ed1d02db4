import type { ServerResponse } from 'node:http';
import net, { type AddressInfo } from 'node:net';
import { Writable } from 'node:stream';
import { expect } from 'chai';
import { CountingClock } from '../../core/fixtures/counting-clock.ts';
import { Reply } from '../../core/run/reply.ts';
import { startPair, until } from '../support/pair.ts';
import { testExchange } from '../support/test-exchange.ts';

/** A client that never reads. */
function slowClient() {
  const written: string[] = [];
  const response = new Writable({ highWaterMark: 1, decodeStrings: false, write: (text) => void written.push(String(text)) });
  Object.assign(response, { writeHead() {} });
  const clock = new CountingClock();
  const exchange = testExchange({ dialect: 'chat', clock });
  const reply = new Reply(response as unknown as ServerResponse, exchange);
  reply.beginStream();
  return { reply, exchange, clock, response, written };
}

const soon = () => new Promise<void>((resolve) => void setImmediate(resolve));

describe('what is written to a client that does not read', () => {
  it('is no rejection that nobody handles when the client leaves: that would end the process', async () => {
    const { reply, exchange } = slowClient();
    const unhandled: unknown[] = [];
    const others = process.listeners('unhandledRejection');
    process.removeAllListeners('unhandledRejection').on('unhandledRejection', (reason) => unhandled.push(reason));
    try {
      expect(reply.write('data: 1\n\n')).to.be.a('promise');
      exchange.leave();
      await soon();
      expect(unhandled).to.deep.equal([]);
    } finally {
      process.removeAllListeners('unhandledRejection');
      for (const other of others) process.on('unhandledRejection', other);
    }
  });

  it('tells who waits that the client left', async () => {
    const { reply, exchange } = slowClient();
    const waiting = reply.write('data: 1\n\n');
    exchange.leave();
    expect(await waiting?.then(undefined, (thrown) => thrown.name)).to.equal('AbortError');
  });

  it('gets no signs of life piled up behind it', async () => {
    const { reply, clock, response } = slowClient();
    void reply.write('data: 1\n\n');
    for (let time = 0; time < 20; time++) clock.advance(15_000);
    expect(response.listenerCount('drain')).to.equal(1);
    expect(response.writableLength).to.equal('data: 1\n\n'.length);
    expect(clock.pending).to.deep.equal([15_000]);
    reply.stop();
  });
});

describe('a client that breaks its connection', () => {
  it('is told of in the log, and nowhere else', async () => {
    const pair = await startPair();
    try {
      pair.provider.script((response) => void response.writeHead(200, { 'content-type': 'text/event-stream' }).write('data: {"choices":[]}\n\n'));
      const client = net.connect((pair.gateway.server.address() as AddressInfo).port, '127.0.0.1');
      const body = '{"model":"m","input":"hi","stream":true}';
      client.write(`POST /v1/responses HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n${body}`);
      await new Promise((resolve) => void client.once('data', resolve));
      client.resetAndDestroy();
      await until(() => pair.gateway.lines.some(({ msg }) => msg === 'failed outside an exchange'));
      expect(pair.gateway.lines.find(({ msg }) => msg === 'failed outside an exchange')?.['level']).to.equal(20);
    } finally {
      await pair.stop();
    }
  });
});
