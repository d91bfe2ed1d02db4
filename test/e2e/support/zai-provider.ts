import type { IncomingMessage, ServerResponse } from 'node:http';
import type { ChatRequest, ChatTool } from '../../../core/contract/chat-wire.ts';
import { bodyOf, LocalServer } from '../../support/local-server.ts';
import { refusalOf } from '../../support/zai-rules.ts';

export const ZAI_KEY = 'zai-key-of-the-tests.0123456789abcdef';

/** What the model does in one turn, in this order. */
export interface Turn {
  reasoning?: string;
  text?: string;
  /** A pattern finds the one tool that is offered under such a name. A string is sent as it is, and so is an id. */
  calls?: { name: string | RegExp; arguments: object | string; id?: string; unoffered?: true }[];
  /** Why the turn ends, where it is not what follows from the calls. */
  finish?: string;
  /** What is sent in place of the end of the turn, word for word. */
  tail?: string;
  /** The connection ends before the turn does. */
  cut?: true;
  /** Nothing more comes, and the connection stays. */
  silent?: true;
  /** Waited for before the end of the turn is sent. */
  hold?: Promise<void>;
  /** What it says it read, in tokens. */
  read?: number;
}
/** How the platform refuses: its code is a string, and there is no type. */
export interface Refusal {
  status: number;
  code: string;
  message: string;
}
/** An answer that is none of this platform's: a proxy's page, nothing at all. */
export interface Page {
  status: number;
  type: string;
  body: string;
}
export type Play = Turn | Refusal | Page;
/** Decides by what it is asked, where requests may come in any order. */
type Director = (body: ChatRequest) => Play;

const USAGE = {
  prompt_tokens: 171,
  completion_tokens: 24,
  total_tokens: 195,
  prompt_tokens_details: { cached_tokens: 43 },
  completion_tokens_details: { reasoning_tokens: 7 },
};
const INVALID = '1210';
/** Knows the parameter that makes arguments come piece by piece. */
const STREAMS_TOOLS = /^glm-5\.[2-9]/;

/**
 * Z.ai's coding endpoint from a script, on this machine: answers in its shapes and refuses what it refuses.
 * Follows what is documented and recorded of it; no live one was at hand.
 */
export class ZaiProvider {
  /** The bodies it was asked with, refused ones too. */
  readonly asked: ChatRequest[] = [];
  /** What was wrong with requests: whoever sent them has a fault. */
  readonly refused: string[] = [];
  readonly #server = new LocalServer((request, response) => this.#answer(request, response));
  readonly #reasonings = new Map<string, string>();
  #plays: (Play | Director)[] = [];
  #calls = 0;

  static async start(): Promise<ZaiProvider> {
    const provider = new ZaiProvider();
    await provider.#server.listen();
    return provider;
  }

  /** What makes the gateway ask here. */
  get environment(): Record<string, string> {
    return { ZAI_API_KEY: ZAI_KEY, ZAI_BASE_URL: `${this.#server.origin}/api/coding/paas/v4` };
  }

  /** Forgets what was, and plays this from now on; the last repeats. */
  script(...plays: (Play | Director)[]): void {
    this.#plays = plays;
    this.asked.length = 0;
    this.refused.length = 0;
  }

