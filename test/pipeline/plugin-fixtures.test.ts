import { readdirSync, readFileSync } from 'node:fs';
import { isDeepStrictEqual } from 'node:util';
import { expect } from 'chai';
import { z } from 'zod';
import { createLog } from '../../core/config/log.ts';
import type { CanonicalRequest, StreamEvent } from '../../core/contract/canonical.ts';
import type { Dialect, Lane } from '../../core/contract/dialect.ts';
import { type ErrorCode, GatewayError } from '../../core/contract/errors.ts';
import type { Warning } from '../../core/contract/exchange.ts';
import type { ModelFacts } from '../../core/contract/facts.ts';
import type { Plugin, ProviderFailure } from '../../core/contract/plugin.ts';
import type { Store } from '../../core/contract/store.ts';
import { CountingClock } from '../../core/fixtures/counting-clock.ts';
import { RecordingStore } from '../../core/fixtures/recording-store.ts';
import { findPlugin, pluginNames } from '../../core/pipeline/catalogue.ts';
import { createPipeline, handlersOf, type Pipeline } from '../../core/pipeline/create-pipeline.ts';
import { RunningExchange } from '../../core/run/running-exchange.ts';

interface Part<Value, Told = Value> {
  before: Value;
  after: Told;
}
interface Route {
  model: string;
  /** The frame, where it is not the server's own. */
  keepAlive?: string;
  /** Of the request to the provider, where a fixture gives some. */
  headers?: Record<string, string>;
}
interface GivenError {
  code: ErrorCode;
  message: string;
  details?: object;
}
/** One fixture: what goes in, what must come out. */
interface Fixture {
  it: string;
  options?: object;
  exchange?: {
    model?: string;
    headers?: Record<string, string>;
    preset?: string;
    models?: ModelFacts[];
    started?: boolean;
    dialect?: Dialect;
    lane?: Lane;
    upstream?: Dialect;
  };
  /** Another exchange is under way: whether the request to the provider waits for its end. */
  behind?: { model?: string; preset?: string; waits: boolean };
  route?: Part<Route>;
  request?: Part<CanonicalRequest>;
  wire?: { request?: Part<object>; chunks?: Part<object[]>; failure?: Part<ProviderFailure> };
  events?: Part<StreamEvent[]>;
  error?: Part<GivenError, object>;
  /** The answer that is complete, before the client is told. */
  complete?: { id: string; body: string };
  /** The records of the client, as `collection/key`. */
  stored?: Part<Record<string, unknown>>;
  warnings?: Warning[];
  /** The request, or the options, must be refused: with this code and field, in these words. */
  throws?: { code?: ErrorCode; param?: string; message?: string };
}

const FOLDER = new URL('../../fixtures/plugins/', import.meta.url);
const LEAST = 4;
const any = z.unknown();
const part = z.strictObject({ before: any, after: any });
const given = z.strictObject({ before: any });
/** A misspelt field would test nothing. */
const Shape = z.strictObject({
  it: z.string().min(10),
  options: z.object().optional(),
  exchange: z.strictObject({ model: any, headers: any, preset: any, models: any, started: any, dialect: any, lane: any, upstream: any }).partial().optional(),
  behind: z.strictObject({ model: any, preset: any, waits: z.boolean() }).partial({ model: true, preset: true }).optional(),
  route: part.optional(),
  request: part.or(given).optional(),
  wire: z.strictObject({ request: part, chunks: part, failure: part }).partial().optional(),
  events: part.optional(),
  error: part.optional(),
  complete: z.strictObject({ id: z.string(), body: z.string() }).optional(),
  stored: part.optional(),
  warnings: z.array(z.strictObject({ param: z.string(), reason: z.string() })).optional(),
  throws: z.strictObject({ code: z.string(), param: z.string(), message: z.string() }).partial().optional(),
});

for (const name of pluginNames()) {
  describe(`plugin ${name}`, () => {
    const files = filesOf(name);
    for (const file of files) {
      const json = readFileSync(new URL(`${name}/${file}`, FOLDER), 'utf8');
      it((JSON.parse(json) as Fixture).it, () => run(name, json));
    }

    it(`has ${LEAST} fixtures at least`, () => expect(files).to.have.length.of.at.least(LEAST));

    it('has a fixture in which each of its handlers acts, and one in which it leaves all as it is', async () => {
      const fixtures = files.map((file) => JSON.parse(readFileSync(new URL(`${name}/${file}`, FOLDER), 'utf8')) as Fixture);
      const plugin = (await findPlugin(name))();
      const acted = new Set(fixtures.flatMap((fixture) => partsOf(fixture).flatMap(([handler, changes]) => (changes ? handler : []))));
      for (const handler of handlersOf(plugin, firstOf(plugin), plugin.lane ?? 'translated'))
        expect(acted, 'the handlers that act').to.include(handler === 'item' ? 'event' : handler);
      expect(fixtures.some((fixture) => !fixture.throws && partsOf(fixture).every(([, changes]) => !changes))).to.equal(true);
    });
  });
}

