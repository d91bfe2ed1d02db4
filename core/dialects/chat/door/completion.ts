import { type CustomToolCall, type FunctionCall, type Item, type Logprob, type Reasoning, textOf, type Usage } from '../../../contract/canonical.ts';
import { flatName } from '../../../kit/tool-references.ts';
import { encodeLogprobs } from '../../logprobs.ts';

/** Facts about a request that decide the form of its answer. */
export interface AnswerForm {
  usage: boolean;
  /** Calls go back as `function_call`. */
  legacy: boolean;
  /** Encrypted reasoning goes back as `reasoning_details`. */
  details: boolean;
  /** Names of the tools that were declared as custom ones. */
  custom: ReadonlySet<string>;
}

/** The message of a whole answer, folded from its items. */
export function foldMessage(items: readonly Item[], annotations: readonly object[], form: AnswerForm): object {
  const calls = items.filter(isCall);
  const content = join(items.map((item) => contentOf(item)));
  const refusal = join(items.map((item) => refusalOf(item))) || null;
  const reasoning = join(items.map((item) => (item.type === 'reasoning' ? reasoningOf(item) : '')));
  const details = form.details ? items.flatMap((item) => (item.type === 'reasoning' ? sealedOf(item) : [])) : [];
  return {
    role: 'assistant',
    content: content || (calls.length > 0 || refusal ? null : ''),
    refusal,
    ...(reasoning && { reasoning_content: reasoning }),
    ...(details.length > 0 && { reasoning_details: details }),
    ...(annotations.length > 0 && { annotations }),
    ...(calls.length > 0 && encodeCalls(calls, form)),
  };
}

/** Log probabilities of a whole answer; null without any. */
export function foldLogprobs(items: readonly Item[]): object | null {
  return encodeChoiceLogprobs(
    items.flatMap((item) => logprobsOf(item, 'output_text')),
    items.flatMap((item) => logprobsOf(item, 'refusal')),
  );
}

/** Log probabilities as a choice has them; null without any. */
export function encodeChoiceLogprobs(content: readonly Logprob[], refusal: readonly Logprob[]): object | null {
  if (content.length + refusal.length === 0) return null;
  const encoded = (list: readonly Logprob[]) => (list.length > 0 ? encodeLogprobs(list) : null);
  return { content: encoded(content), refusal: encoded(refusal) };
}

export function logprobsOf(item: Item, type: 'output_text' | 'refusal'): Logprob[] {
  if (item.type !== 'message' || typeof item.content === 'string') return [];
  return item.content.flatMap((part) => (part.type === type && 'logprobs' in part ? (part.logprobs ?? []) : []));
}

function encodeCalls(calls: readonly (FunctionCall | CustomToolCall)[], form: AnswerForm): object {
  const encoded = calls.map((call) => encodeCall(call, form));
  const [first] = encoded;
  return form.legacy && first?.type === 'function' ? { function_call: first.function } : { tool_calls: encoded };
}

/** Encodes a call for Chat. A call to a custom tool that was not declared as one becomes a function of one string. */
export function encodeCall(call: FunctionCall | CustomToolCall, { custom }: AnswerForm) {
  const { call_id: id } = call;
  const name = flatName(call.name, call.namespace);
  if (call.type === 'custom_tool_call' && custom.has(name)) return { id, type: 'custom' as const, custom: { name, input: call.input } };
  const written = call.type === 'function_call' ? call.arguments : JSON.stringify({ input: call.input });
  return { id, type: 'function' as const, function: { name, arguments: written } };
}

/** A citation, nested for Chat, which knows no other annotations. */
export function encodeNote({ type, ...cited }: Record<string, unknown>): object | undefined {
  return type === 'url_citation' ? { type, url_citation: cited } : undefined;
}

export function encodeUsage({ input_tokens, cached_tokens, cache_write_tokens, output_tokens, reasoning_tokens }: Usage): object {
  return {
    prompt_tokens: input_tokens,
    completion_tokens: output_tokens,
    total_tokens: input_tokens + output_tokens,
    prompt_tokens_details: { cached_tokens, ...(cache_write_tokens && { cache_write_tokens }) },
    completion_tokens_details: { reasoning_tokens },
  };
}

export function isCall(item: Item): item is FunctionCall | CustomToolCall {
  return item.type === 'function_call' || item.type === 'custom_tool_call';
}

/** The text of a message, without a separator between its parts. */
export function contentOf(item: Item): string {
  if (item.type !== 'message') return '';
  return typeof item.content === 'string' ? item.content : item.content.map((part) => ('text' in part ? part.text : '')).join('');
}

export function refusalOf(item: Item): string {
  if (item.type !== 'message' || typeof item.content === 'string') return '';
  return item.content.map((part) => (part.type === 'refusal' ? part.refusal : '')).join('');
}

/** The summary, or the reasoning itself where there is none. */
export function reasoningOf({ summary, content }: Reasoning): string {
  const parts = summary.length > 0 ? summary : (content ?? []);
  return join(parts.map((part) => textOf([part])));
}

export function sealedOf({ encrypted_content: data }: Reasoning): object[] {
  return data ? [{ type: 'reasoning.encrypted', data }] : [];
}

function join(texts: readonly string[]): string {
  return texts.filter(Boolean).join('\n\n');
}
