import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import { isDeepStrictEqual } from 'node:util';
import { expect } from 'chai';
import { findPlugin, findPreset } from '../core/catalogue.ts';
import type { Dialect } from '../core/exchange.ts';
import { handlersOf } from '../core/pipeline.ts';
import type { Plugin } from '../core/plugin.ts';
import type { Preset } from '../core/preset.ts';
import { type PluginOption, resolvePlugins } from '../core/resolve-plugins.ts';
import { reasoningContent } from '../plugins/reasoning-content.ts';
import { chatBasics } from '../presets/chat-basics.ts';
import { CountingClock } from './support/counting-clock.ts';
import { RecordingStore } from './support/recording-store.ts';
import { json, type Reply, ScriptedProvider, sse } from './support/scripted-provider.ts';
import { eventsOf, listen, startGateway } from './support/test-gateway.ts';
import { watchPlugin } from './support/watch-plugin.ts';

/** With `UPDATE_FIXTURES=1` the outcomes are written in place of compared: review them as data. */
const UPDATE = process.env['UPDATE_FIXTURES'] === '1';
const EXCHANGES = new URL('../fixtures/exchanges/', import.meta.url);
const KEY = 'test-key-of-the-fixtures';
/** Of the answer's headers, what an exchange is about. */
const TOLD = ['retry-after', 'x-tapline-warnings', 'x-tapline-usage'];
/** All that may go to a provider: none of the client's. */
const SENT = ['anthropic-version', 'authorization', 'connection', 'content-length', 'content-type', 'host', 'x-api-key'];

interface ClientRequest {
  it: string;
  /** Of the front door; Responses' by default. */
  path?: string;
  headers?: Record<string, string>;
  body: unknown;
}
/** What a user's config says, and which of the preset's endpoints there is: Chat's by default. */
interface ExchangeConfig {
  plugins?: [string, unknown][];
  upstream?: Dialect;
  lane?: 'translated';
}
interface Refusal {
  status: number;
  headers: Record<string, string>;
  body: unknown;
}
interface Outcome {
  /** What the provider got; undefined when it was not asked. */
  upstream: unknown;
  status: number;
  headers: Record<string, string>;
  /** Exactly one of the two. */
  stream?: string;
  body?: unknown;
}
type Path = readonly (string | number)[];
type Changes = Record<string, string[]>;

/** A folder with a client's request, what the provider got and did, and what the client got. */
class RecordedExchange {
  readonly #preset: string;
  readonly #folder: URL;
  readonly #request: ClientRequest;
  #whole: Promise<{ outcome: Outcome; active: Set<string> }> | undefined;

  constructor(preset: string, folder: URL) {
    this.#preset = preset;
    this.#folder = folder;
    this.#request = this.#read('client-request.json') as ClientRequest;
  }

  get it(): string {
    return this.#request.it;
  }