function filesOf(name: string): string[] {
  const folders = readdirSync(FOLDER);
  return folders.includes(name) ? readdirSync(new URL(`${name}/`, FOLDER)).sort() : [];
}

/** The handlers a fixture calls, and whether something changes there. */
function partsOf({ behind, route, request, wire = {}, events, error, complete, stored }: Fixture): [string, boolean][] {
  const parts = { route, request, 'wire.request': wire.request, 'wire.chunk': wire.chunks, 'wire.failure': wire.failure, event: events };
  const changes = Object.entries(parts).flatMap(([handler, each]): [string, boolean][] => (each ? [[handler, !same(each.before, each.after)]] : []));
  // a handler that only looks at the request acts in the stream
  if (request && events && !same(events.before, events.after)) changes.push(['request', true]);
  // or in what the provider is sent
  if (request && wire.request && !same(wire.request.before, wire.request.after)) changes.push(['request', true]);
  // and one that only looks acts in what is kept
  for (const [handler, given] of Object.entries({ request, complete })) {
    if (given && complete && stored) changes.push([handler, !same(stored.before, stored.after)]);
  }
  // one that only looks at the stream acts in what is kept of it
  if (complete && stored && events && !same(stored.before, stored.after)) changes.push(['event', true]);
  if (behind) changes.push(['wire.request', behind.waits], ['end', behind.waits]);
  if (error) changes.push(['error', !same(plain(asError(error.before)), error.after)]);
  return changes;
}

async function run(name: string, json: string): Promise<void> {
  Shape.parse(JSON.parse(json));
  const fixture = JSON.parse(json) as Fixture; // not what zod returns: that would lose `__proto__`
  if (fixture.throws) return refuses(name, fixture.throws, json);
  if (fixture.behind) return waits(name, fixture, fixture.behind);
  expect(partsOf(fixture), 'the parts that are given').not.to.deep.equal([]);
  const pipeline = await pipelineOf(name, fixture);
  const expected = plain(expectedOf(fixture));
  // twice on one plugin: nothing may depend on how events are batched
  for (const eventsAtOnce of [Number.POSITIVE_INFINITY, 1]) expect(await play(pipeline, JSON.parse(json) as Fixture, eventsAtOnce)).to.deep.equal(expected);
  const { exchange, events } = fixture;
  const alone = async (on: Pipeline) => play(on, { it: '', ...(exchange && { exchange }), ...(events && { events }) }, 1);
  expect(await alone(pipeline), 'what stays behind from another exchange').to.deep.equal(await alone(await pipelineOf(name, fixture)));
}

async function refuses(name: string, { code, param, message }: NonNullable<Fixture['throws']>, json: string): Promise<void> {
  const fixture = JSON.parse(json) as Fixture;
  const thrown = await pipelineOf(name, fixture).then(
    (pipeline) => play(pipeline, fixture, 1).catch((error: unknown) => error),
    (error: unknown) => error,
  );
  if (code) expect(thrown).to.be.instanceOf(GatewayError).and.include({ code });
  if (param) expect((thrown as GatewayError).details.param).to.equal(param);
  if (message) expect(thrown).to.be.instanceOf(Error).with.property('message').that.includes(message);
}

/** Twice: nobody's place may stay taken. */
async function waits(name: string, fixture: Fixture, { waits, ...other }: NonNullable<Fixture['behind']>): Promise<void> {
  const pipeline = await pipelineOf(name, fixture);
  const end = (exchange: RunningExchange) => pipeline.end.call({ status: 'completed', httpStatus: 200, endMs: 0, warnings: [] }, exchange);
  for (let time = 0; time < 2; time++) {
    const [ahead, behind] = [{ ...fixture.exchange, ...other }, fixture.exchange].map((start) => startExchange(start ?? {}, new RecordingStore()));
    if (!ahead || !behind) throw new Error('two exchanges');
    await pipeline.wireRequest.promise({ model: ahead.model }, ahead);
    let sent = false;
    const asking = pipeline.wireRequest.promise({ model: behind.model }, behind).then(() => {
      sent = true;
    });
    await new Promise((resolve) => setImmediate(resolve));
    expect(sent).to.equal(!waits);
    end(ahead);
    await asking;
    end(behind);
  }
}

async function pipelineOf(name: string, { options, exchange = {} }: Fixture): Promise<Pipeline> {
  const plugin = (await findPlugin(name))(options as never);
  return createPipeline([plugin], exchange.upstream ?? firstOf(plugin), exchange.lane ?? plugin.lane ?? 'translated');
}

