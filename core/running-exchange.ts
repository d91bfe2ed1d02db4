import type { IncomingHttpHeaders } from 'node:http';
import type { Clock } from './clock.ts';
import type { Dialect, Exchange, Lane, Warning } from './exchange.ts';
import type { Log } from './log.ts';
import type { Preset } from './preset.ts';

/** Milliseconds of silence towards a client. */
const KEEP_ALIVE = { everyMs: 15_000, frame: ': keepalive\n\n' };
const REQUEST_ID = /^[A-Za-z0-9._-]{1,128}$/;

interface Start {
  dialect: Dialect;
  headers: IncomingHttpHeaders;
  preset: Preset;
  url: URL;
  authorization: Record<string, string>;
  clock: Clock;
  log: Log;
  redact?: (text: string) => string;
}

/** The gateway's own view of an exchange: what plugins may only read is written here. */
export class RunningExchange implements Exchange {
  readonly id: string;
  readonly client: Exchange['client'];
  asked = { model: '', stream: false };
  model = '';
  readonly preset: Preset;
  readonly upstream: Exchange['upstream'];
  readonly lane: Lane = 'translated';
  started = false;
  readonly keepAlive = { ...KEEP_ALIVE };
  readonly clock: Clock;
  readonly log: Log;
  readonly warnings: Warning[] = [];
  readonly #redact: (text: string) => string;
  readonly #gone = new AbortController();
  #keys = 0;

  constructor({ dialect, headers, preset, url, authorization, clock, log, redact = (text) => text }: Start) {
    const told = headers['x-request-id'];
    this.id = typeof told === 'string' && REQUEST_ID.test(told) ? told : clock.id('req');
    this.client = { dialect, headers };
    this.preset = preset;
    this.upstream = { url, headers: { ...authorization } };
    this.clock = clock;
    this.#redact = redact;
    this.log = log.child({ exchange: this.id });
  }

  get signal(): AbortSignal {
    return this.#gone.signal;
  }

  /** The client went away. */
  leave(): void {
    this.#gone.abort();
  }

  /** What the client asks for, before any plugin runs. */
  ask(body: Record<string, unknown>): void {
    const { model, stream } = body;
    this.asked = { model: typeof model === 'string' ? model : '', stream: stream === true };
    this.model = this.asked.model;
  }

  newKey(): number {
    return this.#keys++;
  }

  warn({ param, reason }: Warning): void {
    this.warnings.push({ param: this.#redact(param), reason: this.#redact(reason) });
  }
}
