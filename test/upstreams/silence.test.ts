import { expect } from 'chai';
import { isSilence } from '../../core/upstreams/silence.ts';

const DATA = 'data: {"choices":[]}\n\n';

describe('silence in a stream', () => {
  for (const end of ['\n', '\r\n', '\r'])
    it(`is comments and pings, with lines that end in ${JSON.stringify(end)}`, () => {
      const parts = [
        ': a\n\n',
        ':\n:\n\n',
        'event: ping\ndata: {"type":"ping"}\n\n: b\n\n',
        'event:keepalive\ndata:{}\n\n',
        '\n\n',
        `:${':'.repeat(5_000)}\n\n`,
      ];
      for (const part of parts) {
        const sent = part.replaceAll('\n', end);
        expect(isSilence(Buffer.from(sent)), sent.slice(0, 40)).to.equal(true);
        expect(isSilence(Buffer.from(sent + DATA.replaceAll('\n', end)))).to.equal(false);
      }
    });

  it('is not an answer, whatever stands before it', () => {
    for (const part of [
      DATA,
      `: a\n${DATA}`,
      `event: ping\ndata: {}\n\n${DATA}`,
      'event: pings\ndata: {}\n\n',
      'data: {"type":"ping"}\n\n',
      'event: message\ndata: {}\n\n',
      'x\n\n',
    ])
      expect(isSilence(Buffer.from(part)), part).to.equal(false);
  });

  it('is told in a time that grows with its size: colons before an answer do not hold the gateway', () => {
    const colons = (times: number) => Buffer.from(`:${':'.repeat(times)}\n${DATA}`);
    const from = process.cpuUsage().user;
    for (const times of [60, 190, 1 << 20]) expect(isSilence(colons(times))).to.equal(false);
    for (const begin of ['\n', '\r\n', ': \n', 'event: ping\ndata: {}\n\n']) expect(isSilence(Buffer.from(begin.repeat(100_000) + DATA))).to.equal(false);
    expect((process.cpuUsage().user - from) / 1000).to.be.below(1_000);
  });
});
