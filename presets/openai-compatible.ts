import type { Preset } from '../core/contract/preset.ts';
import { lateSystem } from '../plugins/late-system.ts';
import { providerErrors } from '../plugins/provider-errors.ts';
import { reasoningContent } from '../plugins/reasoning-content.ts';
import { thinkTags } from '../plugins/think-tags.ts';
import { chatBasics } from './chat-basics.ts';
import { callMarkup } from './healing-basics.ts';

/** The path of a refusal's number inside a whole answer. */
const STATUS = 'base_resp.status_code';

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
      accents: [
        // Many servers pass messages to a strict chat template, whatever they call the model (issue vllm#41114).
        lateSystem(),
        // MiniMax's own envelope comes with HTTP 200, so that only its numbers give the meaning (MiniMax's error codes).
        providerErrors({
          rules: [
            { fields: { [STATUS]: '2013' }, message: 'context window', as: 'context_length_exceeded' },
            { fields: { [STATUS]: '2013' }, as: 'invalid_request' },
            { fields: { [STATUS]: ['1002', '1039'] }, as: 'rate_limited' },
            { fields: { [STATUS]: ['1004', '2049'] }, as: 'upstream_authentication' },
            { fields: { [STATUS]: '1008' }, as: 'quota_exhausted' },
            { fields: { [STATUS]: ['1026', '1027'] }, as: 'content_filtered' },
          ],
        }),
      ],
    }),
    ...options,
  };
}
