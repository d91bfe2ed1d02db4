import { type Item, type Reasoning, textOf } from '../core/contract/canonical.ts';
import type { Exchange } from '../core/contract/exchange.ts';
import type { Plugin } from '../core/contract/plugin.ts';
import { sealOpaque, unsealOpaque } from '../core/kit/envelope.ts';
import { perExchange } from '../core/kit/per-exchange.ts';

/**
 * Wraps reasoning that only its provider can read, so that it returns word for word to the same preset and model
 * family, and to no other.
 */
export function reasoningEnvelope(): Plugin {
  const asked = perExchange(() => ({ sealed: false }));

  return {
    name: 'reasoning-envelope',
    upstream: ['messages', 'responses'],
    request(request, exchange) {
      asked(exchange).sealed = request.include?.includes('reasoning.encrypted_content') ?? false;
      request.input = request.input.flatMap((item): Item[] => (item.type === 'reasoning' ? unwrap(item, exchange) : [item]));
    },
    event(event, exchange) {
      if (event.type !== 'item.done' || event.item.type !== 'reasoning' || !event.item.encrypted_content) return;
      const { encrypted_content: opaque, ...item } = event.item;
      const sealed = asked(exchange).sealed ? wrap(item, opaque, exchange) : undefined;
      return { ...event, item: { ...item, ...(sealed && { encrypted_content: sealed }) } };
    },
  };
}

/** Includes the text if there is exactly one, because a provider may have signed it. */
function wrap({ summary }: Reasoning, opaque: string, { preset, model }: Exchange): string | undefined {
  const [only, ...others] = summary;
  const text = only && others.length === 0 ? textOf([only]) : undefined;
  return sealOpaque({ preset: preset.name, model }, { text, encrypted_content: opaque });
}

/**
 * Drops another provider's reasoning, which does not concern this model, and which a provider refuses if it cannot
 * open it.
 */
function unwrap(item: Reasoning, { preset, model }: Exchange): Item[] {
  const opened = item.encrypted_content ? unsealOpaque({ preset: preset.name, model }, item.encrypted_content) : undefined;
  if (!opened) return [];
  const { text, encrypted_content } = opened;
  return [{ ...item, ...(text !== undefined && { summary: [{ type: 'summary_text', text }] }), encrypted_content }];
}
