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
  let take = () => {};
  const response = new Writable({
    highWaterMark: 1,
    decodeStrings: false,
    write(text, _, done) {
      written.push(String(text));
      take = done;
    },
  });
  Object.assign(response, { writeHead() {}, statusCode: 200 });
  const clock = new CountingClock();
  const exchange = testExchange({ dialect: 'chat', clock });
  const reply = new Reply(response as unknown as ServerResponse, exchange);
  reply.beginStream();
  return { reply, exchange, clock, response, written, take: () => take() };
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
    for (let time = 0; time < 7; time++) clock.advance(15_000);
    expect(response.listenerCount('drain')).to.equal(1);
    expect(response.writableLength).to.equal('data: 1\n\n'.length);
    expect(clock.pending.sort()).to.deep.equal([15_000, 30_000]);
    reply.stop();
  });

  it('is given up after 120 seconds, and its exchange with it', () => {
    const { reply, exchange, clock, response } = slowClient();
    void reply.write('data: 1\n\n');
    clock.advance(119_999);
    expect([response.destroyed, exchange.signal.aborted]).to.deep.equal([false, false]);
    clock.advance(1);
    expect([response.destroyed, exchange.signal.aborted]).to.deep.equal([true, true]);
    reply.stop();
  });

  it('is given up after 4 seconds when the gateway is to stop', () => {
    const { reply, exchange, clock } = slowClient();
    void reply.write('data: 1\n\n');
    clock.advance(60_000);
    reply.hurry();
    clock.advance(3_999);
    expect(exchange.signal.aborted).to.equal(false);
    clock.advance(1);
    expect(exchange.signal.aborted).to.equal(true);
    reply.stop();
  });

  it('is given up behind the end of its answer, too', () => {
    for (const answer of [(reply: Reply) => reply.endStream('data: [DONE]\n\n'), (reply: Reply) => reply.send(200, {}, '{}')]) {
      const { reply, clock, response } = slowClient();
      answer(reply);
      clock.advance(120_000);
      expect(response.destroyed).to.equal(true);
    }
  });

  it('is not given up while it takes anything at all', async () => {
    const { reply, exchange, clock, take } = slowClient();
    for (let minute = 0; minute < 10; minute++) {
      void reply.write('data: 1\n\n');
      clock.advance(60_000);
      take();
      await soon();
    }
    expect(exchange.signal.aborted).to.equal(false);
    reply.stop();
  });

  it('is not given up while Node is sending one long answer piece by piece', () => {
    const { reply, clock, response } = slowClient();
    const handle = { writeQueueSize: 1_000_000 };
    Object.assign(response, { socket: { _handle: handle } });
    reply.endStream('data: a long answer\n\n');
    for (let minute = 0; minute < 10; minute++) {
      handle.writeQueueSize -= 1_000;
      clock.advance(60_000);
    }
    expect(response.destroyed).to.equal(false);
    clock.advance(150_000);
    expect(response.destroyed).to.equal(true);
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
