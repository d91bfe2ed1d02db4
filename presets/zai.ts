import type { Preset } from '../core/contract/preset.ts';
import { glmBasics } from './glm-basics.ts';

/** Z.ai's GLM Coding Plan. */
export function zai(options: Partial<Preset> = {}): Preset {
  return {
    name: 'zai',
    title: 'Z.ai GLM Coding Plan',
    known: 'recorded',
    // The endpoint for Messages is the plan's own way for Claude Code (oh-my-pi).
    endpoints: { chat: 'https://api.z.ai/api/coding/paas/v4', messages: 'https://api.z.ai/api/anthropic/v1' },
    keyEnv: ['ZAI_API_KEY'],
    baseEnv: ['ZAI_BASE_URL'],
    port: 4891,
    ...glmBasics(),
    ...options,
  };
}
