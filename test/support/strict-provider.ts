import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import { bodyOf, LocalServer } from './local-server.ts';
import type { Director, Refusal, Turn, TurnProvider } from './turn.ts';

export const PROVIDER_KEY = 'provider-key-of-the-tests-0123456789';

/** One dialect of a platform: its refusals and its answers. */
export interface Wire<Body> {
  /** The path behind the base. */
  path: string;
  /** Returns the reason to refuse a request, or nothing. */
  refusalOf(body: Body): string | undefined;
  /** Returns the faults of the script. */
  answer(response: ServerResponse, body: Body, turn: Turn): string[];
}

/**
 * A scripted platform like OpenAI's on this machine: it answers in the documented shapes and refuses what is
 * documented to be refused. No live one was at hand.
 */
export class StrictProvider<Body extends object = object> implements TurnProvider {
  readonly asked: Body[] = [];
  /** The headers of the requests in `asked`. */
  readonly headers: IncomingHttpHeaders[] = [];
  readonly refused: string[] = [];
  readonly #server = new LocalServer((request, response) => this.#answer(request, response));
  readonly #wire: Wire<Body>;
  #turns: (Turn | Refusal | Director)[] = [];

  private constructor(wire: Wire<Body>) {
    this.#wire = wire;
  }

  static async start<Body extends object>(wire: Wire<Body>): Promise<StrictProvider<Body>> {
    const provider = new StrictProvider<Body>(wire);
    await provider.#server.listen();
    return provider;
  }

  get base(): string {
    return `${this.#server.origin}/v1`;
  }

  script(...turns: (Turn | Refusal | Director)[]): void {
    this.#turns = turns;
    this.asked.length = 0;
    this.headers.length = 0;
    this.refused.length = 0;
  }

  stop(): Promise<void> {
    return this.#server.stop();
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const text = await bodyOf(request);
    if (request.headers.authorization !== `Bearer ${PROVIDER_KEY}`)
      return refuse(response, { status: 401, type: 'invalid_request_error', message: 'Incorrect API key provided' });
    if (request.method === 'GET') return tell(response, 200, { object: 'list', data: [{ id: 'm', object: 'model', created: 0, owned_by: 'tests' }] });
    if (request.url !== `/v1${this.#wire.path}`) return this.#refuse(response, `Invalid URL (${request.method} ${request.url})`, 404);
    const body = JSON.parse(text) as Body;
    this.asked.push(body);
    this.headers.push(request.headers);
    const wrong = this.#wire.refusalOf(body);
    if (wrong) return this.#refuse(response, wrong);
    const next = (this.#turns.length > 1 ? this.#turns.shift() : this.#turns[0]) ?? { status: 500, type: 'server_error', message: 'the script is empty' };
    const turn = typeof next === 'function' ? next(body) : next;
    if ('status' in turn) return refuse(response, turn);
    this.refused.push(...this.#wire.answer(response, body, turn));
  }

  #refuse(response: ServerResponse, message: string, status = 400): void {
    this.refused.push(message);
    refuse(response, { status, type: 'invalid_request_error', message });
  }
}

function refuse(response: ServerResponse, { status, type, message, headers = {} }: Refusal): void {
  tell(response, status, { error: { message, type, param: null, code: null } }, headers);
}

export function tell(response: ServerResponse, status: number, body: object, headers: Record<string, string> = {}): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body));
}
