import type { Preset } from '../core/contract/preset.ts';
import { reasoningContent } from '../plugins/reasoning-content.ts';
import { thinkTags } from '../plugins/think-tags.ts';
import { chatBasics } from './chat-basics.ts';
import { callMarkup } from './healing-basics.ts';

/** Any server that speaks Chat Completions, if nothing more is known about it; give its base URL with `--upstream`. */
export function openaiCompatible(options: Partial<Preset> = {}): Preset {
  return {
    name: 'openai-compatible',
    title: 'Any server that speaks Chat Completions',
    known: 'documented',
    endpoints: {},
    baseEnv: ['TAPLINE_UPSTREAM'],
    models: [],
    plugins: chatBasics({
      reasoning: reasoningContent(),
      healing: [
        // Many servers offer open models, whose markup of calls may leak into the text.
        callMarkup(),
        // Thoughts stay in the text if the server does not parse them.
        thinkTags(),
      ],
    }),
    ...options,
  };
}
