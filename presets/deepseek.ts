import type { ModelFacts, Preset } from '../core/preset.ts';
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
    auth: { messages: 'x-api-key' }, // [DOC] the guide to its Anthropic API names no other header
    keyEnv: ['DEEPSEEK_API_KEY'],
    keyNeeded: true,
    port: 4446,
    models,
    modelsFrom: { date: '2026-11', source: 'api-docs.deepseek.com and the model lists of LiteLLM and oh-my-pi' },
    plugins: chatBasics({
      reasoning: reasoningContent(),
      healing: dsmlCalls(), // [OMP] its own markup of calls may leak into the text
      accents: [
        // [AIS] thinks unless told not to, and has three efforts; xhigh is its high
        reasoningSwitch({
          switches: [{ efforts: ['low', 'high', 'max'], as: { xhigh: 'high' }, on: { thinking: { type: 'enabled' } }, off: OFF, byDefault: true }],
        }),
        // [ISS eino#994, OMP] while it thinks it refuses a forced choice, and any choice stops the thinking at some hosts
        toolChoice({ choices: [{ whileThinking: 'omit', unthink: OFF }] }),
        reasoningReplay({ blocks: true }), // [ISS opencode#24722, qwen-code#3788, AIS] 400 on a turn of the assistant without its reasoning; an empty one will do
        maxTokens({ cap: 'model' }), // [AIS] knows max_tokens only
        // [LL, AIS] refused, or of no effect
        dropParams({ params: ['store', 'seed', 'parallel_tool_calls', 'logit_bias', 'n', 'metadata', 'frequency_penalty', 'presence_penalty'] }),
        strictFlag(), // [AIS] only below /beta, and only where every tool has it
        flattenContent(), // [LL] takes a list only where an image is in it
        nonemptyAssistant({ filler: '' }), // [OMP] a turn that calls tools needs a content
        jsonSchemaPrompt(), // [AIS] knows json_object only
      ],
    }),
    ...options,
  };
}
