import { Writable } from 'node:stream';
import { expect } from 'chai';
import { createLog, type LOG_FORMATS } from '../../core/config/log.ts';
import { GatewayError } from '../../core/contract/errors.ts';
import { createRedactor } from '../../core/gateway/redactor.ts';

const SECRET = 'sk-a"quoted/secret';

function logged(format: (typeof LOG_FORMATS)[number], ...fields: object[]): string {
  let text = '';
  const destination = new Writable({
    write(chunk, _, done) {
      text += String(chunk);
      done();
    },
  });
  const log = createLog({ level: 'info', format, redact: createRedactor([SECRET, undefined, 'short']), destination });
  for (const each of fields) log.info(each, 'a line');
  return text;
}

describe('the log', () => {
  for (const format of ['json', 'text'] as const) {
    it(`as ${format} hides what stands under the name of a secret, however deep`, () => {
      const line = logged(format, { headers: { Authorization: 'Bearer one', 'x-api-key': 'two \\" more' }, deep: { er: { cookie: 'three' } }, kept: 'four' });
      for (const hidden of ['one', 'two', 'more', 'three']) expect(line).to.not.contain(hidden);
      expect(line).to.contain('four');
    });

    it(`as ${format} hides every configured secret wherever it stands, escaped too`, () => {
      const line = logged(format, { message: `told ${SECRET}`, url: `https://x.example/?k=${encodeURIComponent(SECRET)}` });
      expect(line).to.not.contain('quoted');
      expect(line).to.contain('[redacted]');
    });
  }

  it('says once why a plugin failed, with the stack of its own error', () => {
    const cause = new TypeError('no luck');
    const line = JSON.parse(logged('json', { err: new GatewayError('plugin_failed', 'plugin "acme" failed in request: no luck', { cause }) }));
    expect(line.err.message).to.equal('plugin "acme" failed in request: no luck');
    expect(line.err.cause.stack).to.contain('log.test.ts');
  });

  it('does not take a word of a few letters for a secret', () => expect(logged('json', { told: 'short words' })).to.contain('short words'));
});
