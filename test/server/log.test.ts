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
      const line = logged(format, {
        headers: { Authorization: 'Bearer one', 'x-api-key': 'two \\" more' },
        deep: { er: { cookie: 'three' }, 'set-cookie': ['five', 'six] "'] },
        kept: 'four',
      });
      for (const hidden of ['one', 'two', 'more', 'three', 'five', 'six']) expect(line).to.not.contain(hidden);
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
    expect(line.err.stack).to.contain('caused by: TypeError: no luck').and.contain('log.test.ts');
  });

  it('does not take a word of a few letters for a secret', () => expect(logged('json', { told: 'short words' })).to.contain('short words'));

  for (const format of ['json', 'text'] as const) {
    it(`as ${format} keeps nothing of the bytes that Node attaches to an error, under any name`, () => {
      const parseError = Object.assign(new Error('Parse Error: Invalid character in chunk size'), {
        code: 'HPE_INVALID_CHUNK_SIZE',
        rawPacket: Buffer.from('authorization: Bearer client-key-1234 MY PROMPT'),
        config: { headers: { 'x-key': 'MY PROMPT' } },
      });
      const line = logged(format, { err: parseError }, { problem: parseError }, { deep: { list: [parseError] } }, { packet: parseError.rawPacket });
      expect(line).to.include('Invalid character in chunk size').and.include('HPE_INVALID_CHUNK_SIZE');
      for (const hidden of ['rawPacket', '97,117,116', 'MY PROMPT', 'config']) expect(line).to.not.include(hidden);
    });

    it(`as ${format} keeps nothing of the text that V8 quotes when it cannot parse it`, () => {
      const texts = [
        'MY PROMPT',
        '{"input":"of a longer text that holds a secret", MY PROMPT, and goes on for a while}',
        '"MY PROMPT',
        '{"a":MY\nPROMPT}',
        'MY "quoted" PROMPT',
      ];
      for (const text of texts) {
        let thrown: unknown;
        try {
          JSON.parse(text);
        } catch (error) {
          thrown = error;
        }
        const line = logged(format, { err: new Error('a plugin failed', { cause: thrown }) }, { error: { message: (thrown as Error).message } });
        for (const hidden of ['MY', 'PROMPT', 'secret']) expect(line, text).to.not.include(hidden);
        expect(line).to.include('JSON');
      }
    });

    it(`as ${format} cuts what is long, and lists that are`, () => {
      const fields = { model: 'm'.repeat(1 << 20), names: Array.from({ length: 100_000 }, (_, at) => `name-${at}`), ['k'.repeat(1 << 20)]: 1 };
      const line = logged(format, fields, { error: { message: 'n'.repeat(1 << 20) } });
      expect(line.length).to.be.below(12_000);
      expect(line).to.include('(1048576 characters)').and.include('(100000 elements)');
    });

    it(`as ${format} spells out what moves a terminal's cursor or turns its text around`, () => {
      const line = logged(format, { err: new Error('\u009b2Jcleared \u001b[31m'), model: 'a\u202etxt.exe', names: ['\u2066x\u0085'] });
      // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
      expect(line).to.not.match(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/);
      for (const spelled of ['\\u009b2J', '\\u001b[31m', 'a\\u202etxt.exe', '\\u2066x\\u0085']) expect(line).to.include(spelled);
      if (format === 'json') expect(JSON.parse(line)).to.include({ model: 'a\u202etxt.exe' });
    });
  }

  it('as text keeps tabs and the lines of a stack', () => {
    expect(logged('text', { err: new Error('one\ttwo') })).to.match(/one\ttwo\n\s+at /);
  });

  it('loses lines, not memory, when its reader stalls', () => {
    const stalled = new Writable({ write() {} });
    const log = createLog({ level: 'info', format: 'json', redact: (text) => text, destination: stalled });
    for (let line = 0; line < 10_000; line++) log.info({ text: 'x'.repeat(2_000) }, 'a line');
    expect(stalled.writableLength).to.be.below(5 << 20);
  });
});
