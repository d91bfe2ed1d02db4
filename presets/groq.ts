import type { ModelFacts, Preset } from '../core/preset.ts';
import { dropParams } from '../plugins/drop-params.ts';
import { jsonSchemaPrompt } from '../plugins/json-schema-prompt.ts';
import { maxTokens } from '../plugins/max-tokens.ts';
import { providerErrors } from '../plugins/provider-errors.ts';
import { reasoningContent } from '../plugins/reasoning-content.ts';
import { reasoningField } from '../plugins/reasoning-field.ts';
import { reasoningSwitch } from '../plugins/reasoning-switch.ts';
import { stripNames } from '../plugins/strip-names.ts';
import { stripNulls } from '../plugins/strip-nulls.ts';
import { thinkTags } from '../plugins/think-tags.ts';
import { toolSchema } from '../plugins/tool-schema.ts';
import { usagePlace } from '../plugins/usage-place.ts';
import { chatBasics } from './chat-basics.ts';

const TEXT = ['text'] as const;
const SIGHT = ['text', 'image'] as const;
const SWITCH = ['none', 'high'] as const;
const models: ModelFacts[] = [
  { id: 'openai/gpt-oss-120b', contextWindow: 131_072, maxOutput: 65_536, input: TEXT, efforts: ['low', 'medium', 'high'] },
  { id: 'openai/gpt-oss-20b', contextWindow: 131_072, maxOutput: 65_536, input: TEXT, efforts: ['low', 'medium', 'high'] },
  { id: 'qwen/qwen3.8-27b', contextWindow: 131_042, maxOutput: 16_384, input: SIGHT, efforts: SWITCH },
  { id: 'qwen/qwen3.6-27b', contextWindow: 131_072, maxOutput: 16_384, input: SIGHT, efforts: SWITCH },
  { id: 'qwen/qwen3-32b', contextWindow: 131_072, maxOutput: 40_960, input: TEXT, efforts: SWITCH },
  { id: 'moonshotai/kimi-k2-instruct-0905', contextWindow: 262_144, maxOutput: 16_384, input: TEXT, efforts: [] },
  { id: 'llama-3.3-70b-versatile', contextWindow: 131_072, maxOutput: 32_768, input: TEXT, efforts: [] },
  { id: 'groq/compound', contextWindow: 131_072, maxOutput: 8_192, input: TEXT, efforts: [] },
];

/** Groq. */
export function groq(options: Partial<Preset> = {}): Preset {
  return {
    name: 'groq',
    title: 'Groq',
    known: 'recorded',
    endpoints: { chat: 'https://api.groq.com/openai/v1' }, // its Responses is a beta that keeps nothing and knows functions only
    keyEnv: ['GROQ_API_KEY'],
    keyNeeded: true,
    port: 4450,
    models,
    modelsFrom: { date: '2026-11', source: 'the model lists of oh-my-pi and LiteLLM' },
    plugins: chatBasics({
      reasoning: reasoningContent(),
      healing: thinkTags(), // [AIS, DOC console.groq.com/docs/reasoning] the raw format, where a client asks for it
      accents: [
        reasoningSwitch({
          switches: [
            { models: 'gpt-oss', efforts: ['low', 'medium', 'high'] }, // [DOC console.groq.com/docs/reasoning]
            // [DOC, AIS] on or off; without a format it may think in its text
            { models: '^qwen/', on: { reasoning_format: 'parsed' }, off: { reasoning_effort: 'none' } },
            { models: '', never: true }, // [DOC] 400 on a word about it
          ],
        }),
        reasoningField({ field: 'reasoning', turns: 'calls' }), // [LL, AIS] refuses reasoning_content, takes reasoning with calls
        maxTokens({ field: 'max_completion_tokens', cap: 'model' }), // [AIS, LL] its word for the limit
        // [DOC console.groq.com/docs/openai] 400
        dropParams({ params: ['logprobs', 'top_logprobs', 'logit_bias', 'n', 'store'] }),
        stripNames(), // [DOC console.groq.com/docs/openai] 400 on messages[].name
        stripNulls(), // [ISS litellm#5839] null is refused on turns of the assistant
        toolSchema({ drop: ['$schema'] }), // [MUS] refused
        jsonSchemaPrompt({ except: 'gpt-oss|kimi' }), // [DOC] the others know json_object only
        usagePlace({ path: 'x_groq.usage' }), // [FIX] and only there where it was not asked for
        providerErrors({
          rules: [
            { code: 'tool_use_failed', as: 'upstream_failed' }, // [ISS picoclaw#748] the model slipped: the next attempt may not
            { status: 413, as: 'context_length_exceeded' }, // [DOC] more than a minute's tokens: waiting would not help
            { status: 498, as: 'upstream_overloaded' }, // [DOC] capacity_exceeded
            { code: 'capacity_exceeded', as: 'upstream_overloaded' },
          ],
        }),
      ],
    }),
    ...options,
  };
}