  stop(): Promise<void> {
    return this.#server.stop();
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const text = await bodyOf(request);
    if (request.headers.authorization !== `Bearer ${ZAI_KEY}`) return refuse(response, { status: 401, code: '1000', message: 'Authentication Failed' });
    if (request.method === 'GET') return tell(response, 200, { object: 'list', data: [{ id: 'glm-5.3', object: 'model' }] });
    const body = JSON.parse(text) as ChatRequest;
    this.asked.push(body);
    const wrong = request.url?.endsWith('/v4/chat/completions') ? refusalOf(body, this.#reasonings) : `${request.url}: no such path`;
    if (wrong) {
      this.refused.push(wrong);
      return refuse(response, { status: 400, code: INVALID, message: wrong });
    }
    const next = (this.#plays.length > 1 ? this.#plays.shift() : this.#plays[0]) ?? { status: 500, code: '500', message: 'the script is empty' };
    const play = typeof next === 'function' ? next(body) : next;
    if ('body' in play) return void response.writeHead(play.status, { 'content-type': play.type }).end(play.body);
    if ('status' in play) return refuse(response, play);
    const turn = { ...play, calls: this.#nameCalls(play, body) };
    if (body.stream) await stream(response, body, turn);
    else tell(response, 200, whole(body, turn));
  }

  #nameCalls({ calls = [], reasoning }: Turn, { tools = [] }: ChatRequest): Call[] {
    const offered = (tools as ChatTool[]).map((tool) => tool.function.name);
    return calls.map(({ name: wanted, arguments: values, id: given, unoffered }) => {
      const name = offered.find((each) => (typeof wanted === 'string' ? each === wanted : wanted.test(each)));
      if (!name && !unoffered) this.refused.push(`the script calls ${wanted}, but offered are ${offered.join(', ')}`);
      const id = given ?? `call_${String(++this.#calls).padStart(20, '0')}`;
      if (reasoning) this.#reasonings.set(id, reasoning);
      return { id, name: name ?? String(wanted), text: typeof values === 'string' ? values : JSON.stringify(values) };
    });
  }
}

interface Call {
  id: string;
  name: string;
  text: string;
}
type NamedTurn = Omit<Turn, 'calls'> & { calls: Call[] };

async function stream(response: ServerResponse, body: ChatRequest, turn: NamedTurn): Promise<void> {
  const head = { id: '20261120090003a1b2c3d4e5f60718', created: 1_763_600_000, object: 'chat.completion.chunk', model: body.model };
  const send = (choice: object, more: object = {}): void =>
    void response.write(`data: ${JSON.stringify({ ...head, choices: [{ index: 0, ...choice }], ...more })}\n\n`);
  response.writeHead(200, { 'content-type': 'text/event-stream;charset=UTF-8' });
  for (const delta of deltasOf(turn, body['tool_stream'] === true && STREAMS_TOOLS.test(body.model))) send({ delta });
  if (turn.hold) await turn.hold;
  if (turn.silent) return;
  if (turn.tail !== undefined) return void response.end(turn.tail);
  if (turn.cut) return void response.write(': cut\n\n', () => response.destroy());
  send({ finish_reason: finishOf(turn), delta: { role: 'assistant', content: '' } }, { usage: usageOf(turn) });
  response.end('data: [DONE]\n\n');
}

/** The role stands on every chunk but that of a whole call. */
function deltasOf({ reasoning = '', text = '', calls }: NamedTurn, piecewise: boolean): object[] {
  const words = (field: string, said: string) => (said.match(/\s*\S+\s*$|\s*\S+/g) ?? []).map((word) => ({ role: 'assistant', [field]: word }));
  return [
    ...words('reasoning_content', reasoning),
    ...words('content', text),
    ...calls.flatMap((call, index) => (piecewise ? pieces : wholeCall)(call, index)),
  ];
}

function wholeCall({ id, name, text }: Call, index: number): object[] {
  return [{ tool_calls: [{ id, index, type: 'function', function: { name, arguments: text } }] }];
}

function pieces({ id, name, text }: Call, index: number): object[] {
  const parts = text.match(/[\s\S]{1,7}/gu) ?? [];
  const first = { role: 'assistant', tool_calls: [{ id, index, type: 'function', function: { name, arguments: '' } }] };
  return [first, ...parts.map((part) => ({ role: 'assistant', tool_calls: [{ index, type: 'function', function: { arguments: part } }] }))];
}

function whole({ model }: ChatRequest, turn: NamedTurn): object {
  const tool_calls = turn.calls.map(({ id, name, text }, index) => ({ id, index, type: 'function', function: { name, arguments: text } }));
  const message = { role: 'assistant', content: turn.text ?? '', reasoning_content: turn.reasoning, ...(tool_calls.length > 0 && { tool_calls }) };
  return {
    id: '20261120090003a1b2c3d4e5f60718',
    created: 1_763_600_000,
    model,
    choices: [{ index: 0, finish_reason: finishOf(turn), message }],
    usage: usageOf(turn),
  };
}

const usageOf = ({ read: prompt_tokens = USAGE.prompt_tokens }: NamedTurn): object => ({
  ...USAGE,
  prompt_tokens,
  total_tokens: prompt_tokens + USAGE.completion_tokens,
});

const finishOf = ({ calls, finish }: NamedTurn): string => finish ?? (calls.length > 0 ? 'tool_calls' : 'stop');

function refuse(response: ServerResponse, { status, code, message }: Refusal): void {
  tell(response, status, { error: { code, message } });
}

function tell(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/json; charset=UTF-8' }).end(JSON.stringify(body));
}
