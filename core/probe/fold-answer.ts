/** A call, put together from its pieces. */
export interface MadeCall {
  id: string;
  name: string;
  arguments: string;
}

export interface CountedTokens {
  prompt: number;
  completion: number;
}

/** One answer of a Chat provider, put together from its chunks, with the traits of its accent. */
export interface FoldedAnswer {
  streamed: boolean;
  /** `[DONE]` came. */
  marked: boolean;
  text: string;
  /** The fields that its reasoning came in; empty without reasoning. */
  reasoningIn: string[];
  reasoning: string;
  calls: MadeCall[];
  /** The most pieces that the arguments of a call came in. */
  pieces: number;
  finish: string | undefined;
  usage: CountedTokens | undefined;
  /** The chunk that usage came in: the one with the finish reason, one after it, or several. */
  usageAt: 'finish' | 'behind' | 'elsewhere' | undefined;
}

type Loose = Record<string, unknown>;
const REASONING = ['reasoning_content', 'reasoning', 'reasoning_text', 'thinking', 'reasoning_details'];

/** Puts chunks together; a whole answer is one chunk. Takes whatever a provider sends. */
export function foldAnswer(chunks: readonly unknown[], streamed: boolean, marked: boolean): FoldedAnswer {
  const answer: FoldedAnswer = {
    ...{ streamed, marked, text: '', reasoningIn: [], reasoning: '', calls: [], pieces: 0 },
    ...{ finish: undefined, usage: undefined, usageAt: undefined },
  };
  const calls = new Map<string, MadeCall & { pieces: number }>();
  for (const chunk of chunks) {
    const choice = record(list(record(chunk)['choices'])[0]);
    const delta = record(choice['delta'] ?? choice['message']);
    answer.text += textOf(delta['content']);
    readReasoning(delta, answer);
    readCalls(list(delta['tool_calls']), calls);
    readUsage(record(chunk), choice, answer);
    if (typeof choice['finish_reason'] === 'string' && choice['finish_reason'] !== '') answer.finish = choice['finish_reason'];
  }
  answer.calls = [...calls.values()].map(({ pieces: _, ...call }) => call);
  answer.pieces = Math.max(0, ...[...calls.values()].map(({ pieces }) => pieces));
  return answer;
}

function readReasoning(delta: Loose, answer: FoldedAnswer): void {
  for (const field of REASONING) {
    const value = delta[field];
    const text = textOf(value);
    if (text === '' && list(value).length === 0) continue;
    if (!answer.reasoningIn.includes(field)) answer.reasoningIn.push(field);
    if (field === answer.reasoningIn[0]) answer.reasoning += text;
  }
}

function readCalls(deltas: readonly unknown[], calls: Map<string, MadeCall & { pieces: number }>): void {
  for (const [at, raw] of deltas.entries()) {
    const delta = record(raw);
    const { name, arguments: piece } = record(delta['function']);
    const place = String(delta['index'] ?? (delta['id'] || at));
    const call = calls.get(place) ?? { id: '', name: '', arguments: '', pieces: 0 };
    calls.set(place, call);
    if (typeof delta['id'] === 'string' && delta['id'] !== '') call.id = delta['id'];
    if (typeof name === 'string' && name !== '') call.name = name;
    if (piece === undefined || piece === null || piece === '') continue;
    call.arguments += typeof piece === 'string' ? piece : JSON.stringify(piece);
    call.pieces++;
  }
}

function readUsage(chunk: Loose, choice: Loose, answer: FoldedAnswer): void {
  const usage = record(chunk['usage'] ?? choice['usage']);
  const { prompt_tokens: prompt, completion_tokens: completion } = usage;
  if (typeof prompt !== 'number') return;
  const first = answer.usageAt === undefined;
  answer.usage = { prompt, completion: typeof completion === 'number' ? completion : 0 };
  answer.usageAt = choice['finish_reason'] ? (first ? 'finish' : 'elsewhere') : answer.finish === undefined ? 'elsewhere' : 'behind';
}

function textOf(content: unknown): string {
  if (typeof content === 'string') return content;
  return list(content)
    .map((part) => record(part)['text'])
    .filter((text) => typeof text === 'string')
    .join('');
}

function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function record(value: unknown): Loose {
  return typeof value === 'object' && value !== null ? (value as Loose) : {};
}
