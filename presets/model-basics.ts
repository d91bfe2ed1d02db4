import type { Plugin, PluginOption } from '../core/contract/plugin.ts';
import { byModel } from '../core/kit/by-model.ts';
import { assistantBridge } from '../plugins/assistant-bridge.ts';
import { extraContent } from '../plugins/extra-content.ts';
import { lateSystem } from '../plugins/late-system.ts';
import { toolSchema } from '../plugins/tool-schema.ts';
import { unsignedCalls } from '../plugins/unsigned-calls.ts';

/**
 * Families of models whose accents follow the name of the model: behind any host, with any prefix, in any case. Each is
 * a regular expression as text, for the option `models` of a plugin.
 */
const MODEL_FAMILIES = {
  claude: anyCase('claude'),
  gemini3: anyCase('gemini-[3-9]'),
  mistral: anyCase('(mi(ni)?|magi|dev|code|vox|math)stral|mixtral|pixtral'),
  qwen: anyCase('qwen|qwq|qvq'),
};

/**
 * The plugins of a preset for its provider's accent, and those that follow the name of a model behind any host. Where
 * the preset lists one of these itself, its own stays alone, in its place.
 */
export function modelBasics(own: PluginOption): PluginOption {
  const listed = new Set([own].flat(Number.POSITIVE_INFINITY as 1).map((plugin) => (plugin ? (plugin as Plugin).name : '')));
  const followers = [
    // Gemini wants its signatures back behind any host (issue openclaude#67), and Gemini 3 answers 400 to a call without
    // one (issues pi#9444, pi#1829).
    extraContent(),
    unsignedCalls({ models: MODEL_FAMILIES.gemini3 }),
    // Templates of Qwen models refuse a late system message (issues vllm#41114, ollama#16372).
    lateSystem({ models: MODEL_FAMILIES.qwen }),
    // Mistral's models refuse a user's message right behind a tool's output (issues hermes-agent#20154, crush#279).
    assistantBridge({ models: MODEL_FAMILIES.mistral }),
    // Providers refuse a schema that is no object with properties (issues opencodex#1105, rakazo#851), and Claude a
    // choice at its root (issue claude-code#40075).
    toolSchema({ root: MODEL_FAMILIES.claude }),
  ];
  return [own, followers.filter(({ name }) => !listed.has(name)).map(byModel)];
}

function anyCase(pattern: string): string {
  return pattern.replaceAll(/[a-z]/g, (letter) => `[${letter}${letter.toUpperCase()}]`);
}
