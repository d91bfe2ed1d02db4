import { createHash } from 'node:crypto';
import type { Plugin } from '../core/contract/plugin.ts';
import { perExchange } from '../core/kit/per-exchange.ts';
import { functionReferences } from '../core/kit/tool-references.ts';

const LONGEST = 64;
const KEPT = 55;
const ACCEPTED = /^[a-zA-Z0-9_-]{1,64}$/;

/**
 * Rewrites tool names in the characters and the length that every provider accepts, and restores the client's names in
 * the answer.
 */
export function toolNames(): Plugin {
  const originals = perExchange(() => new Map<string, string>());

  return {
    name: 'tool-names',
    request(request, exchange) {
      const named = functionReferences(request).filter(isPlain);
      const taken = originals(exchange);
      for (const { name } of named) if (ACCEPTED.test(name)) taken.set(name, name); // these stay as they are
      const sent = new Map<string, string>();
      for (const each of named) {
        const original = each.name;
        const name = sent.get(original) ?? spell(original, taken);
        sent.set(original, name);
        taken.set(name, original);
        each.name = name;
      }
    },
    item(item, exchange) {
      if (item.type !== 'function_call' || !isPlain(item)) return;
      const name = originals(exchange).get(item.name) ?? item.name;
      if (name !== item.name) return { ...item, name };
    },
  };
}

/** A tool in a namespace, where the provider knows namespaces, is identified by that too. */
function isPlain<Named extends { name?: string; namespace?: string }>(each: Named): each is Named & { name: string } {
  return Boolean(each.name) && !each.namespace;
}

/** Two names that would become one are distinguished by a hash of the original. */
function spell(name: string, taken: ReadonlyMap<string, string>): string {
  const plain = name.replaceAll(/[^a-zA-Z0-9_-]/g, '_');
  if (plain.length <= LONGEST && (taken.get(plain) ?? name) === name) return plain;
  return `${plain.slice(0, KEPT)}_${createHash('sha256').update(name).digest('hex').slice(0, 8)}`;
}
