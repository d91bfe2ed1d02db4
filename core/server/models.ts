import type { ModelFacts } from '../contract/facts.ts';

/** Extra fields of the list, for clients with a format of their own. */
export type ModelLists = { readonly [field: string]: (models: readonly ModelFacts[]) => unknown };

/** The list of models in one body for all clients: the SDKs of OpenAI and Anthropic read `data`. */
export function modelsBody(models: readonly ModelFacts[], owner: string, lists: ModelLists = {}): object {
  return {
    object: 'list',
    data: models.map(({ id }) => ({
      id,
      object: 'model',
      created: 0,
      owned_by: owner,
      type: 'model',
      display_name: id,
      created_at: '1970-01-01T00:00:00Z', // a constant like `created`: no provider sends both formats
    })),
    has_more: false,
    first_id: models[0]?.id ?? null,
    last_id: models.at(-1)?.id ?? null,
    ...Object.fromEntries(Object.entries(lists).map(([field, list]) => [field, list(models)])),
  };
}
