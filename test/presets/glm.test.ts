import { expect } from 'chai';
import { readSettings } from '../../core/config/settings.ts';
import { glm } from '../../presets/glm.ts';
import { json, ScriptedProvider, says } from '../support/scripted-provider.ts';
import { startGateway } from '../support/test-gateway.ts';

describe('preset glm', () => {
  const MODELS = {
    'gpt-4': 'glm-4',
    'gpt-4-turbo': 'glm-4',
    'gpt-4o': 'glm-4-plus',
    'gpt-4o-mini': 'glm-4-flash',
    'gpt-3.5-turbo': 'glm-4-flash',
    'gpt-5.1-codex': 'glm-5',
    'gpt-5.3-codex': 'glm-5',
    'glm-4.7': 'glm-4.7',
  };
  for (const [asked, sent] of Object.entries(MODELS)) {
    it(`asks for ${sent} in place of ${asked}`, async () => {
      const provider = await ScriptedProvider.start(says('Hello.'));
      const gateway = await startGateway({ preset: glm({ endpoints: { chat: provider.base }, apiKey: 'key-of-the-plan' }) });
      try {
        expect(await gateway.post({ model: asked, input: 'hi' }).then((response) => response.json())).to.include({ model: asked, status: 'completed' });
        expect(provider.asked[0]?.body).to.include({ model: sent });
      } finally {
        await gateway.stop();
        await provider.stop();
      }
    });
  }

  it('is served below /v4, /v1 and without either, models too, and nowhere else', async () => {
    const provider = await ScriptedProvider.start(json(200, { data: [{ id: 'glm-5' }] }));
    const gateway = await startGateway({ preset: glm({ endpoints: { chat: provider.base }, apiKey: 'key-of-the-plan' }) });
    try {
      for (const prefix of ['/v4', '/v1', '']) {
        const { data } = (await fetch(`${gateway.url}${prefix}/models`).then((response) => response.json())) as { data: { id: string }[] };
        expect(data[0]?.id).to.equal('glm-5');
        const refused = await gateway.post({ model: 'glm-5' }, {}, `${prefix}/responses`);
        expect([prefix, refused.status]).to.deep.equal([prefix, 400]);
      }
      expect((await fetch(`${gateway.url}/v3/models`)).status).to.equal(404);
    } finally {
      await gateway.stop();
      await provider.stop();
    }
  });

  it('takes its key, its base and the port from the old variables', async () => {
    const variables = { GLM_API_KEY: 'key-of-the-plan', GLM_API_BASE: 'https://open.bigmodel.cn/api/paas/v4' };
    const { preset, port } = await readSettings({ config: false, preset: 'glm' }, '.', variables);
    expect([preset.apiKey, preset.endpoints.chat, port]).to.deep.equal(['key-of-the-plan', 'https://open.bigmodel.cn/api/paas/v4', 18_765]);
    expect((await readSettings({ config: false, preset: 'glm' }, '.', { ...variables, PROXY_PORT: '4000' })).port).to.equal(4000);
    expect(await readSettings({ config: false, preset: 'glm' }, '.', {}).catch(String)).to.match(/set GLM_API_KEY/);
  });
});
