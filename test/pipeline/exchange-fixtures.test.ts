import { globSync, readdirSync } from 'node:fs';
import http from 'node:http';
import { expect } from 'chai';
import type { Dialect } from '../../core/contract/dialect.ts';
import type { Plugin, PluginOption } from '../../core/contract/plugin.ts';
import type { Preset } from '../../core/contract/preset.ts';
import { CountingClock } from '../../core/fixtures/counting-clock.ts';
import { RecordingStore } from '../../core/fixtures/recording-store.ts';
import { findPlugin, findPreset } from '../../core/pipeline/catalogue.ts';
import { handlersOf } from '../../core/pipeline/create-pipeline.ts';
import { resolvePlugins } from '../../core/pipeline/resolve-plugins.ts';
import { reasoningContent } from '../../plugins/reasoning-content.ts';
import { chatBasics } from '../../presets/chat-basics.ts';
import { changedPaths } from '../support/changed-paths.ts';
import { type Changes, type Outcome, RecordedExchange } from '../support/recorded-exchange.ts';
import { ScriptedProvider } from '../support/scripted-provider.ts';
import { listen, startGateway } from '../support/test-gateway.ts';
import { watchPlugin } from '../support/watch-plugin.ts';

/** With `UPDATE_FIXTURES=1` the outcomes are written instead of compared: review them as data. */
const UPDATE = process.env['UPDATE_FIXTURES'] === '1';
const FIXTURES = new URL('../../fixtures/', import.meta.url);
const KEY = 'test-key-of-the-fixtures';
/** The headers of an answer that belong to its outcome. */
const TOLD = ['retry-after', 'x-tapline-warnings', 'x-tapline-usage'];
/** All headers that may go to a provider: none of the client's. */
const SENT = ['anthropic-version', 'authorization', 'connection', 'content-length', 'content-type', 'host', 'x-api-key'];

/** Plays a recorded exchange with the plugins of its preset, or without some of them. */
class ExchangePlayer {
  readonly recorded: RecordedExchange;
  readonly #preset: string;
  #whole: Promise<{ outcome: Outcome; active: Set<string> }> | undefined;

  constructor(preset: string, name: string) {
    this.#preset = preset;
    this.recorded = new RecordedExchange(`${preset}/${name}`);
  }

  /** With all plugins, and which of them did anything; played once. */
  whole(): Promise<{ outcome: Outcome; active: Set<string> }> {
    const active = new Set<string>();
    this.#whole ??= this.play([], (name) => active.add(name)).then((outcome) => ({ outcome, active }));
    return this.#whole;
  }

  /** Plugins that did nothing are taken out together: none of them can be missed. Each of the others is taken out alone. */
  async changesWithout(plugins: readonly string[]): Promise<Changes> {
    const changes: Changes = {};
    const { outcome: whole, active } = await this.whole();
    expect(comparable(await this.play(plugins.filter((name) => !active.has(name))))).to.deep.equal(comparable(whole));
    for (const name of plugins.filter((each) => active.has(each))) {
      const paths = changedPaths(whole, await this.play([name]));
      if (paths.length > 0) changes[name] = paths;
    }
    return changes;
  }

  /** Over real HTTP, with a gateway of its own, so that ids and times begin anew. */
  async play(disable: readonly string[] = [], acted?: (plugin: string) => void): Promise<Outcome> {
    const { request, reply, file } = this.recorded;
    provider.asked.length = 0;
    provider.script(reply);
    const clock = new CountingClock();
    const store = new RecordingStore(file.stored);
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
      lane: file.config?.lane,
    });
    try {
      const response = await gateway.post(request.body, request.headers, request.path);
      const text = Buffer.from(await response.arrayBuffer()).toString();
      expect(text).not.to.include(KEY);
      const headers = Object.fromEntries([...response.headers].filter(([name]) => TOLD.includes(name)));
      const answer = response.headers.get('content-type')?.startsWith('text/event-stream') ? { stream: text } : { body: JSON.parse(text) };
      return { upstream: askedOnce(provider), client: { status: response.status, headers, ...answer } };
    } finally {
      await gateway.stop();
    }
  }

  /** Retries would wait for a clock that stands still. */
  async #createPreset(base: string): Promise<Preset> {
    const { upstream = 'chat' } = this.recorded.file.config ?? {};
    return (await findPreset(this.#preset))({ endpoints: { [upstream]: base }, apiKey: KEY, retries: { times: 0 } });
  }

  /** A user's config lists plugins to re-configure them. */
  #plugins() {
    const { plugins = [] } = this.recorded.file.config ?? {};
    return Promise.all(plugins.map(async ([name, options]) => (await findPlugin(name))(options as never)));
  }
}

