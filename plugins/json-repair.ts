import type { Plugin } from '../core/contract/plugin.ts';
import { COMMAND_TOOL } from '../core/kit/command-tools.ts';
import { isWhole } from '../core/kit/growing-json.ts';
import { perExchange } from '../core/kit/per-exchange.ts';

/** No tool takes arguments that are nested deeper. */
const DEEPEST = 1000;
const CLOSERS: Record<string, string> = { '{': '}', '[': ']' };

/**
 * Adds the closing brackets that a model left out of a finished call; never inside a string, and never to a command or
 * a patch.
 */
export function jsonRepair(): Plugin {
  const logged = perExchange(() => ({ already: false }));

  return {
    name: 'json-repair',
    upstream: ['chat', 'messages'],
    event(event, exchange) {
      // a call that the provider did not end itself is `incomplete`, or is never done
      if (event.type !== 'item.done' || event.item.type !== 'function_call' || event.item.status === 'incomplete') return;
      const { name, arguments: json } = event.item;
      if (COMMAND_TOOL.test(name) || isWhole(json)) return;
      const missing = missingClosers(json);
      if (!missing || !isWhole(json + missing)) return;
      if (!logged(exchange).already)
        exchange.log.info({ plugin: 'json-repair', tool: name, added: missing }, 'json-repair: a finished call lacked closing brackets');
      logged(exchange).already = true;
      return [
        { type: 'item.delta', key: event.key, channel: 'arguments', delta: missing },
        { ...event, item: { ...event.item, arguments: json + missing } },
      ];
    },
  };
}

/** Returns the brackets that close an object, in their order; nothing if the text ends inside a string. */
function missingClosers(json: string): string | undefined {
  if (!json.trimStart().startsWith('{')) return undefined;
  const open: string[] = [];
  let quoted = false;
  for (let at = 0; at < json.length; at++) {
    const character = json[at] as string;
    if (quoted && character === '\\') at++;
    else if (character === '"') quoted = !quoted;
    else if (quoted) continue;
    else if (CLOSERS[character]) {
      if (open.push(CLOSERS[character]) > DEEPEST) return undefined;
    } else if ((character === '}' || character === ']') && open.pop() !== character) return undefined;
  }
  return quoted ? undefined : open.reverse().join('');
}
