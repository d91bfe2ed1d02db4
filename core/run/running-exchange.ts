import { createHash } from 'node:crypto';
import type { CanonicalRequest } from '../contract/canonical.ts';
import type { Clock } from '../contract/clock.ts';
import type { Dialect, Lane } from '../contract/dialect.ts';
import { GatewayError } from '../contract/errors.ts';
import type { ClientHeaders, Exchange, Warning } from '../contract/exchange.ts';
import type { PresetFacts } from '../contract/facts.ts';
import type { Log } from '../contract/log.ts';
import type { Store } from '../contract/store.ts';
import { clientPath } from '../dialects/origin.ts';
import type { Path, Provider } from '../gateway/provider.ts';
import { createRedactor } from '../gateway/redactor.ts';
import { didYouMean } from '../kit/did-you-mean.ts';
import { shownKey } from '../kit/shown-key.ts';
import { storeOf } from '../store/client-records.ts';
import { MemoryStore } from '../store/memory-store.ts';
import { ResponseOwners } from '../store/response-owners.ts';

/** Milliseconds of silence towards a client. */
const KEEP_ALIVE = { everyMs: 15_000, frame: ': keepalive\n\n' };
/** Four times the default limit of a body. */
const EXPANDED_LIMIT = 128 << 20;
/** Characters. A shorter value would occur in many texts. */
const SHORTEST_SECRET = 8;
/** Warnings that are kept; the rest is only counted. */
const MOST_WARNINGS = 20;
/** Characters of a warning's field. */
const LONGEST_FIELD = 200;
const REQUEST_ID = /^[A-Za-z0-9._-]{1,128}$/;

interface Start {
  dialect: Dialect;
  headers: ClientHeaders;
  preset: PresetFacts;
  /** The names of all presets of the gateway. */
  presets?: readonly string[];
  lane?: Lane;
  /** The provider's dialect. Default: `chat`. */
  upstream?: Dialect;
  url: URL;
  authorization: Record<string, string>;
  clock: Clock;
  log: Log;
  redact?: (text: string) => string;
  store?: Store;
  strict?: boolean;
  expandedLimit?: number;
}

/** The gateway's own view of an exchange, with write access to fields that plugins may only read. */
export class RunningExchange implements Exchange {
  readonly id: string;
  readonly client: Exchange['client'];
  asked = { model: '', stream: false };
  model = '';
  preset: PresetFacts;
  upstream: { dialect: Dialect; url: URL; headers: Record<string, string> };
  lane: Lane;
  started = false;
  readonly keepAlive = { ...KEEP_ALIVE };
  readonly clock: Clock;
  readonly log: Log;
  readonly strict: boolean;
  readonly expandedLimit: number;
  readonly warnings: Warning[] = [];
  /** The number of warnings beyond those that are kept. */
  moreWarnings = 0;
  readonly kept: unknown[] = [];
  readonly #redact: (text: string) => string;
  readonly #records: Store;
  readonly #gone = new AbortController();
  readonly #presets: readonly string[];
  #routing = false;
  #chosen: string | undefined;
  /** A weak reference: nothing may hold a request while its answer streams. */
  #request: WeakRef<CanonicalRequest> | undefined;
  #keys = 0;

  constructor({
    dialect,
    headers,
    preset,
    presets = [preset.name],
    lane = 'translated',
    upstream = 'chat',
    url,
    authorization,
    clock,
    log,
    redact = (text) => text,
    store,
    strict = false,
    expandedLimit = EXPANDED_LIMIT,
  }: Start) {
    const given = headers['x-request-id'];
    this.id = typeof given === 'string' && REQUEST_ID.test(given) ? given : clock.id('req');
    this.client = { dialect, headers };
    this.preset = preset;
    this.#presets = presets;
    this.lane = lane;
    this.strict = strict;
    this.expandedLimit = expandedLimit;
    this.#records = store ?? new MemoryStore(clock);
    this.upstream = { dialect: upstream, url, headers: { ...authorization } };
    this.clock = clock;
    const shown = shownKey(headers);
    // made when it is needed: most exchanges have no such text
    this.#redact = shown && shown.length >= SHORTEST_SECRET ? (text) => createRedactor([shown])(redact(text)) : redact;
    this.log = log.child({ exchange: this.id });
  }

