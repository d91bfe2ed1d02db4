import type { IncomingMessage, ServerResponse } from 'node:http';
import type { MessagesRequest } from '../../core/kit/messages-wire.ts';
import { bodyOf, LocalServer } from './local-server.ts';
import { refusalOf } from './messages-rules.ts';
import { type Director, pieces, type Refusal, type Turn as TurnOfAny, type TurnProvider } from './turn.ts';

export const MESSAGES_KEY = 'messages-key-of-the-tests-0123456789';

/** One turn of the model, in this order. */
export interface Turn extends TurnOfAny {
  /** Thoughts that the provider does not show. */
  hidden?: string;
  stopReason?: string;
}

type Against = (body: MessagesRequest) => string | undefined;

/** Its token count for any request. */
export const COUNTED = 4_711;
const NO_THREADS = {
  type: 'error',
  error: {
    type: 'invalid_request_error',
    message: 'threads are not supported for this model',
    details: { error_code: 'thread_unsupported_request', unsupported: ['threads'] },
  },
};
const USAGE = { input_tokens: 12, cache_creation_input_tokens: 3, cache_read_input_tokens: 1_024 };

/**
 * A scripted provider of Messages on this machine: it answers in the documented shapes and refuses what is documented
 * to be refused. No live one was at hand.
 */
export class MessagesProvider implements TurnProvider {
  /** The bodies of all requests, including refused ones. */
  readonly asked: MessagesRequest[] = [];
  /** The reasons of all refusals: any of them is a fault of the sender. */
  readonly refused: string[] = [];
  /** The number of requests that only counted tokens. */
  counted = 0;
  readonly #server = new LocalServer((request, response) => this.#answer(request, response));
  readonly #more: Against;
  readonly #signed = new Map<string, string>();
  #turns: (Turn | Refusal | Director)[] = [];
  #calls = 0;

  private constructor(more: Against) {
    this.#more = more;
  }

  /** `more` adds refusals to those of the API. */
  static async start(more: Against = () => undefined): Promise<MessagesProvider> {
    const provider = new MessagesProvider(more);
    await provider.#server.listen();
    return provider;
  }

  /** The base to give as an upstream. */
  get base(): string {
    return `${this.#server.origin}/v1`;
  }

  /** Forgets all requests, and plays these turns from now on; the last one repeats. */
  script(...turns: (Turn | Refusal | Director)[]): void {
    this.#turns = turns;
    this.asked.length = 0;
    this.refused.length = 0;
    this.counted = 0;
  }

