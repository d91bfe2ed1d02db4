import type http from 'node:http';
import { bodyOf, LocalServer } from './local-server.ts';

/** The provider's reaction to one request. */
export type Reply = (response: http.ServerResponse, request: Asked) => void | Promise<void>;
export interface Asked {
  method: string;
  path: string;
  headers: http.IncomingHttpHeaders;
  /** The body as it was sent. */
  raw: string;
  // biome-ignore lint/suspicious/noExplicitAny: tests look into bodies of any shape
  body: any;
}

/** A provider on this machine that answers from a script, one reply per request; the last one repeats. */
export class ScriptedProvider {
  readonly asked: Asked[] = [];
  /** The number of connections that the gateway closed before the answer was complete. */
  aborted = 0;
  readonly #server = new LocalServer((request, response) => this.#answer(request, response));
  #replies: Reply[] = [];

  static async start(...replies: Reply[]): Promise<ScriptedProvider> {
    const provider = new ScriptedProvider();
    provider.script(...replies);
    await provider.#server.listen();
    return provider;
  }

  /** The base to give as an upstream. */
  get base(): string {
    return `${this.#server.origin}/v1`;
  }

  /** Plays these replies from now on. */
  script(...replies: Reply[]): void {
    this.#replies = replies;
  }

  stop(): Promise<void> {
    return this.#server.stop();
  }

  async #answer(request: http.IncomingMessage, response: http.ServerResponse): Promise<void> {
    response.on('close', () => {
      if (!response.writableFinished) this.aborted++;
    });
    const raw = await bodyOf(request);
    const asked = { method: request.method ?? '', path: request.url ?? '', headers: request.headers, raw, body: raw ? JSON.parse(raw) : undefined };
    if (request.method === 'POST') this.asked.push(asked);
    const reply = this.#replies.length > 1 ? this.#replies.shift() : this.#replies[0];
    if (reply) await reply(response, asked);
    else response.writeHead(500).end();
  }
}

/** Sends a stream: chunks as objects, or its text as it is. */
export function sse(...chunks: (object | string)[]): Reply {
  return (response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.end(chunks.map((chunk) => (typeof chunk === 'string' ? chunk : `data: ${JSON.stringify(chunk)}\n\n`)).join(''));
  };
}

export function json(status: number, body: unknown, headers: Record<string, string> = {}): Reply {
  return (response) =>
    void response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(typeof body === 'string' ? body : JSON.stringify(body));
}

/** Sends a whole answer in one stream: text, then the end with its usage. */
export function says(text: string): Reply {
  const usage = { prompt_tokens: 10, completion_tokens: 2, total_tokens: 12 };
  return sse(
    { choices: [{ index: 0, delta: { role: 'assistant', content: text } }] },
    { choices: [{ index: 0, delta: {}, finish_reason: 'stop' }], usage },
    'data: [DONE]\n\n',
  );
}
