import type { Preset } from '../../core/contract/preset.ts';
import { CountingClock } from '../../core/fixtures/counting-clock.ts';
import { openaiCompatible } from '../../presets/openai-compatible.ts';
import { type Reply, ScriptedProvider } from './scripted-provider.ts';
import { eventsOf, startGateway, type TestGateway } from './test-gateway.ts';

interface Options extends Omit<Parameters<typeof startGateway>[0], 'preset' | 'clock'> {
  preset?: Partial<Preset>;
}

export interface Answered {
  status: number;
  headers: Headers;
  // biome-ignore lint/suspicious/noExplicitAny: tests look into events of any shape
  events: any[];
  /** The final response of a stream, or the body. */
  // biome-ignore lint/suspicious/noExplicitAny: tests look into bodies of any shape
  final: any;
  /** The exchange's log line. */
  // biome-ignore lint/suspicious/noExplicitAny: tests look into lines of any shape
  line: any;
}

/** A scripted provider and a gateway in front of it, on one clock. */
export interface Pair {
  provider: ScriptedProvider;
  gateway: TestGateway;
  clock: CountingClock;
  /** Scripts the provider, asks, and reads the answer to its end. */
  ask(replies: Reply[], body?: object, headers?: Record<string, string>): Promise<Answered>;
  stop(): Promise<void>;
}

export async function startPair({ preset = {}, ...options }: Options = {}): Promise<Pair> {
  const provider = await ScriptedProvider.start();
  const clock = new CountingClock();
  const gateway = await startGateway({ ...options, clock, preset: openaiCompatible({ endpoints: { chat: provider.base }, ...preset }) });
  return {
    provider,
    gateway,
    clock,
    async ask(replies, body = {}, headers = {}) {
      provider.script(...replies);
      return answered(await gateway.post({ model: 'm', input: 'hi', stream: true, ...body }, headers), gateway);
    },
    async stop() {
      await gateway.stop();
      await provider.stop();
    },
  };
}

/** Reads an answer to its end. */
export async function answered(response: Response, gateway: TestGateway): Promise<Answered> {
  const text = await response.text();
  const streamed = response.headers.get('content-type')?.startsWith('text/event-stream') ?? false;
  const events = streamed ? eventsOf(text) : [];
  const final = streamed ? events.at(-1)?.response : JSON.parse(text);
  const line = gateway.lines.findLast(({ msg }) => msg === 'exchange');
  return { status: response.status, headers: response.headers, events, final, line };
}

const PATIENCE = 5_000;

/**
 * Lets I/O continue until the condition holds. Gives up after five seconds, so that a failing test does not run for
 * ever.
 */
export async function until(condition: () => boolean): Promise<void> {
  const last = performance.now() + PATIENCE;
  while (!condition()) {
    if (performance.now() > last) throw new Error(`it never came true: ${condition}`);
    await new Promise<void>((resolve) => void setImmediate(resolve));
  }
}

/** Reads a stream as it comes. */
export class Following {
  text = '';
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>;
  readonly #decoder = new TextDecoder();

  constructor(response: Response) {
    if (!response.body) throw new Error('there is no body');
    this.#reader = response.body.getReader();
  }

  /** Waits until the gateway has written this; the stream must not end before. */
  async until(words: string): Promise<void> {
    while (!this.text.includes(words)) if (!(await this.#read())) throw new Error(`the stream ended without ${words}: ${this.text}`);
  }

  /** Returns all events, once the stream has ended. */
  // biome-ignore lint/suspicious/noExplicitAny: tests look into events of any shape
  async end(): Promise<any[]> {
    while (await this.#read());
    return eventsOf(this.text);
  }

  async #read(): Promise<boolean> {
    const { value, done } = await this.#reader.read();
    if (value) this.text += this.#decoder.decode(value, { stream: true });
    return !done;
  }
}
