import type { Preset } from '../core/preset.ts';
import { dropParams } from '../plugins/drop-params.ts';
import { effortWords } from '../plugins/effort-words.ts';
import { emptyLength } from '../plugins/empty-length.ts';
import { flattenContent } from '../plugins/flatten-content.ts';
import { maxTokens } from '../plugins/max-tokens.ts';
import { reasoningContent } from '../plugins/reasoning-content.ts';
import { reasoningField } from '../plugins/reasoning-field.ts';
import { strictFlag } from '../plugins/strict-flag.ts';
import { thinkTags } from '../plugins/think-tags.ts';
import { toolChoice } from '../plugins/tool-choice.ts';
import { toolSchema } from '../plugins/tool-schema.ts';
import { chatBasics } from './chat-basics.ts';

const BASE = 'http://127.0.0.1:11434/v1';

/** Ollama, on this machine or where `OLLAMA_HOST` says. */
export function ollama(options: Partial<Preset> = {}): Preset {
  return {
    name: 'ollama',
    title: 'Ollama',
    known: 'documented',
    endpoints: { chat: BASE, messages: BASE, responses: BASE },
    translated: ['responses'], // [OLL] its own is stateless, and knows functions only
    keyEnv: ['OLLAMA_API_KEY'],
    baseEnv: ['OLLAMA_HOST', 'OLLAMA_API_BASE'],
    models: [],
    timeouts: { headers: 0, firstToken: 0 }, // a model that is loaded first, a long prompt on a slow machine
    plugins: chatBasics({
      reasoning: reasoningContent(),
      healing: [thinkTags()], // of versions and models whose thinking is not parsed
      accents: [
        effortWords({ dials: [{ efforts: ['none', 'low', 'medium', 'high', 'max'] }] }), // [OLL] reads no other word
        reasoningField({ field: 'reasoning' }), // [OLL] reads the thinking of earlier turns under this name
        toolChoice({ choices: [{ none: 'drop-tools', required: 'omit', named: 'omit', narrow: true }] }), // [OLL] ignores it: only what is offered counts
        maxTokens(), // [OLL] ignores max_completion_tokens without a word
        strictFlag(), // [OLL] ignores it
        toolSchema({ booleans: true, types: 'anyOf' }), // [OMP #4366] some builds refuse `true` as a schema, and lists of types, with 400
        flattenContent(), // [OLL] makes a message of its own of each text in a list
        dropParams({ params: ['parallel_tool_calls', 'logit_bias', 'n'] }), // [OLL] ignores them: the client is told
        emptyLength(), // [OMP] the prompt fills the window: `length` without a word
      ],
    }),
    ...options,
  };
}
