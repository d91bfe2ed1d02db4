import type { ModelFacts, Preset } from '../core/preset.ts';
import { dedupeDelta } from '../plugins/dedupe-delta.ts';
import { dropParams } from '../plugins/drop-params.ts';
import { effortWords } from '../plugins/effort-words.ts';
import { providerErrors } from '../plugins/provider-errors.ts';
import { reasoningContent } from '../plugins/reasoning-content.ts';
import { reasoningField } from '../plugins/reasoning-field.ts';
import { strictFlag } from '../plugins/strict-flag.ts';
import { stripNames } from '../plugins/strip-names.ts';
import { toolSchema } from '../plugins/tool-schema.ts';
import { chatBasics } from './chat-basics.ts';
import { functionBasics } from './function-basics.ts';

const SIGHT = ['text', 'image'] as const;
const FOUR = ['low', 'medium', 'high', 'xhigh'] as const;
const models: ModelFacts[] = [
  { id: 'grok-4.7', contextWindow: 500_000, maxOutput: 500_000, input: SIGHT, efforts: FOUR },
  { id: 'grok-4.6', contextWindow: 500_000, maxOutput: 500_000, input: SIGHT, efforts: FOUR },
  { id: 'grok-4.5', contextWindow: 500_000, maxOutput: 500_000, input: SIGHT, efforts: ['low', 'medium', 'high'] },
  { id: 'grok-4.3', contextWindow: 1_000_000, maxOutput: 30_000, input: SIGHT, efforts: ['none', 'low', 'medium', 'high'] },
  { id: 'grok-4.20-0309-reasoning', contextWindow: 1_000_000, maxOutput: 30_000, input: SIGHT, efforts: [] },
  { id: 'grok-4.20-0309-non-reasoning', contextWindow: 1_000_000, maxOutput: 30_000, input: SIGHT, efforts: [] },
  { id: 'grok-build-0.1', contextWindow: 256_000, maxOutput: 256_000, input: SIGHT, efforts: [] },
  { id: 'grok-code-fast-1', contextWindow: 256_000, maxOutput: 10_000, input: ['text'], efforts: [] },
];
/** All but those that are told apart by their name. */
const REASONING = '^grok-(?!.*non-reasoning)';

/** xAI's Grok. */
export function xai(options: Partial<Preset> = {}): Preset {
  return {
    name: 'xai',
    title: 'xAI',
    known: 'recorded',
    // [DOC docs.x.ai] Chat is deprecated, and cannot give reasoning back
    endpoints: { responses: 'https://api.x.ai/v1', chat: 'https://api.x.ai/v1' },
    translated: ['responses'], // [ISS bifrost#5428, CLIProxyAPI#5257] 422 on namespaces and custom tools, which Codex sends
    keyEnv: ['XAI_API_KEY'],
    keyNeeded: true,
    port: 4451,
    models,
    modelsFrom: { date: '2026-11', source: 'the model lists of oh-my-pi and LiteLLM' },
    timeouts: { headers: 900_000, idle: 900_000 }, // [DOC] so long it may think without a word
    plugins: functionBasics(
      chatBasics({
        reasoning: reasoningContent(),
        accents: [
          effortWords({
            summary: false, // [OMP] refuses the field, and tells a summary anyway
            dials: [
              { models: '^grok-4\\.[67]', efforts: ['low', 'medium', 'high', 'xhigh'] }, // [OMP]
              { models: '^grok-4\\.5', efforts: ['low', 'medium', 'high'] },
              { models: '^grok-4\\.3', efforts: ['none', 'low', 'medium', 'high'] },
              { models: '-reasoning|^grok-(build|code)', efforts: [] }, // [DOC, OMP] 400 on a word about it
            ],
          }),
          reasoningField(), // [DOC] its Chat takes no reasoning back
          dropParams({
            params: ['logit_bias', 'web_search_options'], // [LL]
            perModel: [{ models: REASONING, params: ['presence_penalty', 'frequency_penalty', 'stop'] }], // [DOC, LL] 400
          }),
          stripNames(), // [LL] does not know them
          strictFlag(), // [LL] refused in its Chat
          toolSchema({ root: true }), // [OMP] a choice at the root is a 400 for the whole request
          dedupeDelta(), // [AIS] the stream may repeat the last piece
          providerErrors({
            rules: [
              { message: 'used all available credits|spending limit', as: 'quota_exhausted' }, // [AIS, OMP] a 403
              { message: 'incorrect api key', as: 'upstream_authentication' }, // [ISS codex#1352] a 400
              { message: 'at capacity', as: 'upstream_overloaded' },
              { code: 'The service is currently unavailable', as: 'upstream_overloaded' },
            ],
          }),
        ],
      }),
    ),
    ...options,
  };
}
