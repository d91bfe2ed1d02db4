import type { ModelFacts } from '../../contract/facts.ts';
import { BASE_INSTRUCTIONS } from './base-instructions.ts';

/**
 * An entry of Codex's model catalogue. An entry that Codex cannot read voids the whole list: 0.110 to 0.169 read every
 * field here.
 */
export interface CodexModel {
  slug: string;
  display_name: string;
  description: string;
  /** Codex sends no effort unless the user chooses one. */
  supported_reasoning_levels: { effort: string; description: string }[];
  shell_type: 'unified_exec';
  visibility: 'list';
  supported_in_api: true;
  /** Codex offers the model with the smallest number first. */
  priority: number;
  base_instructions: string;
  supports_reasoning_summaries: true;
  default_reasoning_summary: 'auto';
  support_verbosity: false;
  apply_patch_tool_type: 'freeform';
  truncation_policy: { mode: 'tokens'; limit: number };
  supports_parallel_tool_calls: boolean;
  /** In tokens. */
  context_window: number;
  max_context_window: number;
  /** In tokens; beyond it Codex summarises the conversation. */
  auto_compact_token_limit: number;
  effective_context_window_percent: number;
  experimental_supported_tools: [];
  input_modalities: ('text' | 'image')[];
}

/** Tokens assumed for a model of unknown window: too few mean an early summary, too many a refused request. */
export const UNKNOWN_WINDOW = 128_000;
/** Share of the window for the conversation; the rest is left to the answer. */
const COMPACT_AT = 0.9;
/** Tokens of a tool's output that Codex keeps. */
const TOOL_OUTPUT = 10_000;
/** All the efforts that 0.110 reads: any other stops it from starting. */
const EFFORTS: Record<string, string> = {
  none: 'Does not think before it answers',
  minimal: 'Thinks hardly at all',
  low: 'Thinks briefly',
  medium: 'Thinks as long as usual',
  high: 'Thinks long',
  xhigh: 'Thinks as long as it can',
};
const STRONGER = ['max', 'ultra'];

/** Entries with the facts that keep Codex from warnings, and from offering what a model cannot do. */
export function codexModels(models: readonly ModelFacts[]): CodexModel[] {
  return models.map((model, at) => {
    const window = model.contextWindow ?? UNKNOWN_WINDOW;
    return {
      slug: model.id,
      display_name: model.id,
      description: `${model.id}, by way of Tapline`,
      supported_reasoning_levels: levelsOf(model),
      shell_type: 'unified_exec',
      visibility: 'list',
      supported_in_api: true,
      priority: at + 1,
      base_instructions: BASE_INSTRUCTIONS,
      supports_reasoning_summaries: true,
      default_reasoning_summary: 'auto',
      support_verbosity: false,
      apply_patch_tool_type: 'freeform',
      truncation_policy: { mode: 'tokens', limit: TOOL_OUTPUT },
      supports_parallel_tool_calls: model.parallelCalls ?? true,
      context_window: window,
      max_context_window: window,
      auto_compact_token_limit: Math.floor(window * COMPACT_AT),
      effective_context_window_percent: 95,
      experimental_supported_tools: [],
      input_modalities: model.input?.includes('image') ? ['text', 'image'] : ['text'],
    };
  });
}

/** Offers efforts beyond Codex's strongest as its strongest, which the provider's accent spells its own way. */
function levelsOf({ efforts = [] }: ModelFacts): CodexModel['supported_reasoning_levels'] {
  const words = new Set(efforts.map((effort) => (STRONGER.includes(effort) ? 'xhigh' : effort)));
  return Object.entries(EFFORTS).flatMap(([effort, description]) => (words.has(effort) ? { effort, description } : []));
}
