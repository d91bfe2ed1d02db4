import type { Endpoints, ModelFacts, Preset } from '../core/preset.ts';
import { dropParams } from '../plugins/drop-params.ts';
import { flattenContent } from '../plugins/flatten-content.ts';
import { maxTokens } from '../plugins/max-tokens.ts';
import { mergeSystem } from '../plugins/merge-system.ts';
import { nonemptyAssistant } from '../plugins/nonempty-assistant.ts';
import { providerErrors } from '../plugins/provider-errors.ts';
import { reasoningContent } from '../plugins/reasoning-content.ts';
import { reasoningReplay } from '../plugins/reasoning-replay.ts';
import { reasoningSwitch } from '../plugins/reasoning-switch.ts';
import { strictFlag } from '../plugins/strict-flag.ts';
import { toolChoice } from '../plugins/tool-choice.ts';
import { toolSchema } from '../plugins/tool-schema.ts';
import { chatBasics } from './chat-basics.ts';
import { regionBasics } from './region-basics.ts';

export interface KimiOptions extends Partial<Preset> {
  /** Where the key is from: `cn`, the mainland, unless given. */
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

/** Moonshot's Kimi. */
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
      accents: [
        hint, // [LL, OMP] the keys of the two platforms are not interchangeable
        reasoningSwitch({
          switches: [
            { models: '^kimi-k3', efforts: ['low', 'high', 'max'] }, // [OMP] always thinks, and knows no switch
            { models: '^kimi-k2\\.7' }, // [OMP] always thinks
            { models: '^kimi-k2\\.6', on: { thinking: { type: 'enabled', keep: 'all' } }, off: OFF, byDefault: true }, // [OMP] keeps what it thought only if told
            { models: '^kimi-k2\\.5', on: { thinking: { type: 'enabled' } }, off: OFF, byDefault: true },
          ],
        }),
        toolChoice({
          choices: [
            { models: '^kimi-k3', named: 'required' }, // [AIS] takes no name
            { models: '^kimi-k2\\.', required: 'auto', narrow: true, whileThinking: 'auto' }, // [AIS, LL] refuses required, and a name while it thinks
          ],
        }),
        reasoningReplay({ turns: 'calls', filler: ' ' }), // [AIS, OMP] 400 on calls without their reasoning; a blank will do
        maxTokens({ always: 32_768, cap: 'model' }), // [OMP] what may be written counts as written where no limit is sent
        // [AIS, LL] fixed for its models: any other value is refused
        dropParams({ params: ['temperature', 'top_p', 'n', 'presence_penalty', 'frequency_penalty', 'seed', 'store', 'functions', 'thinking_budget'] }),
        strictFlag(), // [LL] not known to be taken
        toolSchema({ drop: ['$schema'], root: true, constants: true, enumTypes: true, unionTypes: true, booleans: true, tuples: true }), // [AIS] its own kind of JSON schema
        mergeSystem(), // [OMP] not known to take several
        flattenContent(), // [LL] takes a list only where an image is in it
        nonemptyAssistant({ filler: ' ', drop: true }), // [OMP] refuses a turn of the assistant without a content
        // [DOC] a 429 is an empty account or a moment's throttling; a plan that ran out is a 403
        providerErrors({ rules: [{ type: ['exceeded_current_quota_error', 'access_terminated_error'], as: 'quota_exhausted' }] }),
      ],
    }),
    ...options,
  };
}
