import type { Content, Item, Reasoning } from '../core/contract/canonical.ts';
import { textOf } from '../core/contract/canonical.ts';
import type { Exchange } from '../core/contract/exchange.ts';
import type { Plugin } from '../core/contract/plugin.ts';
import { seal, sealOpaque, unseal, unsealOpaque } from '../core/kit/envelope.ts';
import { perExchange } from '../core/kit/per-exchange.ts';

/**
 * Shows the model's reasoning to the client as a summary, and sends it back to the model on later turns, word for
 * word.
 */
export function reasoningContent(): Plugin {
  const asked = perExchange(() => ({ sealed: false }));

  return {
    name: 'reasoning-content',
    upstream: 'chat',
    request(request, exchange) {
      asked(exchange).sealed = request.include?.includes('reasoning.encrypted_content') ?? false;
      request.input = request.input.flatMap((item): Item | Item[] => (item.type === 'reasoning' ? restore(item, exchange) : item)).filter(ledSomewhere);
    },
    event(event, exchange) {
      if (event.type === 'item.delta') return event.channel === 'reasoning' ? { ...event, channel: 'summary' } : undefined;
      if (event.type !== 'item.done' || event.item.type !== 'reasoning') return;
      const text = textOf(event.item.content);
      const { content: _, encrypted_content: opaque, ...item } = event.item;
      const sealed = asked(exchange).sealed ? wrap(text, opaque, exchange) : undefined;
      const summary: Content[] = text === '' ? [] : [{ type: 'summary_text', text }];
      return { ...event, item: { ...item, summary, ...(sealed && { encrypted_content: sealed }) } };
    },
  };
}

/**
 * Drops the reasoning of an answer that broke off, which clients keep: it is no message by itself, and joined with the
 * reasoning of the next attempt it would form a text that belongs to neither.
 */
function ledSomewhere({ type }: Item, at: number, input: readonly Item[]): boolean {
  if (type !== 'reasoning') return true;
  const next = input[at + 1];
  return next !== undefined && next.type !== 'reasoning' && (next.type !== 'message' || next.role === 'assistant');
}

/** Includes the part that only the provider can read, if there is one. */
function wrap(text: string, opaque: string | null | undefined, { preset, model }: Exchange): string | undefined {
  const owner = { preset: preset.name, model };
  return opaque ? sealOpaque(owner, { text, encrypted_content: opaque }) : seal(owner, text);
}

/** Drops another provider's reasoning, which does not concern this model. */
function restore(item: Reasoning, { preset, model }: Exchange): Item[] {
  const { encrypted_content: sealed, summary, content } = item;
  const owner = { preset: preset.name, model };
  const text = sealed ? unseal(owner, sealed) : textOf(content?.length ? content : summary);
  const opaque = sealed ? unsealOpaque(owner, sealed)?.encrypted_content : undefined;
  if (!text && !opaque) return [];
  const shown: Content[] = text ? [{ type: 'reasoning_text', text }] : [];
  return [{ type: 'reasoning', summary: [], content: shown, ...(opaque && { encrypted_content: opaque }) }];
}
