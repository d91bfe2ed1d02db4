import type { ModelFacts } from '../core/contract/facts.ts';
import type { Preset } from '../core/contract/preset.ts';
import { effortWords } from '../plugins/effort-words.ts';
import { innerError } from '../plugins/inner-error.ts';
import { providerErrors } from '../plugins/provider-errors.ts';
import { reasoningContent } from '../plugins/reasoning-content.ts';
import { reasoningDetails } from '../plugins/reasoning-details.ts';
import { reasoningField } from '../plugins/reasoning-field.ts';
import { reasoningObject } from '../plugins/reasoning-object.ts';
import { toolSchema } from '../plugins/tool-schema.ts';
import { chatBasics } from './chat-basics.ts';
import { callMarkup } from './healing-basics.ts';

/** Used if OpenRouter lists no models; its own list changes daily. */
const models: ModelFacts[] = [
  { id: 'anthropic/claude-sonnet-5', contextWindow: 1_000_000, maxOutput: 128_000, input: ['text', 'image'] },
  { id: 'google/gemini-3.8-flash', contextWindow: 1_048_576, maxOutput: 65_536, input: ['text', 'image'] },
  { id: 'z-ai/glm-5.2', contextWindow: 1_000_000, maxOutput: 131_072, input: ['text'] },
];
const TYPE = 'error.metadata.error_type';

/** OpenRouter: many models behind one key. */
export function openrouter(options: Partial<Preset> = {}): Preset {
  return {
    name: 'openrouter',
    title: 'OpenRouter',
    known: 'recorded',
    // OpenRouter's Responses is a beta that knows functions only: Chat carries more of what Codex sends.
    endpoints: { chat: 'https://openrouter.ai/api/v1', messages: 'https://openrouter.ai/api/v1' },
    keyEnv: ['OPENROUTER_API_KEY'],
    keyNeeded: true,
    port: 4452,
    models,
    modelsFrom: { date: '2026-11', source: 'openrouter.ai, by its recorded answers' },
    plugins: chatBasics({
      reasoning: reasoningContent(),
      // Some of the hosts behind OpenRouter leave the markup of calls in the text.
      healing: callMarkup(),
      accents: [
        // Some models behind OpenRouter refuse a request not to think: "Reasoning is mandatory" (oh-my-pi, LiteLLM).
        effortWords({ dials: [{ models: 'gpt-oss|gemini-.*-pro|grok-(build|code)|deepseek-r1', efforts: ['minimal', 'low', 'medium', 'high', 'xhigh'] }] }),
        // OpenRouter has one word for the effort of all its models (OpenRouter's documentation and SDK).
        reasoningObject(),
        // OpenRouter names the field of the reasoning text `reasoning` (OpenRouter's documentation).
        reasoningField({ field: 'reasoning' }),
        // Anthropic, Gemini, xAI and OpenAI, behind OpenRouter, require signed and sealed thoughts on later turns
        // (OpenRouter's documentation, recorded answers in charmbracelet/fantasy).
        reasoningDetails(),
        // Claude, OpenAI's and xAI's models, behind OpenRouter, refuse a choice at the root of a schema (issues
        // claude-code#40075, GPT_API_free#403).
        toolSchema({ root: true }),
        // OpenRouter's own message says only that there was an error (OpenRouter's documentation and SDK).
        innerError({ raw: 'error.metadata.raw', from: 'error.metadata.provider_name' }),
        // OpenRouter names the kind of a failure in its metadata (OpenRouter's SDK), and an exhausted daily free quota
        // in its message (oh-my-pi).
        providerErrors({
          rules: [
            // The quota is not renewed before the next day.
            { message: 'free-models-per-day', as: 'quota_exhausted' },
            { fields: { [TYPE]: 'context_length_exceeded' }, as: 'context_length_exceeded' },
            { fields: { [TYPE]: 'authentication' }, as: 'upstream_authentication' },
            { fields: { [TYPE]: 'payment_required' }, as: 'quota_exhausted' },
            { fields: { [TYPE]: 'rate_limit_exceeded' }, as: 'rate_limited' },
            { fields: { [TYPE]: ['provider_overloaded', 'provider_unavailable'] }, as: 'upstream_overloaded' },
            { fields: { [TYPE]: ['content_policy_violation', 'refusal'] }, as: 'content_filtered' },
            { fields: { [TYPE]: 'invalid_request' }, as: 'invalid_request' },
            { fields: { [TYPE]: 'timeout' }, as: 'upstream_timeout' },
            { fields: { [TYPE]: 'server' }, as: 'upstream_failed' },
          ],
        }),
      ],
    }),
    ...options,
  };
}
