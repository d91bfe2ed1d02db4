import type { ModelFacts } from '../core/contract/facts.ts';
import type { Preset } from '../core/contract/preset.ts';
import { continueTurn } from '../plugins/continue-turn.ts';
import { dropParams } from '../plugins/drop-params.ts';
import { dsmlCalls } from '../plugins/dsml-calls.ts';
import { flattenContent } from '../plugins/flatten-content.ts';
import { jsonSchemaPrompt } from '../plugins/json-schema-prompt.ts';
import { maxTokens } from '../plugins/max-tokens.ts';
import { nonemptyAssistant } from '../plugins/nonempty-assistant.ts';
import { reasoningContent } from '../plugins/reasoning-content.ts';
import { reasoningReplay } from '../plugins/reasoning-replay.ts';
import { reasoningSwitch } from '../plugins/reasoning-switch.ts';
import { strictFlag } from '../plugins/strict-flag.ts';
import { toolChoice } from '../plugins/tool-choice.ts';
import { chatBasics } from './chat-basics.ts';

const facts = { contextWindow: 1_000_000, maxOutput: 384_000, efforts: ['none', 'low', 'high', 'max'] } as const;
const models: ModelFacts[] = [
  { id: 'deepseek-flash', ...facts, input: ['text', 'image'] },
  { id: 'deepseek-v4-pro', ...facts, input: ['text'] },
  { id: 'deepseek-v4-flash', ...facts, input: ['text', 'image'] },
];
const OFF = { thinking: { type: 'disabled' } };

/** DeepSeek's own platform. */
export function deepseek(options: Partial<Preset> = {}): Preset {
  return {
    name: 'deepseek',
    title: 'DeepSeek',
    known: 'recorded',
    endpoints: { chat: 'https://api.deepseek.com', messages: 'https://api.deepseek.com/anthropic/v1' },
    // The guide to DeepSeek's Anthropic API names no other header.
    auth: { messages: 'x-api-key' },
    keyEnv: ['DEEPSEEK_API_KEY'],
    keyNeeded: true,
    port: 4446,
    models,
    modelsFrom: { date: '2026-11', source: 'api-docs.deepseek.com and the model lists of LiteLLM and oh-my-pi' },
    plugins: chatBasics({
      reasoning: reasoningContent(),
      // DeepSeek's own markup of calls may leak into the text (oh-my-pi).
      healing: dsmlCalls(),
      accents: [
        // DeepSeek refuses a conversation that ends with the assistant, unless `prefix` marks a beginning (DeepSeek's guide).
        continueTurn({ models: '' }),
        // DeepSeek thinks unless a request turns it off, and has three efforts; `xhigh` is its `high` (AI SDK). Without
        // thinking it refuses an effort (issue DeepSeek-V3#1397).
        reasoningSwitch({
          switches: [{ efforts: ['low', 'high', 'max'], as: { xhigh: 'high' }, on: { thinking: { type: 'enabled' } }, off: OFF, byDefault: true }],
        }),
        // DeepSeek refuses a forced choice while it thinks, and at some hosts any choice stops the thinking (issue
        // eino#994, oh-my-pi).
        toolChoice({ choices: [{ whileThinking: 'omit', unthink: OFF }] }),
        // DeepSeek answers 400 to a turn of the assistant without its reasoning; an empty one is enough (issues
        // opencode#24722, qwen-code#3788, AI SDK).
        reasoningReplay({ blocks: true }),
        // DeepSeek knows no limit but `max_tokens` (AI SDK).
        maxTokens({ cap: 'model' }),
        // DeepSeek refuses or ignores some fields of Chat (LiteLLM, AI SDK).
        dropParams({ params: ['store', 'seed', 'parallel_tool_calls', 'logit_bias', 'n', 'metadata', 'frequency_penalty', 'presence_penalty'] }),
        // DeepSeek accepts `strict` in a tool only below `/beta`, and only if every tool has it (AI SDK).
        strictFlag(),
        // DeepSeek accepts a list as content only with an image in it (LiteLLM).
        flattenContent(),
        // DeepSeek requires content in each turn that calls tools (oh-my-pi).
        nonemptyAssistant({ filler: '' }),
        // DeepSeek knows no format but `json_object` (AI SDK).
        jsonSchemaPrompt(),
      ],
    }),
    ...options,
  };
}
