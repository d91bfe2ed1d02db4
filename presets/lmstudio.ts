import type { Preset } from '../core/contract/preset.ts';
import { continueTurn } from '../plugins/continue-turn.ts';
import { dropParams } from '../plugins/drop-params.ts';
import { effortWords } from '../plugins/effort-words.ts';
import { emptyLength } from '../plugins/empty-length.ts';
import { lateSystem } from '../plugins/late-system.ts';
import { maxTokens } from '../plugins/max-tokens.ts';
import { mergeSystem } from '../plugins/merge-system.ts';
import { reasoningContent } from '../plugins/reasoning-content.ts';
import { thinkTags } from '../plugins/think-tags.ts';
import { toolChoice } from '../plugins/tool-choice.ts';
import { toolSchema } from '../plugins/tool-schema.ts';
import { chatBasics } from './chat-basics.ts';
import { callMarkup } from './healing-basics.ts';

const BASE = 'http://127.0.0.1:1234/v1';

/** LM Studio's local server, on this machine or where `LM_STUDIO_API_BASE` says. */
export function lmstudio(options: Partial<Preset> = {}): Preset {
  return {
    name: 'lmstudio',
    title: 'LM Studio',
    known: 'documented',
    endpoints: { chat: BASE, messages: BASE, responses: BASE },
    // LM Studio's Responses knows functions only.
    translated: ['responses'],
    keyEnv: ['LM_STUDIO_API_KEY', 'LMSTUDIO_API_KEY'],
    baseEnv: ['LM_STUDIO_API_BASE'],
    models: [],
    // A slow machine may load a model first, and read a long prompt for a long time.
    timeouts: { headers: 0, firstToken: 0 },
    plugins: chatBasics({
      reasoning: reasoningContent(),
      healing: [
        // LM Studio leaves calls in the text if it does not know the format of the model.
        callMarkup(),
        // LM Studio leaves thoughts in the text if the setting that separates them is off.
        thinkTags(),
      ],
      accents: [
        // LM Studio runs the same chat templates as llama.cpp, some of which refuse the assistant at the end (llama.cpp#20861).
        continueTurn({ models: '' }),
        // LM Studio accepts the efforts of gpt-oss and Qwen 3.8 (oh-my-pi).
        effortWords({ dials: [{ efforts: ['none', 'low', 'medium', 'high'] }] }),
        // LM Studio answers 400, "'tool_choice' must be a string", to a choice by name (oh-my-pi).
        toolChoice({ choices: [{ named: 'required' }] }),
        // Strict chat templates refuse a second system message (oh-my-pi).
        mergeSystem(),
        // The same templates refuse a system message that comes late (issues vllm#41114, ollama#16372).
        lateSystem(),
        // LM Studio does not know `max_completion_tokens` (oh-my-pi).
        maxTokens(),
        // LM Studio's grammar knows no boolean as a schema (oh-my-pi).
        toolSchema({ booleans: true }),
        // LM Studio knows neither `store` nor `parallel_tool_calls` (oh-my-pi).
        dropParams({ params: ['store', 'parallel_tool_calls'] }),
        // LM Studio answers 200 and an empty stream to a prompt that does not fit (issue lmstudio#2339).
        emptyLength({ stop: true }),
      ],
    }),
    ...options,
  };
}
