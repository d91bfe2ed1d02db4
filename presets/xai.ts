import type { ModelFacts } from '../core/contract/facts.ts';
import type { Preset } from '../core/contract/preset.ts';
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
/** All models except those whose name says that they do not reason. */
const REASONING = '^grok-(?!.*non-reasoning)';

/** xAI's own platform, for Grok. */
export function xai(options: Partial<Preset> = {}): Preset {
  return {
    name: 'xai',
    title: 'xAI',
    known: 'recorded',
    // xAI has deprecated Chat, which cannot give reasoning back (docs.x.ai).
    endpoints: { responses: 'https://api.x.ai/v1', chat: 'https://api.x.ai/v1' },
    // xAI's Responses answers 422 to namespaces and custom tools, which Codex sends (issues bifrost#5428,
    // CLIProxyAPI#5257).
    translated: ['responses'],
    keyEnv: ['XAI_API_KEY'],
    keyNeeded: true,
    port: 4451,
    models,
    modelsFrom: { date: '2026-11', source: 'the model lists of oh-my-pi and LiteLLM' },
    // Grok may think for that long without sending anything (xAI's documentation).
    timeouts: { headers: 900_000, idle: 900_000 },
    plugins: functionBasics(
      chatBasics({
        reasoning: reasoningContent(),
        accents: [
          // Grok's models accept different efforts, and some answer 400 to any; none accepts the field that asks for a
          // summary (xAI's documentation, oh-my-pi).
          effortWords({
            // Grok gives a summary without being asked.
            summary: false,
            dials: [
              { models: '^grok-4\\.[67]', efforts: ['low', 'medium', 'high', 'xhigh'] },
              { models: '^grok-4\\.5', efforts: ['low', 'medium', 'high'] },
              { models: '^grok-4\\.3', efforts: ['none', 'low', 'medium', 'high'] },
              { models: '-reasoning|^grok-(build|code)', efforts: [] },
            ],
          }),
          // xAI's Chat accepts no reasoning of earlier turns (xAI's documentation).
          reasoningField(),
          // xAI does not accept some fields of Chat, and its reasoning models answer 400 to more (xAI's documentation,
          // LiteLLM).
          dropParams({
            params: ['logit_bias', 'web_search_options'],
            perModel: [{ models: REASONING, params: ['presence_penalty', 'frequency_penalty', 'stop'] }],
          }),
          // xAI does not accept the `name` of a message (LiteLLM).
          stripNames(),
          // xAI's Chat refuses `strict` in a tool (LiteLLM).
          strictFlag(),
          // xAI answers 400 to the whole request if a tool's schema has a choice at its root (oh-my-pi).
          toolSchema({ root: true }),
          // xAI's stream may repeat its last piece (AI SDK).
          dedupeDelta(),
          // xAI answers 403 to an empty account (AI SDK, oh-my-pi), and 400 to a wrong key (issue codex#1352).
          providerErrors({
            rules: [
              { message: 'used all available credits|spending limit', as: 'quota_exhausted' },
              { message: 'incorrect api key', as: 'upstream_authentication' },
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