  get signal(): AbortSignal {
    return this.#gone.signal;
  }

  /** Stops the upstream: the answer is already complete. */
  stopUpstream(): void {
    queueMicrotask(() => this.#gone.abort()); // not within the provider's own callback
  }

  get store(): Exchange['store'] {
    return storeOf(this.#records, ownerOf(this.client.headers));
  }

  /** Remembers that a response which the provider keeps belongs to this client. */
  ownResponse(id: string): void {
    const owners = new ResponseOwners(this.#records);
    owners.remember(id, ownerOf(this.client.headers)).catch((err) => this.log.warn({ err }, "the response's owner was not stored"));
  }

  /** Resolves with whether a response which the provider keeps belongs to another client. */
  async isForeign(id: string): Promise<boolean> {
    const owner = await new ResponseOwners(this.#records).ownerOf(id);
    return owner !== undefined && owner !== ownerOf(this.client.headers);
  }

  /** Turns the exchange to its provider. In the native lane each route of the door has its counterpart there. */
  turnTo({ facts }: Provider, { dialect, lane, base, url, authorization }: Path, doorPath: string): void {
    this.preset = facts;
    this.lane = lane;
    this.upstream = { dialect, url: lane === 'native' ? new URL(base + doorPath) : url, headers: { ...authorization } };
  }

  /** Runs the `route` handlers, and resolves with the preset that they chose. */
  async routing(route: { promise(exchange: RunningExchange): Promise<unknown> }): Promise<string | undefined> {
    this.#routing = true;
    await route.promise(this);
    this.#routing = false;
    return this.#chosen;
  }

  choosePreset(name: string): void {
    if (!this.#routing) throw new Error('choosePreset: call it in a "route" handler; this request is already on its way');
    if (!this.#presets.includes(name))
      throw new GatewayError(
        'config_invalid',
        `choosePreset: there is no preset "${name}"${didYouMean(name, this.#presets)}; there are ${this.#presets.join(', ')}`,
      );
    this.#chosen = name;
  }

  /** Aborts the exchange: the client went away. */
  leave(): void {
    this.#gone.abort();
  }

  /** Records the client's request, before any plugin runs. */
  ask(body: Record<string, unknown>): void {
    const { model, stream } = body;
    this.asked = { model: typeof model === 'string' ? model : '', stream: stream === true };
    this.model = this.asked.model;
  }

  /** Records the canonical request: from now on paths refer to it, and the client needs them in its own words. */
  decoded(request: CanonicalRequest): void {
    this.#request = new WeakRef(request);
  }

  /** Translates the paths of a plugin's refusal into the client's body. Call it while the request is still held. */
  inClientWords(thrown: unknown): unknown {
    if (!(thrown instanceof GatewayError)) return thrown;
    const { param } = thrown.details;
    const [lead = '', path = ''] = /^([^\s:]+):\s/.exec(thrown.message) ?? [];
    const message = lead && `${this.#clientPath(path)}: ${thrown.message.slice(lead.length)}`;
    return thrown.with({ ...(message && { message }), param: param === undefined ? undefined : this.#clientPath(param) });
  }

  #clientPath(path: string): string {
    const request = this.#request?.deref();
    return request ? clientPath(request, path) : path;
  }

  newKey(): number {
    return this.#keys++;
  }

  /** Redacts the gateway's keys, and the key of this client. */
  readonly redact = (text: string): string => this.#redact(text);

  /** Bounded in number and length, and in work: a client can make each element of its request worth a warning. */
  warn({ param, reason }: Warning): void {
    if (this.warnings.length === MOST_WARNINGS) this.moreWarnings++;
    else this.warnings.push({ param: this.#brief(this.#clientPath(param)), reason: this.#brief(reason) });
  }

  /** Redacts before it cuts: a key that is cut would not be recognised. */
  #brief(text: string): string {
    const words = this.#redact(text.slice(0, 4 * LONGEST_FIELD));
    return words.length > LONGEST_FIELD ? `${words.slice(0, LONGEST_FIELD)}…` : words;
  }
}

/** Identifies the owner of records: a digest of the client's key, even if the gateway does not require one. */
export function ownerOf(headers: ClientHeaders): string {
  return createHash('sha256')
    .update(shownKey(headers) ?? '')
    .digest('hex')
    .slice(0, 16);
}
