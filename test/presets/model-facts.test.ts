import { expect } from 'chai';
import { openaiCompatible } from '../../presets/openai-compatible.ts';
import { json, ScriptedProvider } from '../support/scripted-provider.ts';
import { startGateway } from '../support/test-gateway.ts';

const KNOWN = { id: 'known', contextWindow: 1_000, maxOutput: 100, input: ['text'] as const, efforts: ['low'] };

async function modelsOf(...data: unknown[]) {
  const provider = await ScriptedProvider.start(json(200, { object: 'list', data }));
  const gateway = await startGateway({ preset: openaiCompatible({ endpoints: { chat: provider.base }, models: [KNOWN] }) });
  const models = await gateway.gateway.models();
  await gateway.stop();
  await provider.stop();
  return models;
}

describe('the facts of a model', () => {
  it("are the preset's, where the provider only tells its name", async () => expect(await modelsOf({ id: 'known' })).to.deep.equal([KNOWN]));

  it("are the provider's, where its list tells them, in the forms of several servers", async () => {
    const listed = [
      { id: 'known', context_length: 2_000, top_provider: { max_completion_tokens: 200 }, architecture: { input_modalities: ['text', 'image', 'smell'] } },
      { id: 'local', max_model_len: 4_096 },
      { id: 'claude', type: 'model', display_name: 'Claude', max_input_tokens: 1_000_000, max_tokens: 128_000 },
      { id: 'loaded', type: 'vlm', max_context_length: 131_072, loaded_context_length: 8_192 },
      { id: 'tiny.gguf', architecture: { input_modalities: ['text', 'image'] }, meta: { n_ctx: 4_096, n_ctx_train: 65_536, n_params: 1 } },
      { id: 'odd', context_length: 'large', max_output_tokens: -1, architecture: null, meta: [] },
    ];
    expect(await modelsOf(...listed)).to.deep.equal([
      { ...KNOWN, contextWindow: 2_000, maxOutput: 200, input: ['text', 'image'] },
      { id: 'local', contextWindow: 4_096 },
      { id: 'claude', contextWindow: 1_000_000, maxOutput: 128_000 },
      { id: 'loaded', contextWindow: 8_192 },
      { id: 'tiny.gguf', contextWindow: 4_096, input: ['text', 'image'] },
      { id: 'odd' },
    ]);
  });

  it('leave out what has no name, and fall back to the preset where nothing is left', async () => {
    expect(await modelsOf({ id: 'a' }, null, 7, { id: 3 }, {})).to.deep.equal([{ id: 'a' }]);
    expect(await modelsOf(null, {})).to.deep.equal([KNOWN]);
  });
});
