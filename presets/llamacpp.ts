import type { Preset } from '../core/contract/preset.ts';
import { continueTurn } from '../plugins/continue-turn.ts';
import { dropParams } from '../plugins/drop-params.ts';
import { emptyLength } from '../plugins/empty-length.ts';
import { lateSystem } from '../plugins/late-system.ts';
import { maxTokens } from '../plugins/max-tokens.ts';
import { mergeSystem } from '../plugins/merge-system.ts';
import { reasoningContent } from '../plugins/reasoning-content.ts';
import { reasoningSwitch } from '../plugins/reasoning-switch.ts';
import { thinkTags } from '../plugins/think-tags.ts';
import { toolChoice } from '../plugins/tool-choice.ts';
import { toolSchema } from '../plugins/tool-schema.ts';
import { chatBasics } from './chat-basics.ts';
import { callMarkup } from './healing-basics.ts';
import { TEMPLATE_SWITCH } from './template-basics.ts';

const BASE = 'http://127.0.0.1:8080/v1';

/** llama.cpp's own server, `llama-server --jinja`, on this machine or where `LLAMA_API_BASE` says. */
export function llamacpp(options: Partial<Preset> = {}): Preset {
  return {
    name: 'llamacpp',
    title: 'llama.cpp',
    known: 'recorded',
    endpoints: { chat: BASE, messages: BASE, responses: BASE },
    // llama.cpp's Responses knows functions only.
    translated: ['responses'],
    keyEnv: ['LLAMA_API_KEY'],
    baseEnv: ['LLAMA_API_BASE'],
    models: [],
    // A slow machine may read a long prompt for a long time.
    timeouts: { headers: 0, firstToken: 0 },
    plugins: chatBasics({
      reasoning: reasoningContent(),
      healing: [
        // llama.cpp leaves calls in the text if it does not know the format of the model.
        callMarkup(),
        // llama.cpp leaves thoughts in the text with `--reasoning-format none`.
        thinkTags(),
      ],
      accents: [
        // llama.cpp answers 400, "Assistant response prefill is incompatible with enable_thinking" (llama.cpp#20861).
        continueTurn({ models: '' }),
        // llama.cpp switches thinking by a variable of the model's chat template (oh-my-pi).
        reasoningSwitch({ switches: [TEMPLATE_SWITCH] }),
        // llama.cpp accepts a word as the choice, and ignores anything else (seen at build b11549).
        toolChoice({ choices: [{ named: 'required' }] }),
        // Strict chat templates refuse a second system message (oh-my-pi).
        mergeSystem(),
        // The same templates refuse a system message that comes late (issues vllm#41114, ollama#16372).
        lateSystem(),
        // Older versions of llama.cpp do not know `max_completion_tokens` (oh-my-pi).
        maxTokens(),
        // llama.cpp answers 400, "Unrecognized schema: true", to a boolean as a schema (oh-my-pi#5914).
        toolSchema({ booleans: true }),
        // llama.cpp keeps nothing, so `store` has no meaning there (oh-my-pi).
        dropParams({ params: ['store'] }),
        // llama.cpp ends with `length` and without text if the prompt fills the window (oh-my-pi).
        emptyLength(),
      ],
    }),
    ...options,
  };
}
