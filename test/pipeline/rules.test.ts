import { expect } from 'chai';
import type { Exchange } from '../../core/contract/exchange.ts';
import { rules } from '../../plugins/rules.ts';
import { openaiCompatible } from '../../presets/openai-compatible.ts';
import { json, ScriptedProvider, says } from '../support/scripted-provider.ts';
import { startGateway } from '../support/test-gateway.ts';

describe('rules about headers', () => {
  const ask = async (headers: object, reply = says('Hello.')) => {
    const provider = await ScriptedProvider.start(reply);
    const preset = openaiCompatible({ endpoints: { chat: provider.base }, apiKey: 'key-of-the-provider', retries: { times: 0 } });
    const gateway = await startGateway({ preset, plugins: [rules({ rules: [{ headers }] })] });
    try {
      const answer = await gateway.post({ model: 'm', input: 'hi' }).then((response) => response.text());
      return { sent: provider.asked[0]?.headers ?? {}, answer, logged: JSON.stringify(gateway.lines) };
    } finally {
      await gateway.stop();
      await provider.stop();
    }
  };

  it('set some for the provider, in place of those of the same name', async () => {
    const { sent } = await ask({ set: { 'HTTP-Referer': 'https://example.com', 'x-title': 'Mine' } });
    expect(sent).to.include({ 'http-referer': 'https://example.com', 'x-title': 'Mine', authorization: 'Bearer key-of-the-provider' });
  });

  it('drop one, whatever the case of its letters', async () => {
    expect((await ask({ drop: ['Authorization'] })).sent).not.to.have.property('authorization');
  });

  it('log no value, also when the provider refuses', async () => {
    const { logged } = await ask({ set: { 'x-team': 'team-of-nobody-else' } }, json(400, { error: { message: 'no' } }));
    expect(logged).not.to.include('team-of-nobody-else');
  });

  it('refuse a value of several lines', () => {
    expect(() => rules({ rules: [{ headers: { set: { 'x-a': 'b\r\nhost: c' } } }] })).to.throw(/one line/);
  });
});

describe('the models of a rule', () => {
  const rows: [pattern: string, model: string, fits: boolean][] = [
    ['glm-5', 'GLM-5', true],
    ['glm-5', 'glm-5.1', false],
    ['glm-*', 'glm-', true],
    ['*glm*', 'z-ai/glm-5', true],
    ['*glm*', 'gl-m', false],
    ['a*a', 'a', false],
    ['a*b*c', 'a-b-c', true],
    ['a*b*c', 'a-c-b', false],
    ['*', '', true],
    ['**', 'any', true],
    ['glm.5', 'glm-5', false],
    ['*a*a*a*a*b', 'a'.repeat(1_000_000), false],
  ];
  for (const [pattern, model, fits] of rows) {
    it(`${pattern} ${fits ? 'fits' : 'does not fit'} ${model.slice(0, 20) || 'no name'}`, async () => {
      const exchange = { model, client: { dialect: 'chat' }, lane: 'translated', upstream: { headers: {} }, warn() {} } as unknown as Exchange;
      const body = { model, messages: [] };
      await rules({ rules: [{ model: pattern, set: { found: true } }] }).wire?.chat?.request?.(body, exchange);
      expect('found' in body).to.equal(fits);
    });
  }
});
