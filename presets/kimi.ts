import type { ModelFacts } from '../core/contract/facts.ts';
import type { Endpoints, Preset } from '../core/contract/preset.ts';
import { continueTurn } from '../plugins/continue-turn.ts';
import { dropParams } from '../plugins/drop-params.ts';
import { flattenContent } from '../plugins/flatten-content.ts';
import { kimiCalls } from '../plugins/kimi-calls.ts';
import { lateSystem } from '../plugins/late-system.ts';
import { maxTokens } from '../plugins/max-tokens.ts';
import { mergeSystem } from '../plugins/merge-system.ts';
import { nonemptyAssistant } from '../plugins/nonempty-assistant.ts';
import { providerErrors } from '../plugins/provider-errors.ts';
import { reasoningContent } from '../plugins/reasoning-content.ts';
import { reasoningReplay } from '../plugins/reasoning-replay.ts';
import { reasoningSwitch } from '../plugins/reasoning-switch.ts';
import { strictFlag } from '../plugins/strict-flag.ts';
import { toolChoice } from '../plugins/tool-choice.ts';
import { toolLimit } from '../plugins/tool-limit.ts';
import { toolSchema } from '../plugins/tool-schema.ts';
import { chatBasics } from './chat-basics.ts';
import { regionBasics } from './region-basics.ts';

export interface KimiOptions extends Partial<Preset> {
  /** The region of the key: `cn`, mainland China, by default. */
  region?: 'cn' | 'intl';
}

const REGIONS: Record<'cn' | 'intl', Endpoints> = {
  cn: { chat: 'https://api.moonshot.cn/v1', messages: 'https://api.moonshot.cn/anthropic/v1' },
  intl: { chat: 'https://api.moonshot.ai/v1', messages: 'https://api.moonshot.ai/anthropic/v1' },
};
const SIGHT = ['text', 'image'] as const;
const K2 = { contextWindow: 262_144, maxOutput: 262_144, input: SIGHT } as const;
const models: ModelFacts[] = [
  { id: 'kimi-k3', contextWindow: 1_048_576, maxOutput: 131_072, input: SIGHT, efforts: ['low', 'high', 'max'] },
  { id: 'kimi-k2.7-code', ...K2, efforts: ['high'] },
  { id: 'kimi-k2.7-code-highspeed', ...K2, efforts: ['high'] },
  { id: 'kimi-k2.6', ...K2, efforts: ['none', 'high'] },
  { id: 'kimi-k2.5', ...K2, efforts: ['none', 'high'] },
];
const OFF = { thinking: { type: 'disabled' } };

/** Moonshot AI's own platform, for Kimi. */
export function kimi({ region = 'cn', ...options }: KimiOptions = {}): Preset {
  const { endpoints, hint } = regionBasics('kimi', REGIONS, region);
  return {
    name: 'kimi',
    title: 'Moonshot AI (Kimi)',
    known: 'documented',
    endpoints,
    keyEnv: ['MOONSHOT_API_KEY', 'KIMI_API_KEY'],
    keyNeeded: true,
    baseEnv: ['MOONSHOT_BASE_URL'],
    port: 4447,
    models,
    modelsFrom: { date: '2026-11', source: 'the model lists of LiteLLM and oh-my-pi' },
    plugins: chatBasics({
      reasoning: reasoningContent(),
      // Kimi's own tokens of calls may leak into the text (oh-my-pi, issue hermes-agent#24534).
      healing: kimiCalls(),
      accents: [
        // Kimi's templates take the assistant at the end as a beginning only where `partial` marks it (Moonshot's documentation).
        continueTurn({ models: '' }),
        hint, // Moonshot has two platforms, and a key of one is refused by the other (LiteLLM, oh-my-pi).
        // Kimi K3 and K2.7 always think, and refuse a request not to (issue claude-code#69379), while K2.6 and K2.5 have a
        // switch (oh-my-pi).
        reasoningSwitch({
          switches: [
            { models: '^kimi-k3', efforts: ['low', 'high', 'max'] },
            { models: '^kimi-k2\\.7' },
            // K2.6 keeps its earlier thoughts only on request (oh-my-pi).
            { models: '^kimi-k2\\.6', on: { thinking: { type: 'enabled', keep: 'all' } }, off: OFF, byDefault: true },
            { models: '^kimi-k2\\.5', on: { thinking: { type: 'enabled' } }, off: OFF, byDefault: true },
          ],
        }),
        // Kimi K3 accepts no choice by name; K2 refuses `required`, and a name while it thinks (AI SDK, LiteLLM).
        toolChoice({
          choices: [
            { models: '^kimi-k3', named: 'required' },
            { models: '^kimi-k2\\.', required: 'auto', narrow: true, whileThinking: 'auto' },
          ],
        }),
        // Kimi answers 400 to calls without their reasoning; a blank is enough (AI SDK, oh-my-pi).
        reasoningReplay({ turns: 'calls', filler: ' ', blocks: true }),
        // Moonshot counts the model's maximum output as used if a request sets no limit (oh-my-pi).
        maxTokens({ always: 32_768, cap: 'model' }),
        // Moonshot fixes some fields for its models, and refuses any other value (AI SDK, LiteLLM).
        dropParams({ params: ['temperature', 'top_p', 'n', 'presence_penalty', 'frequency_penalty', 'seed', 'store', 'functions', 'thinking_budget'] }),
        // Moonshot is not known to accept `strict` in a tool (LiteLLM).
        strictFlag(),
        // Moonshot accepts 128 tools (pull request claude-code-proxy#53).
        toolLimit(),
        // Moonshot has its own kind of JSON Schema (AI SDK), and refuses keywords beside a `$ref` (issue cc-switch#6942).
        toolSchema({ drop: ['$schema'], inline: 'beside', root: true, constants: true, enumTypes: true, unionTypes: true, booleans: true, tuples: true }),
        // Moonshot is not known to accept several system messages (oh-my-pi).
        mergeSystem(),
        // The same templates refuse a system message that comes late (issues vllm#41114, ollama#16372).
        lateSystem(),
        // Moonshot accepts a list as content only with an image in it (LiteLLM).
        flattenContent(),
        // Moonshot refuses an assistant turn without content (oh-my-pi).
        nonemptyAssistant({ filler: ' ', drop: true }),
        // Moonshot answers 429 to an empty account and to short-term throttling, and 403 when a plan has run out
        // (Moonshot's documentation).
        providerErrors({ rules: [{ type: ['exceeded_current_quota_error', 'access_terminated_error'], as: 'quota_exhausted' }] }),
      ],
    }),
    ...options,
  };
}
