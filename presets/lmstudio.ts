import type { Preset } from '../core/preset.ts';
import { dropParams } from '../plugins/drop-params.ts';
import { effortWords } from '../plugins/effort-words.ts';
import { emptyLength } from '../plugins/empty-length.ts';
import { maxTokens } from '../plugins/max-tokens.ts';
import { mergeSystem } from '../plugins/merge-system.ts';
import { reasoningContent } from '../plugins/reasoning-content.ts';
import { thinkTags } from '../plugins/think-tags.ts';
import { toolChoice } from '../plugins/tool-choice.ts';
import { toolSchema } from '../plugins/tool-schema.ts';
import { chatBasics } from './chat-basics.ts';

const BASE = 'http://127.0.0.1:1234/v1';

/** LM Studio's local server, on this machine or where `LM_STUDIO_API_BASE` says. */
export function lmstudio(options: Partial<Preset> = {}): Preset {
  return {
    name: 'lmstudio',
    title: 'LM Studio',
    known: 'documented',
    endpoints: { chat: BASE, messages: BASE, responses: BASE },
    translated: ['responses'], // knows functions only
    keyEnv: ['LM_STUDIO_API_KEY', 'LMSTUDIO_API_KEY'],
    baseEnv: ['LM_STUDIO_API_BASE'],
    models: [],
    timeouts: { headers: 0, firstToken: 0 }, // a model that is loaded first, a long prompt on a slow machine
    plugins: chatBasics({
      reasoning: reasoningContent(),
      healing: [thinkTags()], // where the setting that separates the thinking is off
      accents: [
        effortWords({ dials: [{ efforts: ['none', 'low', 'medium', 'high'] }] }), // [OMP] the words of gpt-oss and Qwen 3.8
        toolChoice({ choices: [{ named: 'required' }] }), // [OMP lm-studio.kdl] 400 "'tool_choice' must be a string"
        mergeSystem(), // [OMP] strict templates refuse a second system message
        maxTokens(), // [OMP] does not know max_completion_tokens
        toolSchema({ booleans: true }), // [OMP] its grammar knows no such schemas
        dropParams({ params: ['store', 'parallel_tool_calls'] }), // [OMP] knows neither
        emptyLength({ stop: true }), // [ISS lmstudio#2339] a prompt that does not fit: 200, and a stream without a word
      ],
    }),
    ...options,
  };
}
