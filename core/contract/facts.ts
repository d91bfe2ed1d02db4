import type { Dialect } from './dialect.ts';

/** The header that carries a key. */
export type Authorization = 'bearer' | 'x-api-key';

/**
 * The facts about a preset that plugins may read. They never include its key.
 * @example const { contextWindow } = exchange.preset.models.find(({ id }) => id === exchange.model) ?? {};
 */
export interface PresetFacts {
  readonly name: string;
  /** The models to offer if the provider lists none. */
  readonly models: readonly ModelFacts[];
  /** How the key is sent: to all endpoints, or per dialect. */
  readonly auth?: Authorization | { readonly [dialect in Dialect]?: Authorization };
}

/**
 * The known facts about a model.
 * @example
 * const facts: ModelFacts = { id: 'glm-5.1', contextWindow: 204_800, maxOutput: 131_072, efforts: ['none', 'high'] };
 */
export interface ModelFacts {
  readonly id: string;
  /** In tokens. */
  readonly contextWindow?: number;
  /** In tokens. */
  readonly maxOutput?: number;
  readonly input?: readonly ('text' | 'image' | 'audio')[];
  /** The values that `reasoning.effort` takes, weakest first. */
  readonly efforts?: readonly string[];
  /** True if the model makes several calls in one turn. Absent means yes. */
  readonly parallelCalls?: boolean;
}
