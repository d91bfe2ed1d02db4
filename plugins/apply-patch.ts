import type { CanonicalRequest, CustomToolCall, FunctionTool, Item, StreamEvent } from '../core/contract/canonical.ts';
import type { Exchange } from '../core/contract/exchange.ts';
import type { Plugin } from '../core/contract/plugin.ts';
import { onlyText, parseArguments } from '../core/kit/held-calls.ts';

import { perExchange } from '../core/kit/per-exchange.ts';

const NAME = 'apply_patch';
const MARKER = '*** Begin Patch';
const BEGIN = /\*\*\* Begin Patch\r?\n/;
const END = '*** End Patch';
const CHANGE = /^\*\*\* (Add|Update|Delete) File: \S/m;

/**
 * Hands Codex a clean patch, however the model wrapped it: in a fence, in JSON, in a command, in a shell's
 * here-document, or with text around it; also where the client declares the tool as a function. Text that is not a patch passes unchanged, so
 * that Codex itself reports to the model what is wrong with it.
 */
export function applyPatch(): Plugin {
  const declared = perExchange(() => ({ field: '' }));
  const held = perExchange(() => new Set<number>());

  return {
    name: 'apply-patch',
    upstream: ['chat', 'messages'],
    request(request, exchange) {
      const field = fieldOf(request);
      declared(exchange).field = field;
      if (field) request.input = request.input.map((item) => lower(item, field));
    },
    event(event, exchange) {
      switch (event.type) {
        case 'item.added':
          if (!isPatch(event.item, declared(exchange).field)) return;
          held(exchange).add(event.key);
          if (event.item.type === 'custom_tool_call' || !hasItems(exchange)) return;
          return { ...event, item: raise(event.item, '') };
        case 'item.delta':
          return held(exchange).has(event.key) ? [] : undefined;
        case 'item.done':
          if (isPatch(event.item, declared(exchange).field) && held(exchange).has(event.key))
            return finish(event.key, event.item, declared(exchange).field, exchange);
      }
    },
  };
}

type PatchCall = Extract<Item, { type: 'function_call' | 'custom_tool_call' }>;

function isPatch(item: Item, field: string): item is PatchCall {
  if (item.type === 'custom_tool_call') return item.name === NAME;
  return item.type === 'function_call' && item.name === NAME && field !== '';
}

function finish(key: number, item: PatchCall, field: string, exchange: Exchange): StreamEvent[] {
  const text = item.type === 'custom_tool_call' ? item.input : onlyText(item.arguments, field);
  const patch = [text, onlyText(text, field || undefined), listedPatch(text)].map((each) => patchIn(withoutStars(each))).find(Boolean);
  if (patch === undefined) exchange.log.warn({ call: item.call_id }, 'apply-patch: the model sent no valid patch');
  else if (patch !== text) exchange.log.info({ call: item.call_id }, 'apply-patch: unwrapped a patch');
  const input = patch ?? text;
  if (item.type === 'function_call' && !hasItems(exchange)) {
    const call = { ...item, arguments: JSON.stringify({ [field]: input }) }; // what its client declared
    return [
      { type: 'item.delta', key, channel: 'arguments', delta: call.arguments },
      { type: 'item.done', key, item: call },
    ];
  }
  return [
    { type: 'item.delta', key, channel: 'input', delta: input },
    { type: 'item.done', key, item: raise(item, input) },
  ];
}

/** Only Responses has a kind of call for a text: other clients read the field that they declared. */
function hasItems({ client }: Exchange): boolean {
  return client.dialect === 'responses';
}

function raise({ call_id, name, id, status }: PatchCall, input: string): CustomToolCall {
  return { type: 'custom_tool_call', call_id, name, input, ...(id && { id }), ...(status && { status }) };
}

/** Grok closes the markers and headers with stars: `*** Begin Patch ***` (issue opencodex#372). */
function withoutStars(text: string): string {
  return text.replaceAll(/^\*\*\* .+$/gm, (line) => {
    const bare = line.trimEnd();
    return bare.endsWith(' ***') ? bare.slice(0, -4).trimEnd() : line;
  });
}

/** Older models call the tool as a command: `{"command": ["apply_patch", "*** Begin Patch…"]}` (issue codex#35361). */
function listedPatch(text: string): string {
  const words = Object.values(parseArguments(text))
    .flat()
    .filter((word) => typeof word === 'string' && word.includes(MARKER));
  return words.length === 1 ? (words[0] as string) : '';
}

/** Returns the text from the first marker to the last, or undefined if it is not a patch. */
function patchIn(text: string): string | undefined {
  const begin = BEGIN.exec(text);
  if (!begin) return undefined;
  const end = text.lastIndexOf(END);
  if (end < begin.index + begin[0].length) return undefined;
  const patch = text.slice(begin.index, end + END.length).replaceAll('\r\n', '\n');
  return CHANGE.test(patch) ? patch : undefined;
}

/** Returns the only text argument of a tool that is declared as a function, or an empty string. */
function fieldOf({ tools }: CanonicalRequest): string {
  const tool = tools?.find((each): each is FunctionTool => each.type === 'function' && each.name === NAME);
  const [field, ...others] = Object.keys((tool?.parameters?.['properties'] ?? {}) as object);
  return field !== undefined && others.length === 0 ? field : '';
}

/** Rewrites an earlier call with the patch in the field that the client declares. */
function lower(item: Item, field: string): Item {
  if (item.type === 'custom_tool_call' && item.name === NAME) {
    const { input, ...call } = item;
    return { ...call, type: 'function_call', arguments: JSON.stringify({ [field]: input }) };
  }
  return item;
}
