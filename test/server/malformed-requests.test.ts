import net, { type AddressInfo } from 'node:net';
import { expect } from 'chai';
import { type Pair, startPair, until } from '../support/pair.ts';

const KEY = 'client-KEY-abcdefghijklmnop';
const PROMPT = 'MY SECRET PROMPT';
const HEAD = `POST /v1/responses HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer ${KEY}\r\ncontent-type: application/json\r\n`;
const CHUNKED = `${HEAD}transfer-encoding: chunked\r\n\r\n`;
const STREAMED = `{"model":"m","input":"${PROMPT}","stream":true}`;
const ROWS = {
  'a chunk whose size is no number': `${CHUNKED}20\r\n{"input":"${PROMPT}!!!!!!\r\nZZ\r\n`,
  'a chunk with an endless extension': `${CHUNKED}20;${PROMPT.repeat(2_000)}\r\n`,
  'headers that are too large': `${HEAD}x-long: ${PROMPT.repeat(4_000)}\r\n\r\n`,
  'a header that is none': `${HEAD}${PROMPT}\r\n\r\n`,
  'no HTTP at all': `${KEY} ${PROMPT}\r\n\r\n`,
  'two lengths': `${HEAD}content-length: 5\r\ncontent-length: 6\r\n\r\n${PROMPT}`,
  'garbage behind a request that is being answered': `${HEAD}content-length: ${STREAMED.length}\r\n\r\n${STREAMED}${KEY} ${PROMPT}\r\n\r\n`,
};

describe('a malformed request', () => {
  let pair: Pair;
  before(async () => {
    pair = await startPair();
    pair.provider.script((response) => void response.writeHead(200, { 'content-type': 'text/event-stream' }).write('data: {"choices":[]}\n\n'));
  });
  after(() => pair.stop());

  for (const [what, bytes] of Object.entries(ROWS)) {
    it(`leaves nothing of its bytes in the log: ${what}`, async () => {
      pair.gateway.lines.length = 0;
      const client = net.connect((pair.gateway.server.address() as AddressInfo).port, '127.0.0.1');
      client.on('error', () => {}).resume();
      client.write(bytes);
      await new Promise((resolve) => client.once('close', resolve));
      await new Promise((resolve) => pair.gateway.server.getConnections(resolve));
      if (bytes.startsWith(CHUNKED)) await until(() => pair.gateway.lines.some(({ msg }) => msg === 'exchange'));
      const log = JSON.stringify(pair.gateway.lines);
      for (const part of [KEY, 'SECRET', 'rawPacket', [...Buffer.from('SECRET')].join()]) expect(log).to.not.include(part);
      for (const line of pair.gateway.lines) expect(line['level'], JSON.stringify(line)).to.be.below(50);
    });
  }
});
