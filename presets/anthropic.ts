import type { ModelFacts } from '../core/contract/facts.ts';
import type { Preset } from '../core/contract/preset.ts';
import { adaptiveThinking } from '../plugins/adaptive-thinking.ts';
import { dropParams } from '../plugins/drop-params.ts';
import { toolId } from '../plugins/tool-id.ts';
import { toolSchema } from '../plugins/tool-schema.ts';
import { basics } from './basics.ts';

const facts = { contextWindow: 1_000_000, maxOutput: 128_000, input: ['text', 'image'] } as const;
const FIVE = ['low', 'medium', 'high', 'xhigh', 'max'] as const;
const models: ModelFacts[] = [
  ...['claude-opus-5-5', 'claude-sonnet-5', 'claude-fable-5-1', 'claude-opus-5'].map((id) => ({ id, ...facts, efforts: FIVE })),
  { id: 'claude-opus-4-6', ...facts, efforts: ['low', 'medium', 'high', 'max'] },
];
/** Claude models since Opus 4.7. */
const NEWER = '^claude-(opus-(4-[7-9]|[5-9])|sonnet-[5-9]|fable|mythos)';

/** Anthropic's own platform. */
export function anthropic(options: Partial<Preset> = {}): Preset {
  return {
    name: 'anthropic',
    title: 'Anthropic',
    known: 'recorded',
    endpoints: { messages: 'https://api.anthropic.com/v1' },
    auth: 'x-api-key',
    // There is no `baseEnv`: clients set ANTHROPIC_BASE_URL to this gateway.
    keyEnv: ['ANTHROPIC_API_KEY'],
    keyNeeded: true,
    models,
    modelsFrom: { date: '2026-11', source: 'the model lists of oh-my-pi and LiteLLM' },
    timeouts: { idle: 600_000 },
    plugins: basics({
      accents: [
        // Claude models since Opus 4.7 answer 400 to a budget of tokens and to a request not to think; for 4.6 a
        // budget is deprecated (docs.aws.amazon.com/bedrock, adaptive thinking).
        adaptiveThinking({
          adaptive: [
            { models: NEWER, efforts: [...FIVE], always: true },
            { models: '^claude-(opus|sonnet)-4-6', efforts: ['low', 'medium', 'high', 'max'] },
          ],
        }),
        // Claude models since Opus 4.7 no longer take a temperature, `top_p` or `top_k` (openrouter.ai, migration to
        // 4.7).
        dropParams({ perModel: [{ models: NEWER, params: ['temperature', 'top_p', 'top_k'] }] }),
        // Anthropic answers 400 to a choice at the root of a schema (issue claude-code#40075).
        toolSchema({ object: false, root: true }),
        // Anthropic answers 400 to an id with anything but letters, digits, `_` and `-` (issue bifrost#5097).
        toolId(),
      ],
    }),
    ...options,
  };
}
