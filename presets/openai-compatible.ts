import type { Preset } from '../core/preset.ts';
import { reasoningContent } from '../plugins/reasoning-content.ts';
import { chatBasics } from './chat-basics.ts';

/** Any server that speaks Chat Completions and nothing more is known of: give its base with `--upstream`. */
export function openaiCompatible(options: Partial<Preset> = {}): Preset {
  return {
    name: 'openai-compatible',
    endpoints: {},
    baseEnv: ['TAPLINE_UPSTREAM'],
    models: [],
    plugins: chatBasics({ reasoning: reasoningContent() }),
    ...options,
  };
}
