import { expect } from 'chai';
import type { ExchangeSummary } from '../../core/contract/plugin.ts';
import { CountingClock } from '../../core/fixtures/counting-clock.ts';
import { RunningExchange } from '../../core/run/running-exchange.ts';
import { openaiCompatible } from '../../presets/openai-compatible.ts';
import { type Pair, startPair } from '../support/pair.ts';
import { says } from '../support/scripted-provider.ts';

const COUNT = 3_000;
const each = <Part>(make: (at: number) => Part): Part[] => Array.from({ length: COUNT }, (_, at) => make(at));
const LONG = 'n'.repeat(100_000);

/** Each has more than COUNT elements that cannot be translated, and one whose name is endless. */
const ROWS = [
  { path: '/v1/responses', body: { model: 'm', input: 'hi', tools: [{ type: LONG }, ...each((at) => ({ type: `unknown_${at}` }))] } },
  {
    path: '/v1/chat/completions',
    body: { model: 'm', messages: [{ role: 'user', content: [{ type: 'text', text: 'hi' }, { type: LONG }, ...each((at) => ({ type: `unknown_${at}` }))] }] },
  },
  {
    path: '/v1/messages',
    body: {
      model: 'm',
      max_tokens: 9,
      messages: [{ role: 'user', content: [{ type: 'text', text: 'hi' }, { type: LONG }, ...each((at) => ({ type: `x_${at}` }))] }],
    },
  },
];

describe('a request with thousands of warnings', () => {
  const ended: ExchangeSummary[] = [];
  let pair: Pair;
  before(async () => {
    pair = await startPair({ lane: 'translated', plugins: [{ name: 'watch', end: (summary) => void ended.push(summary) }] });
    pair.provider.script(says('hello'));
  });
  after(() => pair.stop());

  for (const { path, body } of ROWS) {
    it(`gets twenty of them and the number of the others, in header, log and "end": ${path}`, async () => {
      const answer = await pair.gateway.post(body, {}, path);
      expect(answer.status, await answer.text()).to.equal(200);
      const header = answer.headers.get('x-tapline-warnings') ?? '';
      expect(header.split('dropped=').length - 1).to.equal(20);
      const [, more] = /, and=(\d+)_more$/.exec(header) ?? [];
      expect(Number(more)).to.equal(COUNT + 1 - 20);
      const line = pair.gateway.lines.findLast(({ msg }) => msg === 'exchange');
      expect(line?.['warnings']).to.have.length(20);
      expect(line?.['moreWarnings']).to.equal(COUNT + 1 - 20);
      expect(JSON.stringify(line).length).to.be.below(10_000);
      expect(ended.at(-1)?.warnings).to.have.length(20);
      expect(ended.at(-1)?.moreWarnings).to.equal(COUNT + 1 - 20);
    });
  }

  it('costs no work for those that are only counted', () => {
    let redacted = 0;
    const exchange = new RunningExchange({
      ...{ dialect: 'chat', headers: {}, preset: openaiCompatible(), url: new URL('http://127.0.0.1/v1'), authorization: {} },
      ...{ clock: new CountingClock(), log: pair.gateway.gateway.log },
      redact: (words) => {
        redacted += words.length;
        return words;
      },
    });
    for (let at = 0; at < 1_000; at++) exchange.warn({ param: LONG, reason: LONG });
    expect(exchange.warnings).to.have.length(20);
    expect(redacted).to.be.below(40_000);
    expect(exchange.warnings.every(({ param, reason }) => param.length <= 201 && reason.length <= 201)).to.equal(true);
  });

  it('hides a key that stands where a warning is cut', () => {
    const key = 'sk-a-key-of-forty-characters-that-is-hidden';
    const exchange = new RunningExchange({
      ...{ dialect: 'chat', headers: {}, preset: openaiCompatible(), url: new URL('http://127.0.0.1/v1'), authorization: {} },
      ...{ clock: new CountingClock(), log: pair.gateway.gateway.log, redact: (words) => words.replaceAll(key, '[redacted]') },
    });
    exchange.warn({ param: `${'x'.repeat(180)}${key}`, reason: 'because' });
    expect(exchange.warnings[0]?.param).to.not.include('sk-a-key');
  });
});