const SHARED = resolvePlugins({ preset: '', listed: chatBasics({ reasoning: reasoningContent() }) }).map(({ name }) => name);
const neededSomewhere = new Set<string>();
const sharedFiles: string[] = [];

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

for (const preset of readdirSync(new URL('exchanges/', FIXTURES)).sort()) {
  describe(`the exchanges of ${preset}`, () => {
    const cases = globSync('*.json', { cwd: new URL(`exchanges/${preset}/`, FIXTURES) }).sort();
    const exchanges = cases.map((file) => new ExchangePlayer(preset, file.replace(/\.json$/, '')));
    sharedFiles.push(...exchanges.flatMap(({ recorded }) => recorded.shared));
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
      const { recorded } = exchange;

      it(recorded.file.it, async () => {
        const { outcome } = await exchange.whole();
        if (UPDATE) recorded.record(outcome);
        expect(comparable(outcome)).to.deep.equal(comparable(recorded.outcome));
      });

      it(`${recorded.file.it}: without any one plugin, only what is listed changes`, async () => {
        const changes = await exchange.changesWithout(plugins);
        if (UPDATE) recorded.recordChanges(changes);
        expect(changes).to.deep.equal(recorded.file.changes);
      }).timeout(20_000);
    }

    it('need each of its own plugins that its endpoints have a use for', () => {
      const needed = new Set(exchanges.flatMap(({ recorded }) => Object.keys(recorded.file.changes)));
      for (const name of needed) neededSomewhere.add(name);
      expect(plugins.filter((name) => !needed.has(name) && !idle.includes(name) && !SHARED.includes(name))).to.deep.equal([]);
    });
  });
}

describe('the exchanges of all presets', () => {
  it('need each of the plugins that presets share', () => {
    expect(SHARED.filter((name) => !neededSomewhere.has(name))).to.deep.equal([]);
  });

  it('share each file that is kept for several of them', () => {
    const kept = globSync(['requests/**/*.json', 'answers/**/*.sse'], { cwd: FIXTURES });
    const takers = (file: string) => sharedFiles.filter((taken) => taken === file).length;
    expect(kept.filter((file) => takers(file) < 2)).to.deep.equal([]);
  });

  it('have no stream without a case', () => {
    const streams = globSync('exchanges/*/*.sse', { cwd: FIXTURES });
    const cases = globSync('exchanges/*/*.json', { cwd: FIXTURES });
    expect(streams.filter((file) => !cases.includes(file.replace(/\.(client|upstream)\.sse$/, '.json')))).to.deep.equal([]);
  });
});

function askedOnce({ asked }: ScriptedProvider): unknown {
  expect(asked.length).to.be.at.most(1);
  for (const { headers } of asked) {
    expect(SENT).to.include.members(Object.keys(headers));
    expect(headers.authorization ?? `Bearer ${String(headers['x-api-key'])}`).to.equal(`Bearer ${KEY}`);
  }
  return asked[0]?.body;
}

/** As JSON has it, the stream in lines: one long line would make an unreadable difference. */
function comparable({ upstream, client }: Outcome): unknown {
  return JSON.parse(JSON.stringify({ upstream, client: { ...client, stream: client.stream?.split('\n') } }));
}
