import type { Preset } from '../core/preset.ts';
import { dropParams } from '../plugins/drop-params.ts';
import { emptyLength } from '../plugins/empty-length.ts';
import { maxTokens } from '../plugins/max-tokens.ts';
import { mergeSystem } from '../plugins/merge-system.ts';
import { reasoningContent } from '../plugins/reasoning-content.ts';
import { reasoningSwitch } from '../plugins/reasoning-switch.ts';
import { thinkTags } from '../plugins/think-tags.ts';
import { toolChoice } from '../plugins/tool-choice.ts';
import { toolSchema } from '../plugins/tool-schema.ts';
import { chatBasics } from './chat-basics.ts';
import { TEMPLATE_SWITCH } from './template-basics.ts';

const BASE = 'http://127.0.0.1:8080/v1';

/** llama.cpp's own server, `llama-server --jinja`, on this machine or where `LLAMA_API_BASE` says. */
export function llamacpp(options: Partial<Preset> = {}): Preset {
  return {
    name: 'llamacpp',
    title: 'llama.cpp',
    known: 'recorded',
    endpoints: { chat: BASE, messages: BASE, responses: BASE },
    translated: ['responses'], // knows functions only
    keyEnv: ['LLAMA_API_KEY'],
    baseEnv: ['LLAMA_API_BASE'],
    models: [],
    timeouts: { headers: 0, firstToken: 0 }, // a long prompt on a slow machine
    plugins: chatBasics({
      reasoning: reasoningContent(),
      healing: [thinkTags()], // with --reasoning-format none
      accents: [
        reasoningSwitch({ switches: [TEMPLATE_SWITCH] }), // [OMP] by the template's variable
        toolChoice({ choices: [{ named: 'required' }] }), // takes a word only, and ignores the rest [seen at b11549]
        mergeSystem(), // [OMP] strict templates refuse a second system message
        maxTokens(), // [OMP] older versions do not know max_completion_tokens
        toolSchema({ booleans: true }), // [OMP #5914] 400 "Unrecognized schema: true"
        dropParams({ params: ['store'] }), // [OMP] keeps nothing
        emptyLength(), // [OMP] the prompt fills the window: `length` without a word
      ],
    }),
    ...options,
  };
}
