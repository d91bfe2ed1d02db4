import { codexModels } from '../clients/codex/codex-models.ts';
import type { ModelFacts } from '../contract/preset.ts';

/** The list of models as every client reads it: OpenAI's and Anthropic's SDKs in `data`, Codex in `models`. */
export function modelsBody(models: readonly ModelFacts[], owner: string): object {
  return {
    object: 'list',
    data: models.map(({ id }) => ({
      id,
      object: 'model',
      created: 0,
      owned_by: owner,
      type: 'model',
      display_name: id,
      created_at: '1970-01-01T00:00:00Z', // as for `created`: no provider tells all clients' forms of it
    })),
    has_more: false,
    first_id: models[0]?.id ?? null,
    last_id: models.at(-1)?.id ?? null,
    models: codexModels(models),
  };
}
