import type { ModelFacts } from '../core/contract/facts.ts';
import type { Preset } from '../core/contract/preset.ts';
import { allowParams } from '../plugins/allow-params.ts';
import { assistantBridge } from '../plugins/assistant-bridge.ts';
import { continueTurn } from '../plugins/continue-turn.ts';
import { flattenContent } from '../plugins/flatten-content.ts';
import { maxTokens } from '../plugins/max-tokens.ts';
import { nonemptyAssistant } from '../plugins/nonempty-assistant.ts';
import { providerErrors } from '../plugins/provider-errors.ts';
import { reasoningContent } from '../plugins/reasoning-content.ts';
import { reasoningSwitch } from '../plugins/reasoning-switch.ts';
import { rules } from '../plugins/rules.ts';
import { stripNames } from '../plugins/strip-names.ts';
import { stripNulls } from '../plugins/strip-nulls.ts';
import { thinkingChunks } from '../plugins/thinking-chunks.ts';
import { toolChoice } from '../plugins/tool-choice.ts';
import { toolId } from '../plugins/tool-id.ts';
import { toolOutputNames } from '../plugins/tool-output-names.ts';
import { toolSchema } from '../plugins/tool-schema.ts';
import { chatBasics } from './chat-basics.ts';

const SIGHT = ['text', 'image'] as const;
const TEXT = ['text'] as const;
const models: ModelFacts[] = [
  { id: 'mistral-medium-latest', contextWindow: 262_144, maxOutput: 262_144, input: SIGHT, efforts: ['none', 'high'] },
  { id: 'mistral-small-latest', contextWindow: 256_000, maxOutput: 256_000, input: SIGHT, efforts: ['none', 'high'] },
  { id: 'mistral-large-latest', contextWindow: 262_144, maxOutput: 262_144, input: SIGHT, efforts: ['none'] },
  { id: 'devstral-latest', contextWindow: 262_144, maxOutput: 262_144, input: TEXT, efforts: ['none'] },
  { id: 'devstral-medium-latest', contextWindow: 262_144, maxOutput: 262_144, input: TEXT, efforts: ['none'] },
  { id: 'magistral-medium-latest', contextWindow: 128_000, maxOutput: 16_384, input: TEXT, efforts: ['high'] },
  { id: 'codestral-latest', contextWindow: 256_000, maxOutput: 4_096, input: TEXT, efforts: ['none'] },
];
const THINKS = '^(magistral|mistral-(medium|small|large-4))';
/** Mistral answers 422 to any other field. */
const PARAMS =
  'model messages temperature top_p max_tokens stream stop random_seed response_format tools tool_choice presence_penalty frequency_penalty n prediction parallel_tool_calls prompt_mode reasoning_effort safe_prompt prompt_cache_key';

/** Mistral's own platform. */
export function mistral(options: Partial<Preset> = {}): Preset {
  return {
    name: 'mistral',
    title: 'Mistral',
    known: 'recorded',
    endpoints: { chat: 'https://api.mistral.ai/v1' },
    keyEnv: ['MISTRAL_API_KEY'],
    keyNeeded: true,
    port: 4449,
    models,
    modelsFrom: { date: '2026-11', source: 'the model lists of LiteLLM and oh-my-pi' },
    plugins: chatBasics({
      reasoning: reasoningContent(),
      accents: [
        // Mistral refuses a conversation that ends with the assistant, unless `prefix` marks a beginning (mistral-common).
        continueTurn({ models: '' }),
        // Mistral's models think on request, always, or never (docs.mistral.ai).
        reasoningSwitch({
          switches: [
            { models: '^mistral-(medium|small)', efforts: ['high'], as: { minimal: 'none' }, off: { reasoning_effort: 'none' } },
            // Magistral always thinks, and accepts no effort.
            { models: '^magistral' },
            // GLM, which Mistral hosts, always thinks (oh-my-pi).
            { models: '^zai-glm', efforts: ['low', 'high', 'max'] },
            { models: '^(mistral-(large-(latest|2)|tiny|nemo)|ministral|devstral|codestral|pixtral|open-)', never: true },
          ],
        }),
        // Mistral says `any` for `required` (LiteLLM, AI SDK).
        toolChoice({ choices: [{ required: 'any' }] }),
        // Mistral refuses `max_completion_tokens` (issue eca#231).
        maxTokens({ cap: 'model' }),
        // Mistral calls the seed `random_seed` (AI SDK).
        rules({ rules: [{ rename: { seed: 'random_seed' } }] }),
        // Mistral refuses `$id`, `$schema` and references (LiteLLM).
        toolSchema({ drop: ['$id', '$schema'], inline: true }),
        // Mistral refuses an assistant turn with neither content nor calls (LiteLLM).
        nonemptyAssistant({ drop: true }),
        // Mistral requires the name of the tool with each output (oh-my-pi).
        toolOutputNames(),
        // Mistral answers 422 to a name on any message but a tool's (issue mistral-go#2).
        stripNames({ keep: ['tool'] }),
        // Mistral does not read null as missing (LiteLLM).
        stripNulls(),
        // Mistral answers 400 to an id that is not nine letters and digits (issue langchain#24668).
        toolId({ profile: 'nine' }),
        // Some of Mistral's models accept no list of texts (LiteLLM).
        flattenContent(),
        // Mistral sends and accepts reasoning as a part of the content (recorded answers in vercel/ai, AI SDK).
        thinkingChunks({ models: THINKS }),
        // Mistral refuses a user's message right behind a tool's output (oh-my-pi).
        assistantBridge(),
        // Mistral answers 422 to any field that it does not know (issue eca#231).
        allowParams({ params: PARAMS.split(' '), message: ['role', 'content', 'tool_calls', 'tool_call_id', 'name', 'prefix'] }),
        // Mistral lists unknown fields in the details of its error (issues eca#231, php-mistral#76).
        providerErrors({
          rules: [
            { fields: { 'message.detail.*.type': 'extra_forbidden' }, as: 'unsupported_parameter' },
            // This is the newer form of that error.
            { fields: { 'detail.*.type': 'extra_forbidden' }, as: 'unsupported_parameter' },
          ],
        }),
      ],
    }),
    ...options,
  };
}
