import type { ModelFacts } from '../core/contract/facts.ts';
import type { Preset } from '../core/contract/preset.ts';
import { dropParams } from '../plugins/drop-params.ts';
import { effortWords } from '../plugins/effort-words.ts';
import { maxTokens } from '../plugins/max-tokens.ts';
import { reasoningContent } from '../plugins/reasoning-content.ts';
import { reasoningField } from '../plugins/reasoning-field.ts';
import { toolId } from '../plugins/tool-id.ts';
import { toolLimit } from '../plugins/tool-limit.ts';
import { toolSchema } from '../plugins/tool-schema.ts';
import { chatBasics } from './chat-basics.ts';

const facts = { contextWindow: 1_050_000, maxOutput: 128_000, input: ['text', 'image'] } as const;
const ALL = ['none', 'low', 'medium', 'high', 'xhigh', 'max'] as const;
const FOUR = ['low', 'medium', 'high', 'xhigh'] as const;
const models: ModelFacts[] = [
  ...['gpt-6-sol', 'gpt-6-luna', 'gpt-6-astra', 'gpt-5.6', 'gpt-5.6-sol', 'gpt-5.6-terra', 'gpt-5.6-luna'].map((id) => ({ id, ...facts, efforts: ALL })),
  ...['gpt-5.5', 'gpt-5.4'].map((id) => ({ id, ...facts, efforts: FOUR })),
  { id: 'gpt-5.3-codex', ...facts, contextWindow: 272_000, efforts: FOUR },
  { id: 'gpt-4.1', ...facts, contextWindow: 1_047_576, maxOutput: 32_768, efforts: [] },
];
const REASONING = '^(o\\d|gpt-[5-9])(?!.*-chat)';

/** OpenAI's own platform. */
export function openai(options: Partial<Preset> = {}): Preset {
  return {
    name: 'openai',
    title: 'OpenAI',
    known: 'recorded',
    endpoints: { responses: 'https://api.openai.com/v1', chat: 'https://api.openai.com/v1' },
    // There is no `baseEnv`: clients set OPENAI_BASE_URL to this gateway.
    keyEnv: ['OPENAI_API_KEY'],
    keyNeeded: true,
    models,
    modelsFrom: { date: '2026-11', source: 'the model lists of oh-my-pi and LiteLLM' },
    plugins: chatBasics({
      reasoning: reasoningContent(),
      accents: [
        // OpenAI's models take different efforts (oh-my-pi), and GPT-4 answers 400 to any.
        effortWords({
          dials: [
            { models: '^gpt-(6|5\\.6)', efforts: [...ALL] },
            { models: '^gpt-5\\.[2-5]', efforts: [...FOUR] },
            { models: '^gpt-4', efforts: [] },
          ],
        }),
        // OpenAI's Chat neither returns nor accepts reasoning (AI SDK).
        reasoningField(),
        // OpenAI's reasoning models refuse `max_tokens` (AI SDK, LiteLLM).
        maxTokens({ field: 'max_completion_tokens', cap: 'model' }),
        // OpenAI's reasoning models answer 400, "Unsupported parameter", to sampling parameters (issue oh-my-pi#5606).
        dropParams({ perModel: [{ models: REASONING, params: ['temperature', 'top_p', 'presence_penalty', 'frequency_penalty'] }] }),
        // OpenAI answers 400 to more than 128 tools (issue zed#32946).
        toolLimit(),
        // OpenAI answers 400 to a schema that is no object, or has a choice at its root (issue GPT_API_free#403).
        toolSchema({ root: true }),
        // OpenAI answers 400 to an id of more than 40 characters in Chat (issue vercel/ai#5171), and of more than 64
        // in Responses (oh-my-pi).
        toolId({ profile: 'short' }),
      ],
    }),
    ...options,
  };
}
