import type { Dialect } from './dialect.ts';

export type Authorization = 'bearer' | 'x-api-key';

/** What a plugin may know of the preset that answers: never its key. */
export interface PresetFacts {
  readonly name: string;
  /** Offered when the provider lists none. */
  readonly models: readonly ModelFacts[];
  /** How the key is sent, to all endpoints or to each dialect's. */
  readonly auth?: Authorization | { readonly [dialect in Dialect]?: Authorization };
}

/**
 * What is known of a model.
 *
 * @example
 * { id: 'glm-5.1', contextWindow: 204_800, maxOutput: 131_072, input: ['text'], efforts: ['none', 'high'] }
 */
export interface ModelFacts {
  readonly id: string;
  /** In tokens. */
  readonly contextWindow?: number;
  /** In tokens. */
  readonly maxOutput?: number;
  readonly input?: readonly ('text' | 'image' | 'audio')[];
  /** The words `reasoning.effort` takes, weakest first. */
  readonly efforts?: readonly string[];
  /** Whether it makes several calls in one turn; unknown counts as yes. */
  readonly parallelCalls?: boolean;
}
