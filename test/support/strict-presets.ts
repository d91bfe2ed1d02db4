import type { MessagesRequest } from '../../core/kit/messages-wire.ts';
import { MESSAGES_KEY, MessagesProvider } from './messages-provider.ts';
import { PRESET_KEY, PresetProvider } from './preset-provider.ts';
import type { ResponsesBody } from './responses-rules.ts';
import { responsesWire } from './responses-wire.ts';
import { PROVIDER_KEY, StrictProvider, type Wire } from './strict-provider.ts';
import { type Body, STRICTEST } from './strict-providers.ts';
import type { Turn } from './turn.ts';

/**
 * A provider that refuses what the real one refuses, in the dialect that its preset uses first, unless another is
 * named.
 */
export interface StrictPreset {
  readonly base: string;
  readonly key: string;
  /** The bodies of all requests. */
  readonly asked: Body[];
  readonly refused: readonly string[];
  script(...turns: Turn[]): void;
  stop(): Promise<void>;
}

/** `name` is the name of a preset. */
export async function startStrict(name: string, dialect?: 'chat'): Promise<StrictPreset> {
  if (name === 'anthropic') return withKey(await MessagesProvider.start(refusesBudgets), MESSAGES_KEY);
  const rules = dialect === undefined ? RESPONSES[name] : undefined;
  if (rules) return withKey(await StrictProvider.start(stricter(responsesWire(), rules)), PROVIDER_KEY);
  if (!STRICTEST[name]) throw new Error(`${name}: no such provider`);
  const provider = await PresetProvider.start(name);
  return {
    key: PRESET_KEY,
    base: provider.base,
    get asked() {
      return provider.asked.map(({ body }) => body);
    },
    refused: provider.refused,
    script: (...turns) => provider.script(...turns.map(inItsWords)),
    stop: () => provider.stop(),
  };
}

type Rule<Asked> = (body: Asked) => string | undefined;

/**
 * The known refusals of a provider's Responses API beyond OpenAI's. Sources: the project's survey,
 * maximhq/bifrost#5428, router-for-me/CLIProxyAPI#5257.
 */
const RESPONSES: Record<string, Rule<ResponsesBody>> = {
  xai({ tools = [], input, reasoning }) {
    const odd = tools.find(({ type }) => !['function', 'web_search', 'x_search', 'mcp', 'code_interpreter', 'file_search'].includes(type));
    if (odd) return `Failed to deserialize the JSON body: unknown variant \`${odd.type}\``;
    const item = (Array.isArray(input) ? input : []).find(({ type = 'message' }) => /custom|local_shell|tool_search|additional_tools|agent/.test(type));
    if (item) return `Failed to deserialize the JSON body: unknown variant \`${item.type}\``;
    if (tools.some(({ parameters }) => parameters?.['anyOf'] ?? parameters?.['oneOf'])) return 'the root of a schema must be an object';
    return refusesReasoning(reasoning);
  },
  openai({ model, reasoning, temperature, top_p }: ResponsesBody & Body) {
    const thinks = !/^gpt-4/.test(model);
    if (thinks && (temperature ?? top_p) !== undefined) return "Unsupported parameter: 'temperature' is not supported with this model.";
    const words = ['low', 'medium', 'high', 'xhigh', ...(/^gpt-6/.test(model) ? ['none', 'max'] : [])];
    if (reasoning?.effort && !words.includes(reasoning.effort)) return `Unsupported value: '${reasoning.effort}' is not supported with this model.`;
    return reasoning?.effort && !thinks ? "Unsupported parameter: 'reasoning.effort' is not supported with this model." : undefined;
  },
};

function refusesReasoning(reasoning: Body): string | undefined {
  if (reasoning?.summary !== undefined) return 'Argument not supported: reasoning.summary';
  return reasoning?.effort && !['none', 'low', 'medium', 'high', 'xhigh'].includes(reasoning.effort) ? 'Invalid reasoning effort' : undefined;
}

/** The refusals of Claude models since Opus 4.7. Source: docs.aws.amazon.com, adaptive thinking of Claude. */
function refusesBudgets({ model, thinking, temperature, top_p, top_k, output_config: config }: MessagesRequest): string | undefined {
  if (!/^claude-(opus-[5-9]|sonnet-[5-9]|fable)/.test(model)) return undefined;
  if (thinking && thinking.type !== 'adaptive') return `thinking.type: "${thinking.type}" is not supported on this model`;
  if ((temperature ?? top_p ?? top_k) !== undefined) return 'temperature: not supported on this model';
  const words = ['low', 'medium', 'high', 'xhigh', 'max'];
  return config?.effort && !words.includes(config.effort) ? `output_config.effort: "${config.effort}" is none of ${words.join(', ')}` : undefined;
}

function stricter(wire: Wire<ResponsesBody>, rule: Rule<ResponsesBody>): Wire<ResponsesBody> {
  return { ...wire, refusalOf: (body) => rule(body) ?? wire.refusalOf(body) };
}

function withKey(provider: Omit<StrictPreset, 'key'>, key: string): StrictPreset {
  return {
    key,
    base: provider.base,
    asked: provider.asked,
    refused: provider.refused,
    script: (...turns) => provider.script(...turns),
    stop: () => provider.stop(),
  };
}

function inItsWords({ thinking, text, calls = [] }: Turn) {
  return { ...(thinking && { reasoning: thinking }), ...(text && { text }), calls: calls.map(({ name, input }) => ({ name, arguments: input })) };
}
