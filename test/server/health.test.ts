import { expect } from 'chai';
import { openaiCompatible } from '../../presets/openai-compatible.ts';
import { zai } from '../../presets/zai.ts';
import { startGateway } from '../support/test-gateway.ts';

describe('GET /health', () => {
  const PLACE = 'http://127.0.0.1:1/v1';
  const told = async (...options: Parameters<typeof startGateway>) => {
    const gateway = await startGateway(...options);
    try {
      const response = await fetch(`${gateway.url}/health`);
      return { status: response.status, body: (await response.json()) as Record<string, unknown> };
    } finally {
      await gateway.stop();
    }
  };

  it('tells that it runs, and which provider it asks', async () => {
    expect(await told({ preset: zai({ apiKey: 'key-of-the-plan' }) })).to.deep.equal({
      status: 200,
      body: { status: 'ok', version: '0.0.0', uptime_seconds: 0, preset: 'zai', upstream: 'https://api.z.ai/api/coding/paas/v4', stray_errors: 0 },
    });
  });

  it('tells no more of the address than where it is', async () => {
    const { body } = await told({ preset: openaiCompatible({ endpoints: { chat: 'http://user:secret@127.0.0.1:1/v1?key=secret' } }) });
    expect(body).to.include({ upstream: PLACE });
  });

  it('tells other machines nothing of it', async () => {
    const { body } = await told({ preset: openaiCompatible({ endpoints: { chat: PLACE } }), access: { loopback: false, apiKey: 'key-of-the-gateway' } });
    expect(body).to.have.all.keys('status', 'version', 'uptime_seconds');
  });
});
