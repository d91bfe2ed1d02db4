import type { ModelFacts } from '../core/contract/facts.ts';
import type { Endpoints, Preset } from '../core/contract/preset.ts';
import { continueTurn } from '../plugins/continue-turn.ts';
import { dropParams } from '../plugins/drop-params.ts';
import { flattenContent } from '../plugins/flatten-content.ts';
import { forceStream } from '../plugins/force-stream.ts';
import { jsonSchemaPrompt } from '../plugins/json-schema-prompt.ts';
import { lateSystem } from '../plugins/late-system.ts';
import { maxTokens } from '../plugins/max-tokens.ts';
import { mergeSystem } from '../plugins/merge-system.ts';
import { providerErrors } from '../plugins/provider-errors.ts';
import { reasoningContent } from '../plugins/reasoning-content.ts';
import { reasoningSwitch } from '../plugins/reasoning-switch.ts';
import { toolChoice } from '../plugins/tool-choice.ts';
import { chatBasics } from './chat-basics.ts';
import { callMarkup } from './healing-basics.ts';
import { regionBasics } from './region-basics.ts';

export interface QwenOptions extends Partial<Preset> {
  /** The region of the key: `cn`, mainland China, by default. */
  region?: 'cn' | 'intl';
}

const REGIONS: Record<'cn' | 'intl', Endpoints> = {
  cn: { chat: 'https://dashscope.aliyuncs.com/compatible-mode/v1', messages: 'https://dashscope.aliyuncs.com/apps/anthropic/v1' },
  intl: { chat: 'https://dashscope-intl.aliyuncs.com/compatible-mode/v1', messages: 'https://dashscope-intl.aliyuncs.com/apps/anthropic/v1' },
};
const TEXT = ['text'] as const;
const SIGHT = ['text', 'image'] as const;
const SWITCH = ['none', 'high'] as const;
const LONG = { contextWindow: 1_000_000, maxOutput: 65_536 } as const;
const models: ModelFacts[] = [
  { id: 'qwen3.8-max', contextWindow: 1_000_000, maxOutput: 131_072, input: SIGHT, efforts: ['none', 'low', 'medium', 'xhigh'] },
  { id: 'qwen3.8-flash', contextWindow: 1_000_000, maxOutput: 131_072, input: SIGHT, efforts: ['none', 'low', 'medium', 'xhigh'] },
  { id: 'qwen3.7-max', ...LONG, input: TEXT, efforts: SWITCH },
  { id: 'qwen3.7-plus', contextWindow: 1_000_000, maxOutput: 64_000, input: SIGHT, efforts: SWITCH },
  { id: 'qwen3.6-flash', ...LONG, input: SIGHT, efforts: SWITCH },
  { id: 'qwen3-coder-plus', ...LONG, input: TEXT, efforts: ['none'] },
  { id: 'qwen3-coder-next', contextWindow: 262_144, maxOutput: 65_536, input: TEXT, efforts: ['none'] },
];
/** The model families that can think. */
const THINKS = '^qwen(3|-plus|-flash|-turbo)';
const KEEPING = { enable_thinking: true, preserve_thinking: true };
const OFF = { enable_thinking: false };
const BUDGET = { field: 'thinking_budget', tokens: { minimal: 1_024, low: 4_096, medium: 16_384, high: 32_768 } };

/** Alibaba's Qwen, on its Model Studio. */
export function qwen({ region = 'cn', ...options }: QwenOptions = {}): Preset {
  const { endpoints, hint } = regionBasics('qwen', REGIONS, region);
  return {
    name: 'qwen',
    title: 'Alibaba Model Studio (Qwen)',
    known: 'recorded',
    endpoints,
    // The provider takes this header, and a bearer token too (docs.qwencloud.com).
    auth: { messages: 'x-api-key' },
    keyEnv: ['DASHSCOPE_API_KEY', 'ALIBABA_API_KEY'],
    keyNeeded: true,
    port: 4448,
    models,
    modelsFrom: { date: '2026-11', source: 'the model lists of models.dev, LiteLLM and oh-my-pi' },
    plugins: chatBasics({
      reasoning: reasoningContent(),
      // The platform serves Qwen, DeepSeek, GLM and Kimi, whose markup of calls may leak into the text.
      healing: callMarkup(),
      accents: [
        // Qwen's chat templates refuse a beginning of an answer while it thinks, unless `partial` marks it (llama.cpp#20861).
        continueTurn({ models: '' }),
        hint, // Alibaba accepts a key only at the host of its region (LiteLLM).
        // Alibaba refuses thinking without a stream (issue langchain4j#3974).
        forceStream({ models: THINKS }),
        // Qwen's models think on request, by default, or never, and accept an effort or a budget (models.dev,
        // oh-my-pi).
        reasoningSwitch({
          switches: [
            { models: 'coder', never: true },
            // Efforts and a budget exclude each other (models.dev).
            { models: '^qwen3\\.8', efforts: ['low', 'medium', 'xhigh'], on: KEEPING, off: OFF, byDefault: true, streamOnly: true },
            // These models think only on request (issue opencode#12771), and read their earlier thoughts only on
            // request (oh-my-pi).
            { models: '^qwen3\\.[67]', on: KEEPING, off: OFF, budget: BUDGET, streamOnly: true },
            { models: THINKS, on: { enable_thinking: true }, off: OFF, streamOnly: true },
            { models: '^qwen', never: true },
          ],
        }),
        // Qwen answers 400 to a forced choice while it thinks (issues eino#994, 9router#564).
        toolChoice({ choices: [{ whileThinking: 'auto', thinks: 'when-told', unthink: { ...OFF, thinking_budget: undefined } }] }),
        // Qwen knows no limit but `max_tokens` (AI SDK).
        maxTokens({ cap: 'model' }),
        // Qwen does not know `store`, `metadata` and `service_tier` (oh-my-pi).
        dropParams({ params: ['store', 'metadata', 'service_tier'] }),
        // Qwen refuses several system messages (oh-my-pi).
        mergeSystem(),
        // The same templates refuse a system message that comes late (issues vllm#41114, ollama#16372).
        lateSystem(),
        // Qwen's text-only models accept no list as content (oh-my-pi).
        flattenContent({ models: 'coder|qwen3\\.7-max' }),
        // Qwen's models other than 3.7 and 3.8 know no format but `json_object` (oh-my-pi).
        jsonSchemaPrompt({ except: '^qwen3\\.[78]' }),
        // Alibaba words a limit per minute as a quota (oh-my-pi), and answers 400 to an account in debt (a public
        // issue).
        providerErrors({
          rules: [
            { message: '#token-limit', as: 'rate_limited', retryAfter: 60 },
            { code: 'Arrearage', as: 'quota_exhausted' },
          ],
        }),
      ],
    }),
    ...options,
  };
}
