import type { FunctionCall, StreamEvent } from '../core/contract/canonical.ts';
import type { Exchange } from '../core/contract/exchange.ts';
import type { Plugin } from '../core/contract/plugin.ts';
import { parseArguments } from '../core/kit/held-calls.ts';
import { perExchange } from '../core/kit/per-exchange.ts';

/** What models put in front of the names of all tools: gpt-oss and Kimi the first, Gemini the last. */
const PREFIX = /^(?:functions?|tools?|default_api)[.:/]/;
/** What models put behind a name: a token of the template, as gpt-oss does, or Kimi's number of the call. */
const SUFFIX = /(?:<\|[\s\S]*|:\d+)$/;
/** Calls of several tools in one, which models of OpenAI learned and others imitate. */
const PARALLEL = /^(?:functions[._])?multi_tool_use[._]parallel$/;
const SEPARATOR = /[.:/]/;
const LONGEST = 200;
const MOST_WORDS = 8;

type Names = Map<string, readonly string[]>;
type Added = StreamEvent & { type: 'item.added' };

/**
 * Mends the name of a called tool that a model decorates, such as `functions.x`, `x<|channel|>commentary` or
 * `server.tool`, if exactly one declared tool fits; and turns `multi_tool_use.parallel` into the calls inside it.
 */
export function callNames(): Plugin {
  const declared = perExchange(() => new DeclaredNames());
  const held = perExchange(() => new Map<number, Added>());

  const mend = (call: FunctionCall, exchange: Exchange): FunctionCall => {
    const name = declared(exchange).fit(call.name);
    return name === undefined ? call : { ...call, name };
  };

  return {
    name: 'call-names',
    request({ tools }, exchange) {
      for (const tool of tools ?? []) if (tool.type === 'function') declared(exchange).add(tool.name);
    },
    event(event, exchange) {
      switch (event.type) {
        case 'item.added': {
          if (event.item.type !== 'function_call' || event.item.namespace || declared(exchange).has(event.item.name)) return;
          if (PARALLEL.test(event.item.name)) {
            held(exchange).set(event.key, event);
            return [];
          }
          const item = mend(event.item, exchange);
          if (item === event.item) return;
          exchange.log.info({ plugin: 'call-names', tool: item.name }, 'call-names: the model decorated the name of a tool');
          return { ...event, item };
        }
        case 'item.delta':
          return held(exchange).has(event.key) ? [] : undefined;
        case 'item.done': {
          if (event.item.type !== 'function_call' || event.item.namespace || declared(exchange).has(event.item.name)) return;
          const added = held(exchange).get(event.key);
          if (added) return apart(added, event.item, mend, exchange);
          const item = mend(event.item, exchange);
          return item === event.item ? undefined : { ...event, item };
        }
      }
    },
  };

  /** Returns a call for each that is inside; the one call as it is if one of them is to no declared tool. */
  function apart({ key, item }: Added, whole: FunctionCall, mendCall: typeof mend, exchange: Exchange): StreamEvent[] {
    const { tool_uses: uses } = parseArguments(whole.arguments);
    const calls = (Array.isArray(uses) ? (uses as unknown[]) : []).map((use) => mendCall(inner(use), exchange));
    const isKnown = calls.length > 0 && whole.status !== 'incomplete' && calls.every(({ name }) => declared(exchange).has(name));
    if (!isKnown) return [{ type: 'item.added', key, item }, ...said(key, whole)];
    exchange.log.info({ plugin: 'call-names', calls: calls.length }, 'call-names: the model called several tools in one');
    return calls.flatMap((call, at): StreamEvent[] => {
      const one = at === 0 ? { key, call_id: whole.call_id } : { key: exchange.newKey(), call_id: exchange.clock.id('call') };
      const added = { ...call, call_id: one.call_id };
      return [{ type: 'item.added', key: one.key, item: { ...added, arguments: '' } }, ...said(one.key, added)];
    });
  }
}

function said(key: number, item: FunctionCall): StreamEvent[] {
  return [
    { type: 'item.delta', key, channel: 'arguments', delta: item.arguments },
    { type: 'item.done', key, item },
  ];
}

/** `{"recipient_name": "functions.x", "parameters": {…}}` */
function inner(use: unknown): FunctionCall {
  const { recipient_name: name, parameters } = (typeof use === 'object' && use !== null ? use : {}) as Record<string, unknown>;
  const json = typeof parameters === 'string' ? parameters : JSON.stringify(parameters ?? {});
  return { type: 'function_call', call_id: '', name: typeof name === 'string' ? name : '', arguments: json };
}

/** Finds declared tools by the words of their names, or by the last of them: two at least. */
class DeclaredNames {
  readonly #names = new Set<string>();
  /** Made for the first name that is not declared. */
  #index: { words: Names; lastWords: Names } | undefined;

  add(name: string): void {
    this.#names.add(name);
  }

  has(name: string): boolean {
    return this.#names.has(name);
  }

  /** Returns the one declared tool that the name can mean: of a namespace's tool not its own name alone. */
  fit(name: string): string | undefined {
    if (name.length > LONGEST) return undefined;
    this.#index ??= indexOf(this.#names);
    const { words, lastWords } = this.#index;
    const bare = name.replace(SUFFIX, '').trim();
    const fitting = [bare, bare.replace(PREFIX, '')].flatMap((each) => {
      const spoken = wordsOf(each).join(' ');
      return [...(words.get(spoken) ?? []), ...((SEPARATOR.test(each) && lastWords.get(spoken)) || [])];
    });
    const [only, ...others] = new Set(fitting);
    return others.length === 0 ? only : undefined;
  }
}

function indexOf(names: ReadonlySet<string>): { words: Names; lastWords: Names } {
  const index = { words: new Map(), lastWords: new Map() };
  for (const name of names) {
    const words = wordsOf(name.slice(-LONGEST));
    know(index.words, words.join(' '), name);
    for (let at = Math.max(1, words.length - MOST_WORDS); at < words.length - 1; at++) know(index.lastWords, words.slice(at).join(' '), name);
  }
  return index;
}

function wordsOf(name: string): string[] {
  return name.split(/[^A-Za-z0-9]+/);
}

/** Two names are enough to know that the words do not say which. */
function know(names: Names, words: string, name: string): void {
  const known = names.get(words) ?? [];
  if (known.length < 2) names.set(words, [...known, name]);
}
