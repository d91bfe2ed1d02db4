import type { Preset } from '../core/contract/preset.ts';
import { dropParams } from '../plugins/drop-params.ts';
import { effortWords } from '../plugins/effort-words.ts';
import { emptyLength } from '../plugins/empty-length.ts';
import { flattenContent } from '../plugins/flatten-content.ts';
import { lateSystem } from '../plugins/late-system.ts';
import { maxTokens } from '../plugins/max-tokens.ts';
import { reasoningContent } from '../plugins/reasoning-content.ts';
import { reasoningField } from '../plugins/reasoning-field.ts';
import { strictFlag } from '../plugins/strict-flag.ts';
import { thinkTags } from '../plugins/think-tags.ts';
import { toolChoice } from '../plugins/tool-choice.ts';
import { toolSchema } from '../plugins/tool-schema.ts';
import { chatBasics } from './chat-basics.ts';
import { callMarkup } from './healing-basics.ts';

const BASE = 'http://127.0.0.1:11434/v1';

/** Ollama, on this machine or where `OLLAMA_HOST` says. */
export function ollama(options: Partial<Preset> = {}): Preset {
  return {
    name: 'ollama',
    title: 'Ollama',
    known: 'documented',
    endpoints: { chat: BASE, messages: BASE, responses: BASE },
    // Ollama's Responses keeps nothing, and knows functions only (Ollama's source).
    translated: ['responses'],
    keyEnv: ['OLLAMA_API_KEY'],
    baseEnv: ['OLLAMA_HOST', 'OLLAMA_API_BASE'],
    models: [],
    // A slow machine may load a model first, and read a long prompt for a long time.
    timeouts: { headers: 0, firstToken: 0 },
    plugins: chatBasics({
      reasoning: reasoningContent(),
      healing: [
        // Ollama leaves calls in the text if the template of the model does not say how they look.
        callMarkup(),
        // Some versions of Ollama, and some models, leave their thoughts in the text.
        thinkTags(),
      ],
      accents: [
        // Ollama reads only these efforts: none, low, medium, high and max (Ollama's source).
        effortWords({ dials: [{ efforts: ['none', 'low', 'medium', 'high', 'max'] }] }),
        // Ollama reads the thoughts of earlier turns as `reasoning` (Ollama's source).
        reasoningField({ field: 'reasoning' }),
        // Ollama ignores the tool choice: only the offered tools count (Ollama's source).
        toolChoice({ choices: [{ none: 'drop-tools', required: 'omit', named: 'omit', narrow: true }] }),
        // Ollama silently ignores `max_completion_tokens` (Ollama's source).
        maxTokens(),
        // Ollama ignores `strict` in a tool (Ollama's source).
        strictFlag(),
        // Some builds of Ollama answer 400 to `true` as a schema, and to lists of types (oh-my-pi#4366).
        toolSchema({ booleans: true, types: 'anyOf' }),
        // Strict chat templates, and some of Ollama's own parsers, refuse a late system message (issue ollama#16372).
        lateSystem(),
        // Ollama turns each text of a list into a message of its own (Ollama's source).
        flattenContent(),
        // Ollama ignores some fields of Chat, so the client gets a warning (Ollama's source).
        dropParams({ params: ['parallel_tool_calls', 'logit_bias', 'n'] }),
        // Ollama ends with `length` and without text if the prompt fills the window (oh-my-pi).
        emptyLength(),
      ],
    }),
    ...options,
  };
}
