import type { ModelFacts } from '../core/contract/facts.ts';
import type { Preset } from '../core/contract/preset.ts';
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

/** Google's Gemini, through its Chat endpoint. */
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
      // Gemini writes its thoughts between `<thought>` tags if a client asks for them (from memory, without a source).
      healing: thinkTags({ tags: ['thought'] }),
      accents: [
        // Gemini 3 Pro refuses `minimal` and `medium` (discuss.ai.google.dev), and other models take other words.
        effortWords({
          dials: [
            { models: 'gemini-3.*-pro', efforts: ['low', 'high'] },
            { models: 'gemini-3|gemini-2\\.5-pro', efforts: ['low', 'medium', 'high'] },
            { models: 'gemini-2\\.5', efforts: ['none', 'low', 'medium', 'high'] },
          ],
        }),
        // Gemini answers 400 to `reasoning_content`, a field that it does not know (issue free-claude-code#542).
        reasoningField(),
        // Gemini answers 400 to a call without its signature (issues pi#9444, pi#1829), which belongs to an id as it came.
        extraContent(),
        // Gemini's calls may come without an id (issue open-webui/computer#224).
        toolId(),
        // Gemini answers 400 to `store` (oh-my-pi, LiteLLM).
        dropParams({ params: ['store', 'logit_bias', 'seed'] }),
        // Gemini's Chat does not take `strict` in a tool (LiteLLM).
        strictFlag(),
        // Gemini answers 400 to `const` and to references (issues LibreChat#11761, llm-gateway#1858), and to lists of
        // types (from memory, without a source).
        toolSchema({ drop: ['$schema', '$id'], inline: true, constants: true, types: 'nullable' }),
        // Gemini answers 400 to a wrong key (from memory, without a source).
        providerErrors({ rules: [{ message: 'api key not valid', as: 'upstream_authentication' }] }),
      ],
    }),
    ...options,
  };
}
