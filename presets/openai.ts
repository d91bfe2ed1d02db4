import type { ModelFacts, Preset } from '../core/preset.ts';
import { dropParams } from '../plugins/drop-params.ts';
import { effortWords } from '../plugins/effort-words.ts';
import { maxTokens } from '../plugins/max-tokens.ts';
import { reasoningContent } from '../plugins/reasoning-content.ts';
import { reasoningField } from '../plugins/reasoning-field.ts';
import { toolId } from '../plugins/tool-id.ts';
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
    keyEnv: ['OPENAI_API_KEY'], // not OPENAI_BASE_URL: clients set it, to this gateway
    keyNeeded: true,
    models,
    modelsFrom: { date: '2026-11', source: 'the model lists of oh-my-pi and LiteLLM' },
    plugins: chatBasics({
      reasoning: reasoningContent(),
      accents: [
        effortWords({
          dials: [
            { models: '^gpt-(6|5\\.6)', efforts: [...ALL] }, // [OMP]
            { models: '^gpt-5\\.[2-5]', efforts: [...FOUR] },
            { models: '^gpt-4', efforts: [] }, // 400 on a word about it
          ],
        }),
        reasoningField(), // [AIS] its Chat neither tells nor takes reasoning
        maxTokens({ field: 'max_completion_tokens', cap: 'model' }), // [AIS, LL] models that think refuse max_tokens
        // [ISS oh-my-pi#5606] 400 "Unsupported parameter" on models that think
        dropParams({ perModel: [{ models: REASONING, params: ['temperature', 'top_p', 'presence_penalty', 'frequency_penalty'] }] }),
        toolId({ profile: 'short' }), // [ISS vercel/ai#5171] its Chat: 400 on an id of more than 40 characters; [OMP] its Responses: of 64
      ],
    }),
    ...options,
  };
}
