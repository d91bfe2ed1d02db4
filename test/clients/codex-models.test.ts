import { expect } from 'chai';
import { z } from 'zod';
import { BASE_INSTRUCTIONS } from '../../core/clients/codex/base-instructions.ts';
import { codexModels } from '../../core/clients/codex/codex-models.ts';
import type { ModelFacts } from '../../core/contract/facts.ts';
import { findPreset, presetNames } from '../../core/pipeline/catalogue.ts';
import { modelsBody } from '../../core/server/models.ts';

/** What all of Codex 0.110 to 0.169 read: a field that is missing, or a word they do not know, voids the whole list. */
const Entry = z.strictObject({
  slug: z.string().min(1),
  display_name: z.string().min(1),
  description: z.string(),
  supported_reasoning_levels: z.array(
    z.strictObject({ effort: z.enum(['none', 'minimal', 'low', 'medium', 'high', 'xhigh']), description: z.string().min(1) }),
  ),
  shell_type: z.enum(['default', 'local', 'shell_command', 'unified_exec', 'disabled']),
  visibility: z.literal('list'),
  supported_in_api: z.literal(true),
  priority: z.int(),
  base_instructions: z.string().min(1000),
  supports_reasoning_summaries: z.boolean(),
  default_reasoning_summary: z.enum(['auto', 'concise', 'detailed', 'none']),
  support_verbosity: z.boolean(),
  apply_patch_tool_type: z.literal('freeform'),
  truncation_policy: z.strictObject({ mode: z.enum(['bytes', 'tokens']), limit: z.int().positive() }),
  supports_parallel_tool_calls: z.boolean(),
  context_window: z.int().positive(),
  max_context_window: z.int().positive(),
  auto_compact_token_limit: z.int().positive(),
  effective_context_window_percent: z.int().min(1).max(100),
  experimental_supported_tools: z.array(z.never()),
  input_modalities: z.array(z.enum(['text', 'image'])).min(1),
});

const entryOf = (facts: Partial<ModelFacts>) => codexModels([{ id: 'some-model', ...facts }])[0];

describe("Codex's catalogue of models", () => {
  for (const name of presetNames()) {
    it(`has an entry that every Codex reads for each model of ${name}`, async () => {
      const { models } = (await findPreset(name))();
      const entries = z.array(Entry).parse(codexModels(models));
      expect(entries.map(({ slug }) => slug)).to.deep.equal(models.map(({ id }) => id));
      expect(entries.map(({ priority }) => priority)).to.deep.equal(models.map((_, at) => at + 1));
      for (const [at, entry] of entries.entries()) {
        expect(entry.context_window).to.equal(models[at]?.contextWindow);
        expect(entry.input_modalities.includes('image')).to.equal(models[at]?.input?.includes('image'));
      }
    });
  }

  it('is safe about a model that nothing is known of', () => {
    expect(Entry.parse(entryOf({}))).to.deep.include({
      context_window: 128_000,
      max_context_window: 128_000,
      auto_compact_token_limit: 115_200,
      input_modalities: ['text'],
      supported_reasoning_levels: [],
    });
  });

  it('lets Codex summarise at nine tenths of the window, in whole tokens', () => {
    expect(entryOf({ contextWindow: 204_805 })?.auto_compact_token_limit).to.equal(184_324);
  });

  it('spells efforts with the words that 0.110 has, weakest first', () => {
    const words = (efforts: string[]) => entryOf({ efforts })?.supported_reasoning_levels.map(({ effort }) => effort);
    expect(words(['none', 'high'])).to.deep.equal(['none', 'high']);
    expect(words(['low', 'high', 'max'])).to.deep.equal(['low', 'high', 'xhigh']);
    expect(words(['max', 'xhigh', 'ultra', 'odd', 'toString'])).to.deep.equal(['xhigh']);
  });

  it('declares no input that 0.110 has no word for', () => {
    expect(entryOf({ input: ['text', 'image', 'audio'] })?.input_modalities).to.deep.equal(['text', 'image']);
    expect(entryOf({ input: ['audio'] })?.input_modalities).to.deep.equal(['text']);
  });

  it('tells the model how to write a patch', () => {
    for (const line of ['*** Begin Patch', '*** Update File: ', '*** Add File: ', '*** Delete File: ', '@@', '*** End Patch'])
      expect(BASE_INSTRUCTIONS).to.contain(line);
  });
});

describe('the list of models', () => {
  const body = modelsBody([{ id: 'first', contextWindow: 1000 }, { id: 'last' }], 'zai', { models: codexModels }) as Record<string, unknown>;

  it("is read by OpenAI's SDK, by Anthropic's, and by Codex", () => {
    expect(body['object']).to.equal('list');
    expect(body['data']).to.deep.equal(
      ['first', 'last'].map((id) => ({
        id,
        object: 'model',
        created: 0,
        owned_by: 'zai',
        type: 'model',
        display_name: id,
        created_at: '1970-01-01T00:00:00Z',
      })),
    );
    expect(body).to.include({ has_more: false, first_id: 'first', last_id: 'last' });
    expect(z.array(Entry).parse(body['models'])).to.have.length(2);
  });

  it('is a list without any model, too', () => {
    expect(modelsBody([], 'zai', { models: codexModels })).to.deep.equal({
      object: 'list',
      data: [],
      has_more: false,
      first_id: null,
      last_id: null,
      models: [],
    });
  });
});
