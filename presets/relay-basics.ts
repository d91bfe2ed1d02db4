import type { RelayBasics } from '../core/kit/relay-basics.ts';
import { openrouter } from './openrouter.ts';

/** The models whose thinking codex-relay turned on. */
const THINKING = ['*glm*', '*zhipu*', '*bigmodel*'];

/** The facts about providers that codex-relay 0.5.8 had built in, for `tapline relay`. */
export function relayBasics(): RelayBasics {
  return {
    upstream: openrouter().endpoints.chat ?? '',
    quirks: {
      dsml_heal: { plugin: 'dsml-calls' },
      glm_thinking: { plugin: 'glm-thinking', rules: THINKING.map((model) => ({ model, set: { thinking: { type: 'enabled' } } })) },
      think_tags: { plugin: 'think-tags' },
      missing_done: { always: 'an answer that ends with a finish reason is whole' },
    },
  };
}
