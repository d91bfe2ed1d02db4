import net, { type AddressInfo } from 'node:net';
import { expect } from 'chai';
import { CountingClock } from '../../core/fixtures/counting-clock.ts';
import { HttpClient } from '../../core/upstreams/http.ts';
import { readAll } from '../../core/upstreams/reads.ts';

const OK = 'HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 11\r\n\r\n{"ok":true}';
type Answer = (socket: net.Socket, nth: number) => void;

/** A provider on raw sockets: `answer` is called once per request, with its number on its connection. */
async function startRaw(answer: Answer) {
  const seen: { connections: number; requests: string[] } = { connections: 0, requests: [] };
  const sockets = new Set<net.Socket>();
  const server = net.createServer((socket) => {
    seen.connections++;
    sockets.add(socket.on('error', () => {}));
    let nth = 0;
    let text = '';
    socket.on('data', (bytes) => {
      text += bytes;
      if (!text.endsWith('"hi"}')) return;
      seen.requests.push(text);
      text = '';
      answer(socket, ++nth);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const http = new HttpClient(new CountingClock());
  const url = new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`);
  return {
    seen,
    ask: async () => {
      await new Promise<void>((resolve) => void setImmediate(resolve)); // the last connection is kept by now
      const { status, reads } = await http.send(url, {}, '{"say":"hi"}', new AbortController().signal);
      return `${status} ${await readAll(reads, 1 << 20)}`;
    },
    async stop() {
      await http.close();
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

describe('a connection to a provider', () => {
  let raw: Awaited<ReturnType<typeof startRaw>>;
  const failed = () => raw.ask().then(String, ({ code }) => code);
  afterEach(() => raw.stop());

  for (const [how, close] of [
    ['ended', (socket: net.Socket) => void socket.end()],
    ['reset', (socket: net.Socket) => void socket.resetAndDestroy()],
  ] as const)
    it(`that was kept, and is ${how} when the next request comes, costs no answer: the request goes out again on a new one`, async () => {
      raw = await startRaw((socket, nth) => (nth === 1 ? void socket.write(OK) : close(socket)));
      for (let times = 0; times < 3; times++) expect(await raw.ask()).to.equal('200 {"ok":true}');
      expect(raw.seen.requests).to.have.lengthOf(4);
      expect(raw.seen.requests.at(-1)).to.match(/^POST \/v1 /);
      expect(raw.seen.requests.at(-1)?.endsWith('{"say":"hi"}')).to.equal(true);
    });

  it('that was kept is given one more chance only', async () => {
    let down = false;
    raw = await startRaw((socket) => (down ? socket.end() : void socket.write(OK)));
    await raw.ask();
    down = true;
    expect(await failed()).to.equal('upstream_unreachable');
    expect(raw.seen.requests).to.have.lengthOf(3);
  });

  it('that is new and closes without an answer is left to the ordinary retries', async () => {
    raw = await startRaw((socket) => void socket.end());
    expect(await failed()).to.equal('upstream_unreachable');
    expect(raw.seen.requests).to.have.lengthOf(1);
  });

  it('that breaks inside an answer sends nothing twice', async () => {
    raw = await startRaw((socket, nth) => (nth === 1 ? void socket.write(OK) : socket.end(OK.slice(0, -5))));
    await raw.ask();
    expect(await failed()).to.equal('upstream_unreachable');
    expect(raw.seen.requests).to.have.lengthOf(2);
  });

  for (const [what, before] of [
    ['one', 'HTTP/1.1 100 Continue\r\n\r\n'],
    ['several, with headers', 'HTTP/1.1 100 Continue\r\nserver: x\r\n\r\nHTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\n\r\n'],
  ] as const)
    it(`ignores an unasked 100 Continue: ${what}, before the answer or together with it`, async () => {
      raw = await startRaw((socket, nth) => {
        if (nth === 2) return void socket.write(before + OK);
        socket.write(before);
        setImmediate(() => socket.write(OK));
      });
      for (let times = 0; times < 3; times++) expect(await raw.ask()).to.equal('200 {"ok":true}');
      expect(raw.seen.connections).to.equal(1);
    });
});
