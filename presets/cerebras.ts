import type { ModelFacts } from '../core/contract/facts.ts';
import type { Preset } from '../core/contract/preset.ts';
import { allowParams } from '../plugins/allow-params.ts';
import { effortWords } from '../plugins/effort-words.ts';
import { providerErrors } from '../plugins/provider-errors.ts';
import { reasoningContent } from '../plugins/reasoning-content.ts';
import { reasoningField } from '../plugins/reasoning-field.ts';
import { strictFlag } from '../plugins/strict-flag.ts';
import { chatBasics } from './chat-basics.ts';
import { callMarkup } from './healing-basics.ts';

const models: ModelFacts[] = [
  { id: 'gpt-oss-120b', contextWindow: 131_072, maxOutput: 32_768, input: ['text'], efforts: ['low', 'medium', 'high'] },
  { id: 'gemma-4-31b', contextWindow: 131_072, maxOutput: 32_768, input: ['text'], efforts: ['none', 'low', 'medium', 'high'] },
];
const PARAMS =
  'model messages stream stream_options max_tokens max_completion_tokens temperature top_p stop seed n logprobs top_logprobs frequency_penalty presence_penalty response_format tools tool_choice parallel_tool_calls reasoning_effort reasoning_format clear_thinking user service_tier';
const MESSAGE = 'role content name tool_calls tool_call_id reasoning';

/** Cerebras's own platform, Cerebras Inference. */
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
      // Cerebras serves GLM and Qwen, whose markup of calls may leak into the text.
      healing: callMarkup(),
      accents: [
        // Cerebras answers 400 to an effort that the model does not know (issue modelparams.dev#115).
        effortWords({
          dials: [
            // The answer to `none` and `minimal` is `wrong_api_format` (docs.rs/harn-vm).
            { models: '^gpt-oss', efforts: ['low', 'medium', 'high'] },
            { efforts: ['none', 'low', 'medium', 'high'] },
          ],
        }),
        // Cerebras answers 400 to `reasoning_content`, and takes its own `reasoning` back (issues Empryo#209, zap#25).
        reasoningField({ field: 'reasoning' }),
        // Cerebras answers 400 if some tools are strict and others are not (issues Roo-Code#10334, code_puppy#368).
        strictFlag(),
        // Cerebras answers 400 to any field that its SDK does not list (issue Empryo#209).
        allowParams({ params: PARAMS.split(' '), message: MESSAGE.split(' ') }),
        // Cerebras answers 429 under high traffic, even to a client within its limits (issue atlas-ui-3#111).
        providerErrors({ rules: [{ message: 'high traffic', as: 'upstream_overloaded' }] }),
      ],
    }),
    ...options,
  };
}