function firstOf({ upstream }: Plugin): Dialect {
  return [upstream ?? 'chat'].flat()[0] ?? 'chat';
}

/** What comes out, in the order in which it happens in an exchange. */
async function play(pipeline: Pipeline, { exchange: start = {}, route, request, wire = {}, events, error, complete, stored }: Fixture, eventsAtOnce: number) {
  const records = new RecordingStore(stored?.before);
  const exchange = startExchange(start, records);
  const frame = exchange.keepAlive.frame;
  if (route) {
    exchange.model = route.before.model;
    Object.assign(exchange.upstream.headers, route.before.headers);
    await pipeline.route.promise(exchange);
  }
  const routed = route && {
    model: exchange.model,
    ...(exchange.keepAlive.frame !== frame && { keepAlive: exchange.keepAlive.frame }),
    ...(route.before.headers && { headers: exchange.upstream.headers }),
  };
  if (request) await pipeline.request.promise(request.before, exchange);
  if (wire.request) await pipeline.wireRequest.promise(wire.request.before, exchange);
  const chunks = wire.chunks?.before.map((chunk) => kept(freeze(chunk), (frozen) => pipeline.wireChunk.call(frozen, exchange)));
  const failure = wire.failure && kept(freeze(wire.failure.before), (frozen) => pipeline.wireFailure.call(frozen, exchange));
  const streamed = events && stream(pipeline, events.before, exchange, eventsAtOnce);
  if (complete) await pipeline.complete.promise(complete, exchange);
  const told = error && kept(freeze(asError(error.before)), (frozen) => pipeline.error.call(frozen, exchange));
  const asked = { request: wire.request?.before, chunks, failure };
  return plain({
    route: routed,
    request: request?.before,
    wire: asked,
    events: streamed,
    error: told,
    stored: stored && records.all,
    warnings: exchange.warnings,
  });
}

function expectedOf({ route, request, wire = {}, events, error, stored, warnings = [] }: Fixture) {
  const asked = { request: wire.request?.after, chunks: wire.chunks?.after, failure: wire.failure?.after };
  return { route: route?.after, request: request?.after, wire: asked, events: events?.after, error: error?.after, stored: stored?.after, warnings };
}

function startExchange(
  {
    model = 'test-model',
    headers = {},
    preset = 'test',
    models = [],
    started = false,
    dialect = 'responses',
    lane = 'translated',
  }: NonNullable<Fixture['exchange']>,
  store: Store,
): RunningExchange {
  const log = createLog({ level: 'silent', format: 'json', redact: (text) => text });
  const url = new URL('http://127.0.0.1/v1/chat/completions');
  const of = { name: preset, endpoints: {}, models, plugins: [] };
  const exchange = new RunningExchange({ dialect, lane, headers, preset: of, url, authorization: {}, clock: new CountingClock(), log, store });
  exchange.ask({ model, stream: true });
  exchange.started = started;
  return exchange;
}

function stream(pipeline: Pipeline, before: StreamEvent[], exchange: RunningExchange, atOnce: number): readonly StreamEvent[] {
  const events = before.map((event) => ('error' in event ? { ...event, error: asError(event.error as unknown as GivenError) } : event));
  for (const event of events) if (event.type === 'item.added') exchange.newKey(); // so that an item a plugin adds gets the next
  const batches: (readonly StreamEvent[])[] = atOnce === 1 ? events.map((event) => [event]) : [events];
  return batches.flatMap((batch) => kept(freeze(batch), (frozen) => pipeline.events.call(frozen, exchange)));
}

/** What a handler keeps it returns as it is: where nothing changes, nothing may be made anew. */
function kept<Value>(value: Value, handle: (value: Value) => Value): Value {
  const returned = handle(value);
  if (returned !== value) expect(plain(returned), 'a copy of what did not change').not.to.deep.equal(plain(value));
  return returned;
}

function asError({ code, message, details = {} }: GivenError): GatewayError {
  return new GatewayError(code, message, details);
}

/** As JSON has it: what is undefined is absent. Of an error, what a client is told. */
function plain(value: unknown): unknown {
  return JSON.parse(
    JSON.stringify(value, (_, each: unknown) => {
      if (!(each instanceof GatewayError)) return each;
      const { code, status, message, details } = each;
      return { code, status, message, wireCode: details.wireCode };
    }),
  );
}

function same(one: unknown, other: unknown): boolean {
  return isDeepStrictEqual(one, other);
}

/** So that a change in place is seen: it throws. */
function freeze<Value>(value: Value): Value {
  if (typeof value !== 'object' || value === null) return value;
  for (const each of Object.values(value)) freeze(each);
  return Object.freeze(value);
}