  stop(): Promise<void> {
    return this.#server.stop();
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const text = await bodyOf(request);
    const { 'x-api-key': key, authorization, 'anthropic-version': version } = request.headers;
    if (key !== MESSAGES_KEY && authorization !== `Bearer ${MESSAGES_KEY}`)
      return refuse(response, { status: 401, type: 'authentication_error', message: 'invalid x-api-key' });
    if (!version) return refuse(response, { status: 400, type: 'invalid_request_error', message: 'anthropic-version: header is required' });
    if (request.method === 'GET')
      return reply(response, 200, { data: [{ type: 'model', id: 'claude-sonnet-5', display_name: 'Claude Sonnet 5' }], has_more: false });
    const body = JSON.parse(text) as MessagesRequest;
    if (request.url?.startsWith('/v1/messages/count_tokens')) {
      this.counted++;
      return reply(response, 200, { input_tokens: COUNTED });
    }
    this.asked.push(body);
    const beta = request.headers['anthropic-beta'] !== undefined;
    if (beta && 'thread' in body) return reply(response, 400, NO_THREADS);
    const wrong = /^\/v1\/messages(\?|$)/.test(request.url ?? '') ? (this.#more(body) ?? refusalOf(body, this.#signed, beta)) : `${request.url}: Not Found`;
    if (wrong) {
      this.refused.push(wrong);
      return refuse(response, { status: 400, type: 'invalid_request_error', message: wrong });
    }
    const next = (this.#turns.length > 1 ? this.#turns.shift() : this.#turns[0]) ?? { status: 500, type: 'api_error', message: 'the script is empty' };
    const turn: Turn | Refusal = typeof next === 'function' ? next(body) : next;
    if ('status' in turn) return refuse(response, turn);
    const blocks = this.#blocksOf(turn, body);
    const stopReason = turn.stopReason ?? (turn.calls?.length ? 'tool_use' : 'end_turn');
    const message = { id: 'msg_01Y6V41gqPaKWEw7iPaaaaaa', type: 'message', role: 'assistant', model: body.model };
    if (!body.stream)
      return reply(response, 200, { ...message, content: blocks, stop_reason: stopReason, stop_sequence: null, usage: { ...USAGE, output_tokens: 42 } });
    stream(response, message, blocks, turn.cut ? undefined : stopReason);
  }

  #blocksOf({ thinking, hidden, text, calls = [] }: Turn, { tools = [], thinking: asked }: MessagesRequest): Block[] {
    const thoughts: Block[] = [];
    if (hidden !== undefined) thoughts.push({ type: 'redacted_thinking', data: hidden });
    if (thinking !== undefined) {
      const signature = `EvQBCkYICxgCKk${Buffer.from(thinking).toString('base64')}`;
      this.#signed.set(signature, thinking);
      if (asked?.type !== 'enabled' && asked?.type !== 'adaptive') this.refused.push('the script thinks, but was not asked to');
      thoughts.push({ type: 'thinking', thinking, signature });
    }
    const offered = tools.map(({ name }) => name);
    const uses = calls.map(({ name: wanted, input }): Block => {
      const name = offered.find((each) => (typeof wanted === 'string' ? each === wanted : wanted.test(each)));
      if (!name) this.refused.push(`the script calls ${wanted}, but offered are ${offered.join(', ')}`);
      return { type: 'tool_use', id: `toolu_01${String(++this.#calls).padStart(20, 'A')}`, name: name ?? String(wanted), input };
    });
    return [...thoughts, ...(text === undefined ? [] : [{ type: 'text' as const, text }]), ...uses];
  }
}

type Block =
  | { type: 'text'; text: string }
  | { type: 'thinking'; thinking: string; signature: string }
  | { type: 'redacted_thinking'; data: string }
  | { type: 'tool_use'; id: string; name: string; input: object };

/** Without a stop reason, the connection breaks where that would follow. */
function stream(response: ServerResponse, message: object, blocks: readonly Block[], stopReason: string | undefined): void {
  const send = (type: string, fields: object = {}) => void response.write(`event: ${type}\ndata: ${JSON.stringify({ type, ...fields })}\n\n`);
  response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8' });
  send('message_start', { message: { ...message, content: [], stop_reason: null, stop_sequence: null, usage: { ...USAGE, output_tokens: 1 } } });
  for (const [index, block] of blocks.entries()) {
    send('content_block_start', { index, content_block: beginningOf(block) });
    if (index === 0) send('ping');
    for (const delta of deltasOf(block)) send('content_block_delta', { index, delta });
    send('content_block_stop', { index });
  }
  if (stopReason === undefined) return void response.socket?.end();
  send('message_delta', { delta: { stop_reason: stopReason, stop_sequence: null }, usage: { ...USAGE, output_tokens: 42 } });
  send('message_stop');
  response.end();
}

function beginningOf(block: Block): object {
  switch (block.type) {
    case 'text':
      return { type: 'text', text: '' };
    case 'thinking':
      return { type: 'thinking', thinking: '', signature: '' };
    case 'tool_use':
      return { ...block, input: {} };
    default:
      return block;
  }
}

function deltasOf(block: Block): object[] {
  switch (block.type) {
    case 'text':
      return pieces(block.text).map((text) => ({ type: 'text_delta', text }));
    case 'thinking':
      return [...pieces(block.thinking).map((thinking) => ({ type: 'thinking_delta', thinking })), { type: 'signature_delta', signature: block.signature }];
    case 'tool_use':
      return ['', ...pieces(JSON.stringify(block.input))].map((partial_json) => ({ type: 'input_json_delta', partial_json }));
    default:
      return [];
  }
}

function refuse(response: ServerResponse, { status, type, message, headers }: Refusal): void {
  reply(response, status, { type: 'error', error: { type, message }, request_id: 'req_011Caaaaaaaaaaaaaaaaaaaa' }, headers);
}

function reply(response: ServerResponse, status: number, body: object, headers: Record<string, string> = {}): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body));
}
