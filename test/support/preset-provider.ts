import type { IncomingMessage, ServerResponse } from 'node:http';
import { bodyOf, LocalServer } from './local-server.ts';
import { VOICES, type Voice } from './preset-voices.ts';
import { type Body, type Refusal, STRICTEST } from './strict-providers.ts';

export const PRESET_KEY = 'preset-key-of-the-tests-0123456789abcdef';

/** One turn of the model, in this order. */
export interface Turn {
  reasoning?: string;
  text?: string;
  /** A pattern finds the only offered tool whose name matches. */
  calls?: { name: string | RegExp; arguments: object }[];
}
export interface Call {
  id: string;
  name: string;
  text: string;
}
export type NamedTurn = Omit<Turn, 'calls'> & { calls: Call[] };

/**
 * A scripted provider on this machine that answers in the real one's shapes and refuses what that is known to refuse.
 * No live one was at hand.
 */
export class PresetProvider {
  /** The bodies of all requests, including refused ones, each with its `path` and `headers`. */
  readonly asked: { body: Body; path: string; headers: IncomingMessage['headers'] }[] = [];
  /** The reasons of all refusals: any of them is a fault of the sender. */
  readonly refused: string[] = [];
  readonly #name: string;
  readonly #voice: Voice;
  readonly #server = new LocalServer((request, response) => this.#answer(request, response));
  readonly #thoughts = new Map<string, string>();
  #turns: Turn[] = [];
  #calls = 0;

  private constructor(name: string, voice: Voice) {
    this.#name = name;
    this.#voice = voice;
  }

  /** `name` is the name of a preset. */
  static async start(name: string): Promise<PresetProvider> {
    const voice = VOICES[name];
    if (!voice) throw new Error(`${name}: no such provider`);
    const provider = new PresetProvider(name, voice);
    await provider.#server.listen();
    return provider;
  }

  /** The base to give as an upstream. */
  get base(): string {
    return `${this.#server.origin}/v1`;
  }

  /** Forgets all requests, and plays these turns from now on; the last one repeats. */
  script(...turns: Turn[]): void {
    this.#turns = turns;
    this.asked.length = 0;
    this.refused.length = 0;
  }

  stop(): Promise<void> {
    return this.#server.stop();
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const text = await bodyOf(request);
    const { headers, url: path = '', method } = request;
    const wantsMessages = path.includes('/messages');
    const key = wantsMessages && this.#voice.messagesAuth === 'x-api-key' ? headers['x-api-key'] : headers.authorization?.replace(/^Bearer /, '');
    if (key !== PRESET_KEY) return send(response, 401, { error: { message: 'Invalid Authentication', type: 'invalid_authentication_error' } });
    if (method === 'GET' || path.includes('count_tokens')) return send(response, 404, { error: { message: 'not found' } });
    const body: Body = JSON.parse(text);
    this.asked.push({ body, path, headers });
    const refusal = wantsMessages ? this.#voice.messages?.refuse(body, this.#thoughts) : this.#refusalOf(body);
    if (refusal) {
      this.refused.push(JSON.stringify(refusal.body));
      return send(response, refusal.status, refusal.body);
    }
    const turn = this.#named((this.#turns.length > 1 ? this.#turns.shift() : this.#turns[0]) ?? { text: '' }, body);
    const voice = wantsMessages ? this.#voice.messages : this.#voice;
    if (!voice) return send(response, 404, { error: { message: `${path}: no such path` } });
    if (!body.stream) return send(response, 200, voice.whole(turn, body));
    response.writeHead(200, { 'content-type': 'text/event-stream' }).end(voice.stream(turn, body));
  }

  #refusalOf(body: Body): Refusal | undefined {
    for (const rule of STRICTEST[this.#name] ?? []) {
      const refusal = rule(body, this.#thoughts);
      if (refusal) return refusal;
    }
    return undefined;
  }

  #named({ calls = [], ...turn }: Turn, { tools = [] }: Body): NamedTurn {
    const offered: string[] = tools.map((tool: Body) => tool.function?.name ?? tool.name);
    const named = calls.map(({ name: wanted, arguments: values }) => {
      const name = offered.find((each) => (typeof wanted === 'string' ? each === wanted : wanted.test(each)));
      if (!name) this.refused.push(`the script calls ${wanted}, but offered are ${offered.join(', ')}`);
      const id = this.#voice.callId(name ?? 'none', this.#calls++);
      if (turn.reasoning) this.#thoughts.set(id, turn.reasoning);
      return { id, name: name ?? 'none', text: JSON.stringify(values) };
    });
    return { ...turn, calls: named };
  }
}

function send(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}
