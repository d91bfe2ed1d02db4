import type { ModelFacts, Preset } from '../core/preset.ts';
import { allowParams } from '../plugins/allow-params.ts';
import { effortWords } from '../plugins/effort-words.ts';
import { providerErrors } from '../plugins/provider-errors.ts';
import { reasoningContent } from '../plugins/reasoning-content.ts';
import { reasoningField } from '../plugins/reasoning-field.ts';
import { strictFlag } from '../plugins/strict-flag.ts';
import { chatBasics } from './chat-basics.ts';

const models: ModelFacts[] = [
  { id: 'gpt-oss-120b', contextWindow: 131_072, maxOutput: 32_768, input: ['text'], efforts: ['low', 'medium', 'high'] },
  { id: 'gemma-4-31b', contextWindow: 131_072, maxOutput: 32_768, input: ['text'], efforts: ['none', 'low', 'medium', 'high'] },
];
const PARAMS =
  'model messages stream stream_options max_tokens max_completion_tokens temperature top_p stop seed n logprobs top_logprobs frequency_penalty presence_penalty response_format tools tool_choice parallel_tool_calls reasoning_effort reasoning_format clear_thinking user service_tier';
const MESSAGE = 'role content name tool_calls tool_call_id reasoning';

/** Cerebras Inference. */
export function cerebras(options: Partial<Preset> = {}): Preset {
  return {
    name: 'cerebras',
    title: 'Cerebras',
    known: 'documented',
    endpoints: { chat: 'https://api.cerebras.ai/v1' },
    keyEnv: ['CEREBRAS_API_KEY'],
    keyNeeded: true,
    models,
    modelsFrom: { date: '2026-07', source: 'the model lists of LLM Gateway (llmgateway#2882) and Bifrost' },
    plugins: chatBasics({
      reasoning: reasoningContent(),
      accents: [
        effortWords({
          dials: [
            { models: '^gpt-oss', efforts: ['low', 'medium', 'high'] }, // [DOC docs.rs/harn-vm] wrong_api_format on none and minimal
            { efforts: ['none', 'low', 'medium', 'high'] }, // [ISS modelparams.dev#115] 400 on any other word
          ],
        }),
        reasoningField({ field: 'reasoning' }), // [ISS Empryo#209, zap#25] 400 on reasoning_content, takes its own reasoning
        strictFlag(), // [ISS Roo-Code#10334, code_puppy#368] 400 where some tools are strict and others are not
        allowParams({ params: PARAMS.split(' '), message: MESSAGE.split(' ') }), // [ISS Empryo#209, DOC the fields of its SDK] 400 on extras
        providerErrors({ rules: [{ message: 'high traffic', as: 'upstream_overloaded' }] }), // [ISS atlas-ui-3#111] a 429, though nobody asked too often
      ],
    }),
    ...options,
  };
}
