import type { Plugin } from '../core/contract/plugin.ts';
import { type CallGrammar, type LeakedCall, leakedCalls } from '../core/kit/marker-scanner.ts';
import { type MarkupCursor, readMarkup } from '../core/kit/markup-cursor.ts';
import { perExchange } from '../core/kit/per-exchange.ts';

const SECTION = ['<|tool_calls_section_begin|>', '<|tool_call_section_begin|>'];
const SECTION_END = ['<|tool_calls_section_end|>', '<|tool_call_section_end|>'];
const CALL = '<|tool_call_begin|>';
const ARGUMENTS = '<|tool_call_argument_begin|>';
const CALL_END = '<|tool_call_end|>';
const TOOLS = '<|open|>tools<|sep|>';
const CALL3 = '<|open|>call ';
const CALL3_END = '<|close|>call<|sep|>';
const ARGUMENT = '<|open|>argument ';
const JSON_BLOCK = '<|open|>json type="object"<|sep|>';
/** The frame around the visible text of Kimi K3, which leaks with the calls. */
const FRAME = ['<|open|>response<|sep|>', '<|close|>response<|sep|>', '<|close|>message<|sep|>', '<|end_of_msg|>'];
/** A value that contains one of these means that the model writes about the markup. */
const NESTED = /<\|(?:open|close|sep|tool_call)/;
const NO_OBJECT = /^\s*[^\s{]|<\|(?:open|close|sep|tool_call)/;
const NO_HEAD = /<\||[\s\S]{300}/;
const ATTRIBUTE = /([\w-]+)="([^"]*)"/g;

/**
 * Turns tool calls that Kimi K2 and Kimi K3 leak into their text as tokens of their templates into function calls, if
 * the markup is complete and the tool is declared. If the model's name contains Kimi, the frame around the text is
 * removed too.
 */
export function kimiCalls(): Plugin {
  const calls: CallGrammar = {
    openers: [...SECTION, CALL, TOOLS],
    closer: /<\|tool_call(?:s?_section)?_end\|>|<\|close\|>tools<\|sep\|>/,
    parse: (text) => readMarkup(text, block),
  };
  const any = leakedCalls('kimi-calls', calls);
  const framed = leakedCalls('kimi-calls', { ...calls, openers: [...calls.openers, ...FRAME] });
  const of = perExchange(({ model }) => (/kimi/i.test(model) ? framed : any));
  return {
    name: 'kimi-calls',
    upstream: 'chat',
    request: (request, exchange) => of(exchange).request?.(request, exchange),
    event: (event, exchange) => of(exchange).event?.(event, exchange),
  };
}

function block(cursor: MarkupCursor): LeakedCall[] {
  const opener = cursor.expect(...FRAME, ...SECTION, CALL, TOOLS);
  if (FRAME.includes(opener)) return [];
  if (opener === CALL) return [callOf2(cursor)];
  const [call, read, ...ends] = opener === TOOLS ? ([CALL3, callOf3, '<|close|>tools<|sep|>'] as const) : ([CALL, callOf2, ...SECTION_END] as const);
  const calls: LeakedCall[] = [];
  while (cursor.expect(call, ...(calls.length > 0 ? ends : [])) === call) calls.push(read(cursor));
  return calls;
}

/** `functions.name:0`, and the arguments as JSON; seen with vLLM (PR 31207). */
function callOf2(cursor: MarkupCursor): LeakedCall {
  const id = cursor.upTo(ARGUMENTS, NO_HEAD).trim();
  const values = objectIn(cursor, cursor.upTo(CALL_END, NO_OBJECT));
  return { name: id.replace(/^functions\./, '').replace(/:\d+$/, ''), arguments: values };
}

/** `tool="name" index="1"`, then the arguments one by one, each with its type, or all as JSON (PR llama.cpp#20). */
function callOf3(cursor: MarkupCursor): LeakedCall {
  const name = attributesIn(cursor).get('tool') || cursor.fail();
  const values = new Map<string, unknown>();
  for (;;) {
    const tag = cursor.expect(ARGUMENT, JSON_BLOCK, CALL3_END);
    if (tag === CALL3_END) return { name, arguments: Object.fromEntries(values) };
    if (tag === JSON_BLOCK) {
      const all = objectIn(cursor, cursor.upTo('<|close|>json<|sep|>', NO_OBJECT));
      for (const [key, value] of Object.entries(all)) values.set(key, value);
      continue;
    }
    const attributes = attributesIn(cursor);
    const key = attributes.get('key') ?? cursor.fail();
    const text = cursor.upTo('<|close|>argument<|sep|>', NESTED);
    if (values.has(key)) cursor.fail();
    values.set(key, (attributes.get('type') ?? 'string') === 'string' ? text : cursor.json(text));
  }
}

function attributesIn(cursor: MarkupCursor): Map<string, string> {
  const head = cursor.upTo('<|sep|>', NO_HEAD);
  return new Map([...head.matchAll(ATTRIBUTE)].map(([, name = '', value = '']) => [name, value.replaceAll('&quot;', '"').replaceAll('&amp;', '&')]));
}

function objectIn(cursor: MarkupCursor, json: string): Record<string, unknown> {
  const value = cursor.json(json);
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : cursor.fail();
}
