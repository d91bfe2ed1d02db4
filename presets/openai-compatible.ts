import type { Preset } from '../core/contract/preset.ts';
import { dsmlCalls } from '../plugins/dsml-calls.ts';
import { lateSystem } from '../plugins/late-system.ts';
import { reasoningContent } from '../plugins/reasoning-content.ts';
import { thinkTags } from '../plugins/think-tags.ts';
import { xmlCalls } from '../plugins/xml-calls.ts';
import { chatBasics } from './chat-basics.ts';

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
        // Many servers offer DeepSeek's models, whose markup of calls may leak into the text.
        dsmlCalls(),
        // The markup of GLM, Qwen and Hermes models may leak into the text too.
        xmlCalls(),
        // Thoughts stay in the text if the server does not parse them.
        thinkTags(),
      ],
      // Many servers pass messages to a strict chat template, whatever they call the model (issue vllm#41114).
      accents: lateSystem(),
    }),
    ...options,
  };
}
