import type { ModelFacts } from '../contract/facts.ts';

/** Extra fields of the list, for clients with a format of their own. */
export type ModelLists = { readonly [field: string]: (models: readonly ModelFacts[]) => unknown };

/** The list of models in one body for all clients: the SDKs of OpenAI and Anthropic read `data`. */
export function modelsBody(models: readonly ModelFacts[], owner: string, lists: ModelLists = {}): object {
  return {
    object: 'list',
    data: models.map(({ id }) => entryOf(id, owner)),
    has_more: false,
    first_id: models[0]?.id ?? null,
    last_id: models.at(-1)?.id ?? null,
    ...Object.fromEntries(Object.entries(lists).map(([field, list]) => [field, list(models)])),
  };
}

/** One model with its facts, for the SDKs of OpenAI and Anthropic alike. */
export function modelBody({ id, contextWindow, maxOutput, input, efforts }: ModelFacts, owner: string): object {
  return {
    ...entryOf(id, owner),
    ...(contextWindow !== undefined && { context_window: contextWindow, max_input_tokens: contextWindow }),
    ...(maxOutput !== undefined && { max_output_tokens: maxOutput, max_tokens: maxOutput }),
    ...(input && { input_modalities: input }),
    ...(efforts && { reasoning_efforts: efforts }),
  };
}

function entryOf(id: string, owner: string): object {
  return {
    id,
    object: 'model',
    created: 0,
    owned_by: owner,
    type: 'model',
    display_name: id,
    created_at: '1970-01-01T00:00:00Z', // a constant like `created`: no provider sends both formats
  };
}
