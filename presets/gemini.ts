import type { ModelFacts, Preset } from '../core/preset.ts';
import { dropParams } from '../plugins/drop-params.ts';
import { effortWords } from '../plugins/effort-words.ts';
import { extraContent } from '../plugins/extra-content.ts';
import { providerErrors } from '../plugins/provider-errors.ts';
import { reasoningContent } from '../plugins/reasoning-content.ts';
import { reasoningField } from '../plugins/reasoning-field.ts';
import { strictFlag } from '../plugins/strict-flag.ts';
import { thinkTags } from '../plugins/think-tags.ts';
import { toolId } from '../plugins/tool-id.ts';
import { toolSchema } from '../plugins/tool-schema.ts';
import { chatBasics } from './chat-basics.ts';

const facts = { contextWindow: 1_048_576, maxOutput: 65_536, input: ['text', 'image'] } as const;
const models: ModelFacts[] = [
  { id: 'gemini-3.8-flash', ...facts, efforts: ['low', 'medium', 'high'] },
  { id: 'gemini-3.1-pro-preview', ...facts, efforts: ['low', 'high'] },
  { id: 'gemini-3.5-flash', ...facts, efforts: ['low', 'medium', 'high'] },
  { id: 'gemini-2.5-pro', ...facts, efforts: ['low', 'medium', 'high'] },
];
/** Documented for calls that another model made. */
const UNSIGNED = { google: { thought_signature: 'skip_thought_signature_validator' } };

/** Google's Gemini, by its Chat endpoint. */
export function gemini(options: Partial<Preset> = {}): Preset {
  return {
    name: 'gemini',
    title: 'Google Gemini',
    known: 'documented',
    endpoints: { chat: 'https://generativelanguage.googleapis.com/v1beta/openai' },
    keyEnv: ['GEMINI_API_KEY', 'GOOGLE_API_KEY'],
    keyNeeded: true,
    models,
    modelsFrom: { date: '2026-11', source: 'the model lists of oh-my-pi and LiteLLM' },
    plugins: chatBasics({
      reasoning: reasoningContent(),
      healing: thinkTags({ tags: ['thought'] }), // [MEM] where it is asked for thoughts it tells them so
      accents: [
        effortWords({
          dials: [
            { models: 'gemini-3.*-pro', efforts: ['low', 'high'] }, // [DOC discuss.ai.google.dev] refuses minimal and medium
            { models: 'gemini-3|gemini-2\\.5-pro', efforts: ['low', 'medium', 'high'] },
            { models: 'gemini-2\\.5', efforts: ['none', 'low', 'medium', 'high'] },
          ],
        }),
        reasoningField(), // [ISS free-claude-code#542] 400 on a field it does not know
        extraContent({ filler: UNSIGNED, models: 'gemini-3' }), // [ISS pi#9444, pi#1829] 400 on a call without its signature
        toolId(), // [ISS open-webui/computer#224] calls may come without an id
        dropParams({ params: ['store', 'logit_bias', 'seed'] }), // [OMP, LL] 400 on store
        strictFlag(), // [LL]
        toolSchema({ drop: ['$schema', '$id'], inline: true, constants: true, types: 'nullable' }), // [ISS LibreChat#11761, llm-gateway#1858] 400 on const and references; [MEM] on lists of types
        providerErrors({ rules: [{ message: 'api key not valid', as: 'upstream_authentication' }] }), // [MEM] a wrong key is a 400
      ],
    }),
    ...options,
  };
}
