import type { Preset } from '../core/preset.ts';
import { dropParams } from '../plugins/drop-params.ts';
import { mergeSystem } from '../plugins/merge-system.ts';
import { reasoningContent } from '../plugins/reasoning-content.ts';
import { reasoningSwitch } from '../plugins/reasoning-switch.ts';
import { strictFlag } from '../plugins/strict-flag.ts';
import { thinkTags } from '../plugins/think-tags.ts';
import { toolSchema } from '../plugins/tool-schema.ts';
import { chatBasics } from './chat-basics.ts';
import { TEMPLATE_SWITCH } from './template-basics.ts';

const BASE = 'http://127.0.0.1:8000/v1';

/** A vLLM server, on this machine or where `VLLM_API_BASE` says; for tools it must be started with `--enable-auto-tool-choice` and a `--tool-call-parser`. */
export function vllm(options: Partial<Preset> = {}): Preset {
  return {
    name: 'vllm',
    title: 'vLLM',
    known: 'documented',
    endpoints: { chat: BASE, responses: BASE },
    translated: ['responses'], // knows functions only
    keyEnv: ['VLLM_API_KEY'],
    baseEnv: ['VLLM_API_BASE'],
    models: [],
    timeouts: { headers: 0, firstToken: 0 }, // a long prompt on a busy machine
    plugins: chatBasics({
      reasoning: reasoningContent(),
      healing: [thinkTags()], // [OMP] without --reasoning-parser the thinking stands in the text
      accents: [
        reasoningSwitch({ switches: [TEMPLATE_SWITCH] }), // [OMP] by the template's variable; the effort beside it, where some builds refuse it inside
        mergeSystem(), // [OMP] strict templates refuse a second system message
        strictFlag(), // [OMP] not every build knows it
        toolSchema({ booleans: true }), // [OMP #5914] 400 "Unrecognized schema: true"
        dropParams({ params: ['store'] }), // [OMP] keeps nothing
      ],
    }),
    ...options,
  };
}
