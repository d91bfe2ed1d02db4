import type { ModelFacts, Preset } from '../core/preset.ts';
import { allowParams } from '../plugins/allow-params.ts';
import { assistantBridge } from '../plugins/assistant-bridge.ts';
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
/** Any other is answered with 422. */
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
        reasoningSwitch({
          switches: [
            { models: '^mistral-(medium|small)', efforts: ['high'], as: { minimal: 'none' }, off: { reasoning_effort: 'none' } }, // [DOC] docs.mistral.ai
            { models: '^magistral' }, // [DOC] always thinks, and takes no word about it
            { models: '^zai-glm', efforts: ['low', 'high', 'max'] }, // [OMP] hosted there, thinks always
            { models: '^(mistral-(large-(latest|2)|tiny|nemo)|ministral|devstral|codestral|pixtral|open-)', never: true },
          ],
        }),
        toolChoice({ choices: [{ required: 'any' }] }), // [LL, AIS] its word for required
        maxTokens({ cap: 'model' }), // [ISS eca#231] refuses max_completion_tokens
        rules({ rules: [{ rename: { seed: 'random_seed' } }] }), // [AIS]
        toolSchema({ drop: ['$id', '$schema'], inline: true }), // [LL] refuses them, and references
        nonemptyAssistant({ drop: true }), // [LL] refuses a turn that neither says nor calls anything
        toolOutputNames(), // [OMP] an output wants the name of its tool
        stripNames({ keep: ['tool'] }), // [ISS mistral-go#2] 422 on any other name
        stripNulls(), // [LL] null is not nothing
        toolId({ profile: 'nine' }), // [ISS langchain#24668] 400 on an id that is not of nine letters and digits
        flattenContent(), // [LL] lists of text only are not taken by all its models
        thinkingChunks({ models: THINKS }), // [FIX, AIS] reasoning is a part of the content, both ways
        assistantBridge(), // [OMP] refuses a user right behind an output
        allowParams({ params: PARAMS.split(' '), message: ['role', 'content', 'tool_calls', 'tool_call_id', 'name', 'prefix'] }), // [ISS eca#231] 422 on extras
        providerErrors({
          rules: [
            { fields: { 'message.detail.*.type': 'extra_forbidden' }, as: 'unsupported_parameter' }, // [ISS eca#231]
            { fields: { 'detail.*.type': 'extra_forbidden' }, as: 'unsupported_parameter' }, // [ISS php-mistral#76] the newer form
          ],
        }),
      ],
    }),
    ...options,
  };
}
