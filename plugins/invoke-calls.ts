import type { Plugin } from '../core/contract/plugin.ts';
import { argumentOf, type CallGrammar, type DeclaredTools, type LeakedCall, leakedCalls } from '../core/kit/marker-scanner.ts';
import { type MarkupCursor, readMarkup } from '../core/kit/markup-cursor.ts';

/** MiniMax M2 writes the first (its model card), and Kimi at times the second (issue openclaw#62998). */
const BLOCKS = ['minimax:tool_call', 'function_calls'];
const INVOKE = '<invoke name="';
const PARAMETER = '<parameter name="';
/** A value that contains one of these means that the model writes about the markup. */
const NESTED = /<\/?invoke|<parameter name=|<\/?minimax:tool_call|<\/?function_calls/;
const NO_NAME = /[<>\s]|.{300}/;

/**
 * Turns tool calls that MiniMax and other models leak into their text as `<invoke name="…">` markup into function
 * calls, if the markup is complete and the tool is declared.
 */
export function invokeCalls(): Plugin {
  const grammar: CallGrammar = {
    openers: BLOCKS.map((block) => `<${block}>`),
    closer: /<\/(?:minimax:tool_call|function_calls)>/,
    parse: (text, tools) => readMarkup(text, (cursor) => block(cursor, tools)),
  };
  return { name: 'invoke-calls', upstream: 'chat', ...leakedCalls('invoke-calls', grammar) };
}

function block(cursor: MarkupCursor, tools: DeclaredTools): LeakedCall[] {
  const closer = `</${cursor.expect(...BLOCKS.map((name) => `<${name}>`)).slice(1)}`;
  const calls: LeakedCall[] = [];
  while (cursor.expect(INVOKE, ...(calls.length > 0 ? [closer] : [])) === INVOKE) calls.push(call(cursor, tools));
  return calls;
}

function call(cursor: MarkupCursor, tools: DeclaredTools): LeakedCall {
  const name = cursor.upTo('">', NO_NAME);
  const values = new Map<string, unknown>();
  while (cursor.expect(PARAMETER, '</invoke>') === PARAMETER) {
    const property = cursor.upTo('">', NO_NAME);
    const value = cursor.upTo('</parameter>', NESTED);
    if (values.has(property)) cursor.fail();
    values.set(property, argumentOf(onOwnLines(value), tools.get(name), property));
  }
  return { name, arguments: Object.fromEntries(values) };
}

/** A value may stand on lines of its own. */
function onOwnLines(value: string): string {
  return /^\r?\n/.test(value) ? value.replace(/^\r?\n/, '').replace(/\r?\n$/, '') : value;
}
