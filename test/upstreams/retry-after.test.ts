import { expect } from 'chai';
import { failureToError, readFailure } from '../../core/upstreams/failure.ts';

const NOW = Date.UTC(2026, 10, 20, 1, 0, 0);

describe('how long to wait', () => {
  const TOLD: [where: string, error: object, headers: Record<string, string>, seconds: number | undefined][] = [
    ['a header of milliseconds, before any other', { message: 'try again in 9s' }, { 'retry-after-ms': '1500', 'retry-after': '7' }, 2],
    ['a header of seconds', { message: 'try again in 9s' }, { 'retry-after': '7' }, 7],
    ['a header with a date', {}, { 'retry-after': 'Fri, 20 Nov 2026 01:00:30 GMT' }, 30],
    ["ChatGPT's seconds", { resets_in_seconds: 7200, resets_at: 1 }, {}, 7200],
    ["ChatGPT's time", { resets_at: NOW / 1000 + 90 }, {}, 90],
    ["Google's details", { details: [null, { '@type': 'a' }, { retryDelay: '22s' }] }, {}, 22],
    ['words with seconds, before limits', { message: 'Please try again in 5.289s. More' }, { 'x-ratelimit-reset': '60' }, 6],
    ['words with minutes', { message: 'Try again in 1m2.5s' }, {}, 63],
    ['words with milliseconds', { message: 'try again in 300ms' }, {}, 1],
    ['words of another provider', { message: 'please try again after 1 seconds' }, {}, 1],
    ['long words', { message: 'Retry after 1 hour, 2 minutes' }, {}, 3720],
    [
      'the limit that is used up',
      {},
      { 'x-ratelimit-reset-requests': '2m59.56s', 'x-ratelimit-remaining-requests': '0', 'x-ratelimit-reset-tokens': '5s' },
      180,
    ],
    ['the first limit where none is known to be used up', {}, { 'x-ratelimit-reset-requests': '1h', 'x-ratelimit-reset-tokens': '5.289s' }, 6],
    ['a limit in seconds', {}, { 'x-ratelimit-reset': '3' }, 3],
    ['a limit that is a time', {}, { 'x-ratelimit-reset': String(NOW + 12_000) }, 12],
    ['a time that has passed', {}, { 'x-ratelimit-reset': String(NOW - 12_000) }, 0],
    ['nothing', { message: 'try again in a while', resets_at: 'soon', details: 'x' }, { 'retry-after': 'soon', 'x-ratelimit-reset': 'never' }, undefined],
  ];
  for (const [where, error, headers, seconds] of TOLD) {
    it(`is read from ${where}`, () => expect(readFailure(429, { error }, { headers, now: NOW }).retryAfter).to.equal(seconds));
  }

  it('is not looked for in endless words', () => {
    const from = process.cpuUsage();
    readFailure(429, { error: { message: `try again in ${'1 s, '.repeat(50_000)}!` } });
    readFailure(429, { error: { message: `try again in ${'1'.repeat(100_000)}` } });
    expect(process.cpuUsage(from).user / 1_000).to.be.below(1_000);
  });
});

describe('what a provider refuses', () => {
  it("is read from Mistral's list inside a message, with the field it is about", () => {
    const detail = [{ type: 'extra_forbidden', loc: ['body', 'messages', 3, 'name'], msg: 'Extra inputs are not permitted' }];
    const failure = readFailure(422, { object: 'error', message: { detail }, type: 'invalid_request_error', param: null, code: null });
    expect(failure).to.include({ message: 'Extra inputs are not permitted', param: 'messages.3.name', type: 'invalid_request_error' });
  });

  it("has Google's word for it as its type", () => {
    const body = [{ error: { code: 429, message: 'No.', status: 'RESOURCE_EXHAUSTED' } }];
    expect(readFailure(429, body)).to.include({ type: 'RESOURCE_EXHAUSTED', message: 'No.' });
  });

  it('means what a plugin says, whatever its status and words', () => {
    const told = { status: 413, type: 'insufficient_quota', message: 'reduce the length of the messages', retryAfter: 3 };
    expect(failureToError(told).code).to.equal('quota_exhausted');
    const { code, status, details } = failureToError({ ...told, means: 'rate_limited' });
    expect([code, status, details.retryAfter]).to.deep.equal(['rate_limited', 429, 3]);
  });
});
