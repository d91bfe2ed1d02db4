import { type Item, type Reasoning, textOf } from '../core/contract/canonical.ts';
import type { Exchange } from '../core/contract/exchange.ts';
import type { Plugin } from '../core/contract/plugin.ts';
import { sealOpaque, unsealOpaque } from '../core/kit/envelope.ts';
import { perExchange } from '../core/kit/per-exchange.ts';

/** Wraps reasoning that only its provider can read, so that it comes back to the same preset and model family, word for word, and to no other. */
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
      const { encrypted_content: told, ...item } = event.item;
      const sealed = asked(exchange).sealed ? wrap(item, told, exchange) : undefined;
      return { ...event, item: { ...item, ...(sealed && { encrypted_content: sealed }) } };
    },
  };
}

/** With the text that a provider may have signed, where it is one. */
function wrap({ summary }: Reasoning, told: string, { preset, model }: Exchange): string | undefined {
  const [only, ...others] = summary;
  const text = only && others.length === 0 ? textOf([only]) : undefined;
  return sealOpaque({ preset: preset.name, model }, { text, encrypted_content: told });
}

/** Another provider's reasoning is none of this model's business, and a provider refuses what it cannot open. */
function unwrap(item: Reasoning, { preset, model }: Exchange): Item[] {
  const opened = item.encrypted_content ? unsealOpaque({ preset: preset.name, model }, item.encrypted_content) : undefined;
  if (!opened) return [];
  const { text, encrypted_content } = opened;
  return [{ ...item, ...(text !== undefined && { summary: [{ type: 'summary_text', text }] }), encrypted_content }];
}
