import type { ModelFacts } from '../core/contract/facts.ts';
import type { Preset } from '../core/contract/preset.ts';
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
import { toolLimit } from '../plugins/tool-limit.ts';
import { toolSchema } from '../plugins/tool-schema.ts';
import { usagePlace } from '../plugins/usage-place.ts';
import { chatBasics } from './chat-basics.ts';
import { callMarkup } from './healing-basics.ts';

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

/** Groq's own platform. */
export function groq(options: Partial<Preset> = {}): Preset {
  return {
    name: 'groq',
    title: 'Groq',
    known: 'recorded',
    // Groq's Responses is a beta that keeps nothing and knows functions only.
    endpoints: { chat: 'https://api.groq.com/openai/v1' },
    keyEnv: ['GROQ_API_KEY'],
    keyNeeded: true,
    port: 4450,
    models,
    modelsFrom: { date: '2026-11', source: 'the model lists of oh-my-pi and LiteLLM' },
    plugins: chatBasics({
      reasoning: reasoningContent(),
      healing: [
        // Groq serves Qwen and Kimi, whose markup of calls may leak into the text.
        callMarkup(),
        // Groq leaves thoughts in the text if a client asks for the raw format (console.groq.com/docs/reasoning, AI
        // SDK).
        thinkTags(),
      ],
      accents: [
        // Groq has efforts for gpt-oss and a switch for Qwen, and answers 400 to either for all other models
        // (console.groq.com/docs/reasoning, AI SDK).
        reasoningSwitch({
          switches: [
            { models: 'gpt-oss', efforts: ['low', 'medium', 'high'] },
            // Without a format these models may think in their text.
            { models: '^qwen/', on: { reasoning_format: 'parsed' }, off: { reasoning_effort: 'none' } },
            { models: '', never: true },
          ],
        }),
        // Groq refuses `reasoning_content`, and takes `reasoning` with calls (LiteLLM, AI SDK).
        reasoningField({ field: 'reasoning', turns: 'calls' }),
        // Groq calls the limit `max_completion_tokens` (AI SDK, LiteLLM).
        maxTokens({ field: 'max_completion_tokens', cap: 'model' }),
        // Groq answers 400 to some fields of Chat (console.groq.com/docs/openai).
        dropParams({ params: ['logprobs', 'top_logprobs', 'logit_bias', 'n', 'store'] }),
        // Groq answers 400 to `messages[].name` (console.groq.com/docs/openai).
        stripNames(),
        // Groq refuses null in assistant turns (issue litellm#5839).
        stripNulls(),
        // Groq answers 400 to more than 128 tools (issue gsd-2#4376).
        toolLimit(),
        // Groq refuses `$schema` (@musistudio/llms).
        toolSchema({ drop: ['$schema'] }),
        // Groq's models other than gpt-oss and Kimi know no format but `json_object` (Groq's documentation).
        jsonSchemaPrompt({ except: 'gpt-oss|kimi' }),
        // Groq reports usage only in `x_groq` if the request did not ask for it (recorded answers in vercel/ai).
        usagePlace({ path: 'x_groq.usage' }),
        // Groq has statuses and codes of its own for a mistake of the model, a request that is too long, and overload
        // (Groq's documentation).
        providerErrors({
          rules: [
            // The model made a mistake: the next attempt may succeed (issue picoclaw#748).
            { code: 'tool_use_failed', as: 'upstream_failed' },
            // The request exceeds the tokens of a minute: waiting would not help.
            { status: 413, as: 'context_length_exceeded' },
            // This status is `capacity_exceeded`.
            { status: 498, as: 'upstream_overloaded' },
            { code: 'capacity_exceeded', as: 'upstream_overloaded' },
          ],
        }),
      ],
    }),
    ...options,
  };
}
