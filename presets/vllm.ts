import type { Preset } from '../core/contract/preset.ts';
import { dropParams } from '../plugins/drop-params.ts';
import { lateSystem } from '../plugins/late-system.ts';
import { mergeSystem } from '../plugins/merge-system.ts';
import { reasoningContent } from '../plugins/reasoning-content.ts';
import { reasoningSwitch } from '../plugins/reasoning-switch.ts';
import { strictFlag } from '../plugins/strict-flag.ts';
import { thinkTags } from '../plugins/think-tags.ts';
import { toolSchema } from '../plugins/tool-schema.ts';
import { chatBasics } from './chat-basics.ts';
import { callMarkup } from './healing-basics.ts';
import { TEMPLATE_SWITCH } from './template-basics.ts';

const BASE = 'http://127.0.0.1:8000/v1';

/**
 * A vLLM server, on this machine or where `VLLM_API_BASE` says; for tools it must be started with
 * `--enable-auto-tool-choice` and a `--tool-call-parser`.
 */
export function vllm(options: Partial<Preset> = {}): Preset {
  return {
    name: 'vllm',
    title: 'vLLM',
    known: 'documented',
    endpoints: { chat: BASE, responses: BASE },
    // vLLM's Responses knows functions only.
    translated: ['responses'],
    keyEnv: ['VLLM_API_KEY'],
    baseEnv: ['VLLM_API_BASE'],
    models: [],
    // A busy machine may read a long prompt for a long time.
    timeouts: { headers: 0, firstToken: 0 },
    plugins: chatBasics({
      reasoning: reasoningContent(),
      healing: [
        // vLLM leaves calls in the text without the right `--tool-call-parser`.
        callMarkup(),
        // vLLM leaves thoughts in the text without `--reasoning-parser` (oh-my-pi).
        thinkTags(),
      ],
      accents: [
        // vLLM switches thinking by a variable of the chat template; the effort goes beside it, because some builds
        // refuse it inside (oh-my-pi).
        reasoningSwitch({ switches: [TEMPLATE_SWITCH] }),
        // Strict chat templates refuse a second system message (oh-my-pi).
        mergeSystem(),
        // The same templates refuse a system message that comes late (issues vllm#41114, ollama#16372).
        lateSystem(),
        // Not every build of vLLM knows `strict` in a tool (oh-my-pi).
        strictFlag(),
        // vLLM answers 400, "Unrecognized schema: true", to a boolean as a schema (oh-my-pi#5914).
        toolSchema({ booleans: true }),
        // vLLM keeps nothing, so `store` has no meaning there (oh-my-pi).
        dropParams({ params: ['store'] }),
      ],
    }),
    ...options,
  };
}
