import type { Preset } from '../core/contract/preset.ts';
import { modelMap } from '../plugins/model-map.ts';
import { glmBasics } from './glm-basics.ts';

/** OpenAI's model names, the only ones that some clients know, and GLM's in their place; the first match wins. */
const MODELS = {
  'gpt-4': 'glm-4',
  'gpt-4-turbo': 'glm-4',
  'gpt-4o': 'glm-4-plus',
  'gpt-4o-mini': 'glm-4-flash',
  'gpt-3.5-turbo': 'glm-4-flash',
  'gpt-5*': 'glm-5',
};

/** BigModel's GLM Coding Plan, which is Z.ai's in mainland China. */
export function glm(options: Partial<Preset> = {}): Preset {
  return {
    name: 'glm',
    title: 'BigModel GLM Coding Plan',
    known: 'documented',
    // The source of both endpoints is LiteLLM.
    endpoints: { chat: 'https://open.bigmodel.cn/api/coding/paas/v4', messages: 'https://open.bigmodel.cn/api/anthropic/v1' },
    keyEnv: ['GLM_API_KEY'],
    baseEnv: ['GLM_API_BASE'],
    port: 18_765,
    prefixes: ['/v4'],
    // Some clients know only OpenAI's models, so those names stand for GLM's.
    ...glmBasics(modelMap({ models: MODELS })),
    ...options,
  };
}
