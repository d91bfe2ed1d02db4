import type { ModelFacts } from '../core/contract/facts.ts';
import type { PluginOption } from '../core/contract/plugin.ts';
import type { Preset } from '../core/contract/preset.ts';
import { blankOutputs } from '../plugins/blank-outputs.ts';
import { dropParams } from '../plugins/drop-params.ts';
import { glmThinking } from '../plugins/glm-thinking.ts';
import { jsonSchemaPrompt } from '../plugins/json-schema-prompt.ts';
import { maxTokens } from '../plugins/max-tokens.ts';
import { type ErrorRules, providerErrors } from '../plugins/provider-errors.ts';
import { reasoningContent } from '../plugins/reasoning-content.ts';
import { thinkTags } from '../plugins/think-tags.ts';
import { toolChoice } from '../plugins/tool-choice.ts';
import { toolStream } from '../plugins/tool-stream.ts';
import { xmlCalls } from '../plugins/xml-calls.ts';
import { chatBasics } from './chat-basics.ts';

const TEXT = ['text'] as const;
const SIGHT = ['text', 'image'] as const;
const SWITCH = ['none', 'high'] as const;
const models: ModelFacts[] = [
  { id: 'glm-5.3', contextWindow: 1_000_000, maxOutput: 131_072, input: TEXT, efforts: ['low', 'high', 'max'] },
  { id: 'glm-5.3-flash', contextWindow: 1_000_000, maxOutput: 131_072, input: SIGHT, efforts: ['low', 'high', 'max'] },
  { id: 'glm-5.2', contextWindow: 1_000_000, maxOutput: 131_072, input: TEXT, efforts: ['none', 'high', 'max'] },
  { id: 'glm-5.1', contextWindow: 200_000, maxOutput: 131_072, input: TEXT, efforts: SWITCH },
  { id: 'glm-5', contextWindow: 204_800, maxOutput: 131_072, input: TEXT, efforts: SWITCH },
  { id: 'glm-5-turbo', contextWindow: 200_000, maxOutput: 131_072, input: TEXT, efforts: SWITCH },
  { id: 'glm-4.7', contextWindow: 204_800, maxOutput: 131_072, input: TEXT, efforts: SWITCH },
  { id: 'glm-4.7-flash', contextWindow: 200_000, maxOutput: 131_072, input: TEXT, efforts: SWITCH },
  { id: 'glm-4.6', contextWindow: 204_800, maxOutput: 131_072, input: TEXT, efforts: SWITCH },
  { id: 'glm-4.5-air', contextWindow: 131_072, maxOutput: 98_304, input: TEXT, efforts: SWITCH },
  { id: 'glm-5v-turbo', contextWindow: 200_000, maxOutput: 131_072, input: SIGHT, efforts: SWITCH },
  { id: 'glm-4.6v', contextWindow: 128_000, maxOutput: 32_768, input: SIGHT, efforts: SWITCH },
];

/** The provider's numbers in `error.code`. Source: the provider's table of API codes. */
const ERRORS: ErrorRules = [
  { code: ['1000', '1001', '1002', '1003', '1004', '1005'], as: 'upstream_authentication' },
  { code: ['1113', '1308', '1310'], as: 'quota_exhausted' },
  { code: ['1302', '1303'], as: 'rate_limited' },
  { code: ['1305', '1312'], as: 'upstream_overloaded' },
  { code: ['1304', '1309', '1311', '1313'], as: 'upstream_permission' },
  { code: '1211', as: 'model_not_found' },
  { code: '1261', as: 'context_length_exceeded' },
  { code: '1301', as: 'content_filtered' },
  { code: ['500', '1230', '1234'], as: 'upstream_failed' },
];

/** The parts that both hosts of GLM share: models, timeouts, and the accent of its API. */
export function glmBasics(more?: PluginOption): Pick<Preset, 'keyNeeded' | 'models' | 'modelsFrom' | 'timeouts' | 'plugins'> {
  return {
    keyNeeded: true,
    models,
    modelsFrom: { date: '2026-11', source: 'the model lists of oh-my-pi and LiteLLM' },
    // GLM 5 may think for minutes without sending anything.
    timeouts: { idle: 600_000 },
    plugins: chatBasics({
      reasoning: reasoningContent(),
      healing: [
        // GLM's own markup of calls may leak into the text.
        xmlCalls(),
        // GLM's thoughts may leak into the text if the host does not parse them.
        thinkTags(),
      ],
      accents: [
        // GLM has a switch for its thinking, and from 5.2 on an effort beside it (docs.z.ai, thinking mode; oh-my-pi).
        glmThinking(),
        // GLM answers 429 for throttling, overload, an empty account, and a plan without the model (docs.z.ai, API
        // codes).
        providerErrors({ rules: ERRORS }),
        // GLM documents no choice of tools but `auto` (Z.ai's SDK).
        toolChoice({ choices: [{ none: 'drop-tools', required: 'auto', named: 'auto' }] }),
        // GLM sends a call whole unless it is asked for pieces (recorded answers in charmbracelet/fantasy, oh-my-pi).
        toolStream(),
        // GLM models other than 5.3 know no format but `json_object` (LiteLLM).
        jsonSchemaPrompt({ except: '^glm-5\\.3' }),
        // GLM knows no limit but `max_tokens` (LiteLLM, AI SDK).
        maxTokens(),
        // GLM does not know some fields of Chat (LiteLLM, oh-my-pi).
        dropParams({ params: ['parallel_tool_calls', 'store', 'logit_bias', 'prompt_cache_key'] }),
        // GLM's Messages answers 400, code 1213, to an empty list as the output of a tool (issue oh-my-pi#8768).
        blankOutputs(),
        more,
      ],
    }),
  };
}