  get recorded(): Outcome {
    const { status, headers = {}, body } = (this.#read('client.json') ?? { status: 200 }) as Partial<Refusal> & { status: number };
    const upstream = this.#read('upstream-request.json');
    if (body !== undefined) return { upstream, status, headers, body };
    return { upstream, status, headers: (this.#read('client-headers.json') ?? {}) as Record<string, string>, stream: this.#text('client.sse') ?? '' };
  }

  get changes(): Changes {
    return (this.#read('changes.json') ?? {}) as Changes;
  }

  /** With all plugins, and which of them did anything; played once. */
  whole(): Promise<{ outcome: Outcome; active: Set<string> }> {
    const active = new Set<string>();
    this.#whole ??= this.play([], (name) => active.add(name)).then((outcome) => ({ outcome, active }));
    return this.#whole;
  }

  /** Over real HTTP, with a gateway of its own, so that ids and times begin anew. */
  async play(disable: readonly string[] = [], acted?: (plugin: string) => void): Promise<Outcome> {
    provider.asked.length = 0;
    provider.script(this.#reply());
    const clock = new CountingClock();
    const store = new RecordingStore(this.#read('stored.json') as Record<string, unknown> | undefined);
    const around = () => `${clock.made} ids, ${store.writes} writes`;
    const watched = (listed: PluginOption) =>
      acted ? resolvePlugins({ preset: this.#preset, listed }).map((plugin) => watchPlugin(plugin, { around, acted })) : listed;
    const preset = await this.#createPreset(provider.base);
    const gateway = await startGateway({
      preset: { ...preset, plugins: watched(preset.plugins) },
      plugins: watched(await this.#plugins()),
      disable,
      clock,
      store,
      front,
      lane: this.#config.lane,
    });
    try {
      const response = await gateway.post(this.#request.body, this.#request.headers, this.#request.path);
      const text = Buffer.from(await response.arrayBuffer()).toString();
      expect(text).not.to.include(KEY);
      const headers = Object.fromEntries([...response.headers].filter(([name]) => TOLD.includes(name)));
      const answer = response.headers.get('content-type')?.startsWith('text/event-stream') ? { stream: text } : { body: JSON.parse(text) };
      return { upstream: askedOnce(provider), status: response.status, headers, ...answer };
    } finally {
      await gateway.stop();
    }
  }

  /** Plugins that did nothing are taken out together: none of them can be missed. Each of the others is taken out alone. */
  async changesWithout(plugins: readonly string[]): Promise<Changes> {
    const changes: Changes = {};
    const { outcome: whole, active } = await this.whole();
    expect(inLines(await this.play(plugins.filter((name) => !active.has(name))))).to.deep.equal(inLines(whole));
    for (const name of plugins.filter((each) => active.has(each))) {
      const paths = changedPaths(whole, await this.play([name]));
      if (paths.length > 0) changes[name] = paths;
    }
    return changes;
  }

  record({ upstream, status, headers, stream, body }: Outcome): void {
    const told = Object.keys(headers).length > 0;
    this.write('upstream-request.json', upstream);
    this.write('client.sse', stream);
    this.write('client-headers.json', stream !== undefined && told ? headers : undefined);
    this.write('client.json', stream === undefined ? { status, ...(told && { headers }), body } : undefined);
  }

  write(file: string, content: unknown): void {
    const url = new URL(file, this.#folder);
    if (content === undefined) rmSync(url, { force: true });
    else writeFileSync(url, typeof content === 'string' ? content : `${JSON.stringify(content, null, 2)}\n`);
  }

  #reply(): Reply {
    const stream = this.#text('upstream.sse');
    if (stream !== undefined) return sse(stream);
    const { status, headers, body } = this.#read('upstream.json') as Refusal;
    return json(status, body, headers);
  }

  /** Retries would wait for a clock that stands still. */
  async #createPreset(base: string): Promise<Preset> {
    return (await findPreset(this.#preset))({ endpoints: { [this.#config.upstream ?? 'chat']: base }, apiKey: KEY, retries: { times: 0 } });
  }

  /** `config.json` re-configures plugins as a user's config does. */
  #plugins() {
    const { plugins = [] } = this.#config;
    return Promise.all(plugins.map(async ([name, options]) => (await findPlugin(name))(options as never)));
  }

  get #config(): ExchangeConfig {
    return (this.#read('config.json') ?? {}) as ExchangeConfig;
  }

  #text(file: string): string | undefined {
    const url = new URL(file, this.#folder);
    return existsSync(url) ? readFileSync(url, 'utf8') : undefined;
  }

  #read(file: string): unknown {
    const text = this.#text(file);
    return text === undefined ? undefined : JSON.parse(text);
  }
}

const SHARED = resolvePlugins({ preset: '', listed: chatBasics({ reasoning: reasoningContent() }) }).map(({ name }) => name);
const neededSomewhere = new Set<string>();

let provider: ScriptedProvider;
let front: http.Server;

before(async () => {
  provider = await ScriptedProvider.start();
  front = await listen(http.createServer());
});
after(async () => {
  await provider.stop();
  front.closeAllConnections();
  front.close();
});

for (const preset of foldersIn(EXCHANGES)) {
  describe(`the exchanges of ${preset}`, () => {
    const folder = new URL(`${preset}/`, EXCHANGES);
    const exchanges = foldersIn(folder).map((name) => new RecordedExchange(preset, new URL(`${name}/`, folder)));
    let plugins: string[];
    let idle: string[];
    before(async () => {
      const { plugins: listed, endpoints } = (await findPreset(preset))();
      const resolved = resolvePlugins({ preset, listed });
      const dialects = Object.keys(endpoints) as Dialect[];
      const runs = (plugin: Plugin) => dialects.length === 0 || dialects.some((dialect) => handlersOf(plugin, dialect, 'translated').length > 0);
      plugins = resolved.map(({ name }) => name);
      idle = resolved.filter((plugin) => !runs(plugin)).map(({ name }) => name);
    });

    for (const exchange of exchanges) {
      it(exchange.it, async () => {
        const { outcome } = await exchange.whole();
        if (UPDATE) exchange.record(outcome);
        expect(inLines(outcome)).to.deep.equal(inLines(exchange.recorded));
      });

      it(`${exchange.it}: without any one plugin, only what is listed changes`, async () => {
        const changes = await exchange.changesWithout(plugins);
        if (UPDATE) exchange.write('changes.json', changes);
        expect(changes).to.deep.equal(exchange.changes);
      }).timeout(20_000);
    }

    it('need each of its own plugins that its endpoints have a use for', () => {
      const needed = new Set(exchanges.flatMap(({ changes }) => Object.keys(changes)));
      for (const name of needed) neededSomewhere.add(name);
      expect(plugins.filter((name) => !needed.has(name) && !idle.includes(name) && !SHARED.includes(name))).to.deep.equal([]);
    });
  });
}

describe('the exchanges of all presets', () => {
  it('need each of the plugins that presets share', () => {
    expect(SHARED.filter((name) => !neededSomewhere.has(name))).to.deep.equal([]);
  });
});

function foldersIn(folder: URL): string[] {
  const entries = readdirSync(folder, { withFileTypes: true });
  return entries.flatMap((entry) => (entry.isDirectory() ? entry.name : [])).sort();
}

function askedOnce({ asked }: ScriptedProvider): unknown {
  expect(asked.length).to.be.at.most(1);
  for (const { headers } of asked) {
    expect(SENT).to.include.members(Object.keys(headers));
    expect(headers.authorization ?? `Bearer ${String(headers['x-api-key'])}`).to.equal(`Bearer ${KEY}`);
  }
  return asked[0]?.body;
}

/** A stream in one line would make an unreadable difference. */
function inLines({ stream, ...outcome }: Outcome): object {
  return { ...outcome, stream: stream?.split('\n') };
}

/** In the form `upstream.messages[0].role`; what changes in several elements of a list in the same way, as `messages[*]`. */
function changedPaths(before: Outcome, after: Outcome): string[] {
  const paths = [...compare(before.upstream, after.upstream, ['upstream']), ...compareAnswers(before, after)];
  const alike = Map.groupBy(paths, (path) => spell(path, '*'));
  return [...alike].map(([general, [first = [], ...others]]) => (others.some((path) => spell(path) !== spell(first)) ? general : spell(first))).sort();
}

function compareAnswers(before: Outcome, after: Outcome): Path[] {
  const { stream: one, ...head } = before;
  const { stream: other, ...otherHead } = after;
  const plain = compare({ ...head, upstream: 0 }, { ...otherHead, upstream: 0 }, ['client']);
  if (one === undefined || other === undefined) return one === other ? plain : [...plain, ['client', 'stream']];
  return [...plain, ...compareEvents(eventsOf(one), eventsOf(other))];
}

/** Event by event; where one is added or missing, only how the answer ended is comparable. */
function compareEvents(before: { type: string; response?: unknown }[], after: { type: string; response?: unknown }[]): Path[] {
  const sameOrder = isDeepStrictEqual(before.map(typeOf), after.map(typeOf));
  if (sameOrder) return before.flatMap((event, at) => compare(event, after[at], ['client', `[${event.type}]`]));
  return [['client', 'events'], ...compare(before.at(-1)?.response, after.at(-1)?.response, ['client', 'response'])];
}

const typeOf = ({ type }: { type: string }): string => type;

function compare(before: unknown, after: unknown, path: Path): Path[] {
  if (isDeepStrictEqual(before, after)) return [];
  if (Array.isArray(before) && Array.isArray(after))
    return before.length === after.length ? before.flatMap((each, at) => compare(each, after[at], [...path, at])) : [path];
  if (!isRecord(before) || !isRecord(after)) return [path];
  const keys = new Set([...Object.keys(before), ...Object.keys(after)]);
  return [...keys].flatMap((key) => compare(before[key], after[key], [...path, key]));
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function spell(path: Path, index?: string): string {
  return path.reduce<string>(
    (text, key) => (typeof key === 'number' ? `${text}[${index ?? key}]` : `${text}${text && !key.startsWith('[') ? '.' : ''}${key}`),
    '',
  );
}
