export type Client = 'Codex 0.169' | 'Claude Code 2.1.329';

/** Tests that show a client's task through presets. */
export interface Shown {
  client: Client;
  /** Without `.e2e.ts`. */
  file: string;
  /** A part of the title, as it is written there; of a loop whose rows begin with the preset where a name is filled in. */
  title: string;
  presets: readonly string[];
}

const codex = (file: string, title: string, ...presets: string[]): Shown => ({ client: 'Codex 0.169', file, title, presets });
const claude = (file: string, title: string, ...presets: string[]): Shown => ({ client: 'Claude Code 2.1.329', file, title, presets });
// biome-ignore lint/suspicious/noTemplateCurlyInString: as it is written
const LOOP = 'does its task through ${name}';

/** What is shown elsewhere than in presets-gateways-and-the-rest: together, both clients through every preset. */
export const ELSEWHERE: readonly Shown[] = [
  codex('codex', 'shows the reasoning, and gives it back to the model word for word, with the call it led to', 'zai'),
  codex('codex', 'runs a harmless command when it is asked to list the files', 'demo'),
  codex('presets-chinese-and-mistral', `Codex 0.169 ${LOOP}: reasoning`, 'deepseek', 'kimi', 'qwen', 'mistral'),
  codex('presets-hosted', `Codex 0.169 ${LOOP}: reasoning`, 'groq', 'xai', 'openrouter', 'openai', 'anthropic', 'gemini'),
  codex('presets-local-servers', `Codex 0.169 ${LOOP}: reasoning`, 'ollama', 'vllm', 'lmstudio', 'llamacpp'),
  claude('presets-chinese-and-mistral', `Claude Code ${LOOP}, natively`, 'deepseek', 'kimi', 'qwen'),
  claude('presets-chinese-and-mistral', 'Claude Code does its task through mistral', 'mistral'),
  claude('presets-hosted', `Claude Code ${LOOP}, natively`, 'anthropic', 'openrouter'),
  claude('presets-hosted', `Claude Code ${LOOP}, whose dialect it does not speak`, 'groq', 'xai', 'openai', 'gemini'),
  claude('presets-local-servers', "Claude Code does its task through ollama's own Messages", 'ollama'),
  claude('presets-gateways-and-the-rest', 'Claude Code runs a harmless command through demo', 'demo'),
];
