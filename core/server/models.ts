import type { ModelFacts } from '../contract/facts.ts';

/** Further fields of the list, for clients that read it in a form of their own. */
export type ModelLists = { readonly [field: string]: (models: readonly ModelFacts[]) => unknown };

/** The list of models as every client reads it: OpenAI's and Anthropic's SDKs in `data`. */
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
      created_at: '1970-01-01T00:00:00Z', // as for `created`: no provider tells all clients' forms of it
    })),
    has_more: false,
    first_id: models[0]?.id ?? null,
    last_id: models.at(-1)?.id ?? null,
    ...Object.fromEntries(Object.entries(lists).map(([field, list]) => [field, list(models)])),
  };
}
