import type { ModelFacts } from '../contract/facts.ts';

/** The servers' names for the context window and the longest output. The window of the loaded model comes first. */
const WINDOW = ['loaded_context_length', 'n_ctx', 'context_length', 'context_window', 'max_context_length', 'max_model_len', 'max_input_tokens'];
const OUTPUT = ['max_output_tokens', 'max_completion_tokens', 'max_tokens'];
const INPUTS = ['text', 'image', 'audio'] as const;

/** Reads an entry of a provider's list of models, and the facts in it. Returns nothing for an entry without an id. */
export function readModel(listed: unknown): ModelFacts[] {
  const model = record(listed);
  const { id } = model;
  if (typeof id !== 'string' || id === '') return [];
  const contextWindow = tokens(model, WINDOW) ?? tokens(record(model['meta']), WINDOW);
  const maxOutput = tokens(model, OUTPUT) ?? tokens(record(model['top_provider']), OUTPUT);
  const modalities = record(model['architecture'])['input_modalities'] ?? model['input_modalities'];
  const input = Array.isArray(modalities) ? INPUTS.filter((kind) => modalities.includes(kind)) : [];
  return [{ id, ...(contextWindow && { contextWindow }), ...(maxOutput && { maxOutput }), ...(input.length > 0 && { input }) }];
}

function tokens(model: Record<string, unknown>, names: readonly string[]): number | undefined {
  return names.map((name) => model[name]).find((count): count is number => Number.isSafeInteger(count) && (count as number) > 0);
}

function record(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}
