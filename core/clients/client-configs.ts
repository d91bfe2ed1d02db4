import type { ModelFacts } from '../contract/facts.ts';

export interface Choice {
  /** URL of the gateway, without `/v1`. */
  url: string;
  /** Id of the model to use. */
  model: string;
  models: readonly ModelFacts[];
  /** Clients must send a key: the config refers to TAPLINE_API_KEY where the client runs, so no file holds the key. */
  keyed: boolean;
}

const NO_KEY = 'not-needed';
/** Output tokens that Claude Code 2.1.329 asks for from a model that it does not know. */
const CLAUDE_OUTPUT = 32_000;
/** Lower and upper bound of the compaction window that it accepts; the setting applies to models it knows, too. */
const [LEAST_COMPACTED, CLAUDE_WINDOW] = [100_000, 1_000_000];

/** Text to paste for each client: shell lines or JSON. Codex has a file of its own. */
export const CLIENT_CONFIGS = {
  /**
   * Claude Code: also sets its aliases of models, which it uses for side tasks, and the context window, which it
   * assumes to be 1M for a model that it does not know.
   */
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
  /** The SDKs of every language; the program names the model. */
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

/** A reference, which the shell fills in, or a placeholder. */
function keyOf(keyed: boolean): { variable: string } | string {
  return keyed ? { variable: 'TAPLINE_API_KEY' } : NO_KEY;
}

function shell(values: Record<string, { variable: string } | string>): string {
  const quote = (text: string) => `'${text.replaceAll("'", `'\\''`)}'`;
  const lines = Object.entries(values).map(([name, value]) => `export ${name}=${typeof value === 'string' ? quote(value) : `"$${value.variable}"`}\n`);
  return lines.join('');
}
