import { expect } from 'chai';
import { createRedactor } from '../../core/gateway/redactor.ts';

const KEY = 'sk-ant-api03-Q7v/Zk+93hJm-2xW_pLd81TgRs5Yb';
const redact = createRedactor([KEY]);
const base64 = (text: string) => Buffer.from(text).toString('base64');

describe('a secret in a text', () => {
  const hidden = {
    'in base64': base64(KEY),
    'in base64 without padding': base64(KEY).replaceAll('=', ''),
    'in base64url': Buffer.from(KEY).toString('base64url'),
    'as the password of Basic': base64(`:${KEY}`),
    'behind a user name in Basic': base64(`me:${KEY}`),
    'behind four bytes in base64url': Buffer.from(`abcd${KEY}x`).toString('base64url'),
    'with its end cut off': KEY.slice(0, -5),
    'cut to its first twenty characters': KEY.slice(0, 20),
    'with its beginning cut off': KEY.slice(5),
    'cut to its last sixteen characters': KEY.slice(-16),
    'in base64 that is cut': base64(KEY).slice(0, 30),
  };
  for (const [how, form] of Object.entries(hidden)) {
    it(`is hidden ${how}`, () => {
      const told = redact(`the key ${form} is wrong; ${form}`);
      expect(told).to.match(/^the key \S*\[redacted\]\S* is wrong; \S*\[redacted\]\S*$/);
      for (let at = 0; at + 8 <= form.length; at++) if (!'sk-ant-api03-'.includes(form.slice(at, at + 8))) expect(told).to.not.include(form.slice(at, at + 8));
    });
  }

  it('leaves what all keys of a provider begin with, and words', () => {
    const plain = `keys begin with sk-ant-api03- or sk-ant-; yours ends with ${KEY.slice(-4)}`;
    expect(redact(plain)).to.equal(plain);
    const short = createRedactor(['tapline-password']);
    expect(short('tapline-passage, a password')).to.equal('tapline-passage, a password');
    expect(short('tapline-password')).to.equal('[redacted]');
  });

  it('is looked for in one pass, however often it begins', () => {
    const many = KEY.slice(0, 16).repeat(20_000);
    const from = process.cpuUsage();
    expect(redact(many)).to.not.include('api03');
    expect(process.cpuUsage(from).user / 1_000).to.be.below(500); // no measurement: what it took before was seconds
  });
});
