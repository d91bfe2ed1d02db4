import type { ModelFacts } from '../contract/facts.ts';

export interface Choice {
  /** Of the gateway, without `/v1`. */
  url: string;
  /** The one to use. */
  model: string;
  models: readonly ModelFacts[];
  /** Whether clients must show a key: then it is read from TAPLINE_API_KEY where the client runs, so that it stands nowhere. */
  keyed: boolean;
}

const NO_KEY = 'not-needed';
/** What Claude Code 2.1.329 asks for of a model that it does not know, in tokens. */
const CLAUDE_OUTPUT = 32_000;
/** From and below where its window for compaction may be set, which holds for models that it knows too. */
const [LEAST_COMPACTED, CLAUDE_WINDOW] = [100_000, 1_000_000];

/** What to paste for each client: lines for a shell, or JSON. Codex has a command's file of its own. */
export const CLIENT_CONFIGS = {
  /** Claude Code: its aliases of models too, which it uses for side tasks, and the window, which it takes for 1M of a model that it does not know. */
  claude: ({ url, model, models, keyed }: Choice) => {
    const { contextWindow, maxOutput } = models.find(({ id }) => id === model) ?? {};
    return shell({
      ANTHROPIC_BASE_URL: url,
      ANTHROPIC_AUTH_TOKEN: keyOf(keyed),
      ANTHROPIC_MODEL: model,
      ANTHROPIC_DEFAULT_OPUS_MODEL: model,
      ANTHROPIC_DEFAULT_SONNET_MODEL: model,
      ANTHROPIC_DEFAULT_HAIKU_MODEL: model,
      ...(contextWindow && { CLAUDE_CODE_MAX_CONTEXT_TOKENS: String(contextWindow) }),
      ...(contextWindow && contextWindow >= LEAST_COMPACTED && contextWindow < CLAUDE_WINDOW && { CLAUDE_CODE_AUTO_COMPACT_WINDOW: String(contextWindow) }),
      ...(maxOutput && maxOutput < CLAUDE_OUTPUT && { CLAUDE_CODE_MAX_OUTPUT_TOKENS: String(maxOutput) }),
    });
  },
  /** The SDKs of every language; the model is named in the program. */
  openai: ({ url, model, keyed }: Choice) => `${shell({ OPENAI_BASE_URL: `${url}/v1`, OPENAI_API_KEY: keyOf(keyed) })}# model: ${model}\n`,
  aider: ({ url, model, keyed }: Choice) => shell({ OPENAI_API_BASE: `${url}/v1`, OPENAI_API_KEY: keyOf(keyed), AIDER_MODEL: `openai/${model}` }),
  openwebui: ({ url, model, keyed }: Choice) =>
    shell({ ENABLE_OPENAI_API: 'true', OPENAI_API_BASE_URL: `${url}/v1`, OPENAI_API_KEY: keyOf(keyed), DEFAULT_MODELS: model }),
  /** `opencode.json`, in the project or in ~/.config/opencode. */
  opencode: ({ url, model, models, keyed }: Choice) => {
    const options = { baseURL: `${url}/v1`, apiKey: keyed ? '{env:TAPLINE_API_KEY}' : NO_KEY };
    const offered = Object.fromEntries([{ id: model }, ...models].map((facts) => [facts.id, describe(facts)]));
    const tapline = { npm: '@ai-sdk/openai-compatible', name: 'Tapline', options, models: offered };
    return `${JSON.stringify({ $schema: 'https://opencode.ai/config.json', model: `tapline/${model}`, provider: { tapline } }, null, 2)}\n`;
  },
} as const satisfies Record<string, (choice: Choice) => string>;

export type ConfiguredClient = keyof typeof CLIENT_CONFIGS;

function describe({ id, contextWindow, maxOutput }: ModelFacts): object {
  return { name: id, ...(contextWindow && maxOutput && { limit: { context: contextWindow, output: maxOutput } }) };
}

/** A reference is for the shell to fill in. */
function keyOf(keyed: boolean): { variable: string } | string {
  return keyed ? { variable: 'TAPLINE_API_KEY' } : NO_KEY;
}

function shell(values: Record<string, { variable: string } | string>): string {
  const quote = (text: string) => `'${text.replaceAll("'", `'\\''`)}'`;
  const lines = Object.entries(values).map(([name, value]) => `export ${name}=${typeof value === 'string' ? quote(value) : `"$${value.variable}"`}\n`);
  return lines.join('');
}
