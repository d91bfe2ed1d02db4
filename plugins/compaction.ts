import type { Compaction, Item } from '../core/contract/canonical.ts';
import { GatewayError } from '../core/contract/errors.ts';
import type { Exchange } from '../core/contract/exchange.ts';
import type { Plugin } from '../core/contract/plugin.ts';
import { sealedBy, unseal } from '../core/kit/envelope.ts';

const INTRODUCTION =
  'The earlier part of this conversation was replaced by the summary that follows. You wrote it yourself, and it holds all that is left of what you did and read: go on from there, and do not repeat what it says is done.';
const LONGEST_NAME = 80;

/** Gives the model the summary inside a compaction item, and refuses an item that another provider made. */
export function compaction(): Plugin {
  return {
    name: 'compaction',
    request(request, exchange) {
      request.input = request.input.flatMap((item, at) => (isCompaction(item) ? open(item, at, exchange) : item));
    },
  };
}

function isCompaction(item: Item): item is Compaction {
  return item.type === 'compaction' || item.type === 'compaction_summary' || item.type === 'context_compaction';
}

/** Refuses an item that cannot be read: without the summary the model would know nothing of the conversation. */
function open({ type, encrypted_content: sealed }: Compaction, at: number, exchange: Exchange): Item[] {
  const { preset, model } = exchange;
  if (sealed == null) {
    exchange.warn({ param: `input[${at}]`, reason: `${type}_without_content` });
    return [];
  }
  const summary = unseal({ preset: preset.name, model }, sealed, 'compaction');
  if (summary !== undefined) return [{ type: 'message', role: 'user', content: `${INTRODUCTION}\n\n${summary}` }];
  const by = sealedBy(sealed, 'compaction');
  const why = by
    ? `was written by ${quoted(by.model)} at ${quoted(by.preset)}, and this request goes to ${quoted(model)} at ${quoted(preset.name)}; continue with the model that wrote it`
    : 'was made by another provider, and only that provider can read it; continue there';
  throw new GatewayError('unsupported_value', `input[${at}]: this ${type} ${why}, or start a new session`, {
    param: `input[${at}].encrypted_content`,
    wireCode: 'invalid_encrypted_content',
  });
}

/** Shortens a name from an envelope, because the client may have changed it. */
function quoted(name: string): string {
  return `"${name.slice(0, LONGEST_NAME)}"`;
}
