import { expect } from 'chai';
import fc from 'fast-check';
import { PLUGIN_TIMEOUT } from '../../core/pipeline/create-pipeline.ts';
import { serialise } from '../../plugins/serialise.ts';
import { type Pair, startPair, until } from '../support/pair.ts';
import { json, says } from '../support/scripted-provider.ts';

// biome-ignore lint/suspicious/noExplicitAny: what an author may write by mistake
type Loose = any;

const SEED = 20261128;
const IN_PLACE = 'change the argument in place, and return nothing';
const ONE = 'return a replacement, or nothing to leave it unchanged';
const MANY = 'return one event, a list of events, [] to drop it, or nothing to leave it unchanged';

/** A transformer as another product has it. */
class Transformer {
  name = 'acme';
  transformRequestIn(): void {}
}

describe('a plugin whose shape is wrong', () => {
  const acme = (): Loose => ({ name: 'acme', request() {} });
  const rows: { it: string; plugins: Loose; says: string[] }[] = [
    { it: 'wires for wire', plugins: [{ name: 'acme', wires: {} }], says: ['plugins[0]', 'plugin "acme"', '"wires"', 'did you mean "wire"'] },
    { it: 'requests for request', plugins: [{ name: 'acme', requests() {} }], says: ['"requests"', 'did you mean "request"'] },
    { it: "another product's transformer", plugins: [new Transformer()], says: ['plugin "acme"', '"transformRequestIn"', 'route, request'] },
    { it: 'a factory that was not called', plugins: [acme], says: ['plugins[0]', 'the function acme', 'acme()'] },
    { it: 'a class that was not made', plugins: [Transformer], says: ['plugins[0]', 'new Transformer()'] },
    { it: 'no name', plugins: [{ request() {} }], says: ['plugins[0]', '"name"', 'kebab-case'] },
    { it: 'another word for name', plugins: [{ nane: 'acme', request() {} }], says: ['plugins[0]', '"name"', '"nane"'] },
    { it: 'a name that no list could hold', plugins: [{ name: 'Acme/Accent', request() {} }], says: ['name: found "Acme/Accent"', 'kebab-case'] },
    { it: 'a number in a list within the list', plugins: [[acme(), [5]]], says: ['plugins[0][1][0]', 'found 5'] },
    { it: 'no handler at all', plugins: [{ name: 'acme' }], says: ['plugin "acme"', 'no handler', 'wire'] },
    { it: 'a handler that is no function', plugins: [{ name: 'acme', event: 5 }], says: ['event: found 5', 'a function'] },
    { it: 'an async event', plugins: [{ name: 'acme', async event() {} }], says: ['event is async', 'does not wait'] },
    { it: 'an async item', plugins: [{ name: 'acme', item: async () => {} }], says: ['item is async'] },
    { it: 'an async error', plugins: [{ name: 'acme', error: async () => {} }], says: ['error is async'] },
    { it: 'an async chunk', plugins: [{ name: 'acme', wire: { chat: { async chunk() {} } } }], says: ['wire.chat.chunk is async'] },
    { it: 'an async failure', plugins: [{ name: 'acme', wire: { messages: { async failure() {} } } }], says: ['wire.messages.failure is async'] },
    { it: 'a generator', plugins: [{ name: 'acme', *event() {} }], says: ['event is a generator', 'return a list'] },
    { it: 'a wire without a dialect', plugins: [{ name: 'acme', wire: { request() {} } }], says: ['wire.request', 'chat'] },
    { it: 'an unknown dialect', plugins: [{ name: 'acme', wire: { chats: {} } }], says: ['wire.chats', 'did you mean "chat"'] },
    { it: 'an unknown handler of a wire', plugins: [{ name: 'acme', wire: { chat: { chunks() {} } } }], says: ['wire.chat.chunks', 'did you mean "chunk"'] },
    { it: 'an unknown upstream', plugins: [{ ...acme(), upstream: 'massages' }], says: ['upstream: found "massages"', 'did you mean "messages"'] },
    { it: 'an unknown lane', plugins: [{ ...acme(), lane: 'natve' }], says: ['lane', 'did you mean "native"'] },
    { it: 'an unknown capability', plugins: [{ ...acme(), provides: 'histroy' }], says: ['provides', 'did you mean "history"'] },
    { it: 'a time that is none', plugins: [{ ...acme(), timeout: '10s' }], says: ['timeout: found "10s"', 'milliseconds'] },
    { it: 'a guard that may be skipped', plugins: [{ ...acme(), guard: true, onError: 'skip' }], says: ['"acme"', 'onError "skip"', 'guard'] },
    { it: 'an unknown plugin in before', plugins: [{ ...acme(), before: 'tool-name' }], says: ['"acme"', '"tool-name"', 'did you mean "tool-names"'] },
  ];
  for (const { it: what, plugins, says: parts } of rows) {
    it(`is refused at start: ${what}`, async () => {
      const thrown = await startPair({ plugins }).then(
        () => undefined,
        (error) => error,
      );
      expect(thrown?.code).to.equal('config_invalid');
      for (const part of parts) expect(thrown.message).to.include(part);
    });
  }

  it('is named when its start throws, and those before it are stopped', async () => {
    const stopped: string[] = [];
    const first: Loose = { name: 'first', start() {}, stop: () => void stopped.push('first') };
    const broken: Loose = { name: 'broken', start: () => Promise.reject(new Error('no disk')) };
    const thrown = await startPair({ plugins: [first, broken] }).catch((error) => error);
    expect([thrown.message, stopped]).to.deep.equal(['plugin "broken" failed in start: no disk', ['first']]);
  });

  it('may have members of its own, begun with _ or #, and be of a class', async () => {
    class Counting {
      name = 'counting';
      _seen = 0;
      #more = 0;
      request(): void {
        this._seen++;
        this.#more++;
      }
      get _total(): number {
        return this.#more;
      }
    }
    const counting = new Counting();
    const pair = await startPair({ plugins: [counting as Loose] });
    await pair.ask([says('hi')]);
    await pair.stop();
    expect([counting._seen, counting._total]).to.deep.equal([1, 1]);
  });
});

/** Each misbehaves in the first exchange only. */
const MISUSES: { it: string; plugin: (once: <Value>(value: Value) => Value | undefined) => Loose; says: string; refused?: boolean }[] = [
  {
    it: 'request returns a copy',
    plugin: (once) => ({ request: (r: Loose) => once({ ...r }) }),
    says: `failed in request: it returned an object; ${IN_PLACE}`,
  },
  { it: 'request returns true', plugin: (once) => ({ request: () => once(true) }), says: `failed in request: it returned true; ${IN_PLACE}` },
  { it: 'request resolves to a copy', plugin: (once) => ({ request: async () => once({}) }), says: `failed in request: it returned an object; ${IN_PLACE}` },
  { it: 'route returns an object', plugin: (once) => ({ route: () => once({}) }), says: `failed in route: it returned an object; ${IN_PLACE}` },
  {
    it: 'wire.chat.request returns an object',
    plugin: (once) => ({ wire: { chat: { request: (body: Loose) => once({ ...body }) } } }),
    says: `failed in wire.chat.request: it returned an object; ${IN_PLACE}`,
  },
  ...[
    ['a string', 'data: {}'],
    ['false', false],
    ['null', null],
    ['a promise', Promise.resolve({})],
    ['a list of 1', [{}]],
  ].map(([kind, value]) => ({
    it: `wire.chat.chunk returns ${kind}`,
    plugin: (once: (value: unknown) => unknown) => ({ wire: { chat: { chunk: () => once(value) } } }),
    says: `failed in wire.chat.chunk: it returned ${kind}; ${ONE}`,
  })),
  ...[
    ['42', 42],
    ['null', null],
    ['a string', 'start'],
    ['a promise', Promise.resolve()],
    ['an object', { type: 'item.dlta' }],
  ].map(([kind, value]) => ({
    it: `event returns ${kind}`,
    plugin: (once: (value: unknown) => unknown) => ({ event: () => once(value) }),
    says: `failed in event: it returned ${kind}; ${MANY}`,
  })),
  {
    it: 'event returns half a delta',
    plugin: (once) => ({ event: (event: Loose) => once({ ...event, delta: undefined }) }),
    says: 'failed in event: it returned',
  },
  { it: 'item returns null', plugin: (once) => ({ item: () => once(null) }), says: `failed in item: it returned null; ${ONE}` },
  {
    it: 'request.input is gone',
    plugin: (once) => ({ request: (r: Loose) => void (once(true) && Object.assign(r, { input: null })) }),
    says: 'failed in request: it left request.input as null; a list of items is expected',
  },
  {
    it: 'request.tools is a string',
    plugin: (once) => ({ request: (r: Loose) => void (once(true) && Object.assign(r, { tools: 'none' })) }),
    says: 'failed in request: it left request.tools as a string',
  },
  {
    it: 'an item of the request is null',
    plugin: (once) => ({ request: (r: Loose) => void (once(true) && r.input.push(null)) }),
    says: 'failed in request: it left request.input[1] as null',
  },
  {
    it: 'the URL is a string',
    plugin: (once) => ({ route: (e: Loose) => void (once(true) && Object.assign(e.upstream, { url: 'http://127.0.0.1:1' })) }),
    says: 'failed in route: it left exchange.upstream.url as a string; a URL is expected',
  },
  {
    it: 'a header is a number',
    plugin: (once) => ({ route: (e: Loose) => void (once(true) && Object.assign(e.upstream.headers, { 'x-a': 5 })) }),
    says: 'failed in route: it left exchange.upstream.headers["x-a"] as 5',
  },
  {
    it: 'the body holds what JSON has no form for',
    plugin: (once) => ({ wire: { chat: { request: (body: Loose) => void (once(true) && Object.assign(body, { n: 1n })) } } }),
    says: 'cannot be written as JSON',
  },
  { it: 'error returns 5', plugin: (once) => ({ error: () => once(5) }), says: `failed in error: it returned 5; ${ONE}`, refused: true },
  { it: 'failure returns a string', plugin: (once) => ({ wire: { chat: { failure: () => once('no') } } }), says: 'failed in wire.chat.failure', refused: true },
];

describe('a plugin that breaks the contract', () => {
  for (const { it: what, plugin, says: words, refused } of MISUSES) {
    for (const stream of [true, false]) {
      it(`fails its own exchange, and is named: ${what}${stream ? '' : ', without streaming'}`, async () => {
        let first = true;
        const once = <Value>(value: Value) => (first ? value : undefined);
        const pair = await startPair({ plugins: [{ name: 'acme', ...plugin(once) }] });
        const { status, final } = await pair.ask([refused ? json(400, { error: { message: 'no' } }) : says('hi')], { stream });
        expect(final.error.message).to.include(words);
        expect(final.error.message).to.include('acme');
        expect(final.error.message).not.to.include('data: {}');
        if (!stream) expect(status).to.equal(500);
        first = false;
        expect((await pair.ask([says('hi')], { stream })).final.status).to.equal('completed');
        await pair.stop();
      });
    }
  }

  it('is named in the dialect of the client', async () => {
    const pair = await startPair({ lane: 'translated', plugins: [{ name: 'acme', request: () => 5 } as Loose] });
    const told = async (path: string, body: object) => (await pair.gateway.post(body, {}, path)).json() as Loose;
    const messages = [{ role: 'user', content: 'hi' }];
    expect((await told('/v1/messages', { model: 'm', max_tokens: 9, messages })).error).to.include({ type: 'api_error' });
    expect((await told('/v1/chat/completions', { model: 'm', messages })).error.message).to.include('plugin "acme" failed in request');
    await pair.stop();
  });

  it('is named when its models are none, and the next list is there', async () => {
    let first = true;
    const pair = await startPair({ plugins: [{ name: 'acme', models: () => (first ? 5 : undefined) } as Loose], preset: { models: [{ id: 'm' }] } });
    pair.provider.script(json(200, { data: [{ id: 'm' }] }));
    const list = async () => (await fetch(`${pair.gateway.url}/v1/models`)).json() as Loose;
    expect((await list()).error.message).to.include('plugin "acme" failed in models: it returned 5');
    first = false;
    expect((await list()).data).to.have.lengthOf(1);
    await pair.stop();
  });

  it('hides neither the failure it was given nor the words of others when its error handler fails', async () => {
    const pair = await startPair({ plugins: [{ name: 'acme', error: () => 5 } as Loose] });
    const { final } = await pair.ask([json(400, { error: { message: 'no such tool, key sk-abcdefghijkl' } })], { stream: false });
    expect(final.error.message).to.include('plugin "acme" failed in error').and.include('no such tool, key [key]');
    await pair.stop();
  });

  for (const handler of ['route', 'request', 'wire'] as const) {
    it(`fails its exchange when ${handler} never settles, after the time that plugins have`, async () => {
      let first = true;
      const forever = () => (first ? new Promise<void>(() => {}) : undefined);
      const run = handler === 'wire' ? { wire: { chat: { request: forever } } } : { [handler]: forever };
      const pair = await startPair({ plugins: [{ name: 'acme', ...run } as Loose] });
      const asked = pair.ask([says('hi')], { stream: false });
      await until(() => pair.clock.pending.includes(PLUGIN_TIMEOUT));
      pair.clock.advance(PLUGIN_TIMEOUT);
      expect((await asked).final.error.message).to.include('did not finish within 10 s');
      first = false;
      expect((await pair.ask([says('hi')])).final.status).to.equal('completed');
      await pair.stop();
    });
  }

  it('may state its own time, or none', async () => {
    const seen: number[][] = [];
    for (const timeout of [250, 0]) {
      const gate = Promise.withResolvers<void>();
      let waits = false;
      const request = () => {
        waits = true;
        return gate.promise;
      };
      const pair = await startPair({ plugins: [{ name: 'acme', timeout, request }] });
      const asked = pair.ask([says('hi')], { stream: false });
      await until(() => waits);
      seen.push(pair.clock.pending.filter((delay) => delay === 250 || delay === PLUGIN_TIMEOUT));
      gate.resolve();
      expect((await asked).final.status).to.equal('completed');
      await pair.stop();
    }
    expect(seen).to.deep.equal([[250], []]);
    expect(serialise().timeout).to.equal(0);
  });

  it('is skipped with a warning where it says so, and the exchange goes on', async () => {
    const broken = () => {
      throw new Error('oops');
    };
    for (const plugin of [
      { request: broken },
      { request: () => 5 },
      { request: () => Promise.reject(new Error('oops')) },
      { event: broken },
      { wire: { chat: { request: broken } } },
      { wire: { chat: { chunk: () => 'x' } } },
    ] as Loose[]) {
      const pair = await startPair({ plugins: [{ name: 'acme', onError: 'skip', ...plugin }] });
      const { final, line } = await pair.ask([says('hi')]);
      expect(final.status).to.equal('completed');
      expect(line.warnings).to.have.lengthOf(1);
      expect(line.warnings[0].param).to.equal('plugins.acme');
      expect(pair.gateway.lines.filter(({ msg }) => String(msg).includes('the exchange goes on without it'))).to.have.lengthOf(1);
      await pair.stop();
    }
  });

  it('cannot be skipped where what it left behind could not be sent', async () => {
    const plugin: Loose = { name: 'acme', onError: 'skip', request: (r: Loose) => void Object.assign(r, { input: 'gone' }) };
    const pair = await startPair({ plugins: [plugin] });
    expect((await pair.ask([says('hi')])).final.error.message).to.include('it left request.input as a string');
    await pair.stop();
  });

  it('cannot keep others from seeing the end, and what it still does is waited for when the gateway stops', async () => {
    const order: string[] = [];
    const gate = Promise.withResolvers<void>();
    const pair = await startPair({
      plugins: [
        { name: 'other', end: () => void order.push('other') },
        { name: 'late', end: () => gate.promise.then(() => void order.push('late')) },
        { name: 'rejects', end: async () => Promise.reject(new Error('oops')) },
        {
          name: 'throws',
          end() {
            throw new Error('oops');
          },
        },
      ],
    });
    await pair.ask([says('hi')]);
    expect(order).to.deep.equal(['other']);
    await until(() => pair.gateway.lines.filter(({ msg }) => / failed in end: oops/.test(String(msg))).length === 2);
    setImmediate(gate.resolve);
    await pair.stop();
    expect(order).to.deep.equal(['other', 'late']);
  });
});

describe('a thousand plugins', () => {
  it('run', async () => {
    let calls = 0;
    const plugins = Array.from({ length: 1000 }, (_, at): Loose => ({ name: `p-${at}`, request: () => void calls++, event: () => void calls++, end() {} }));
    const pair = await startPair({ plugins });
    expect((await pair.ask([says('hi')])).final.status).to.equal('completed');
    expect(calls).to.be.greaterThan(2000);
    await pair.stop();
  });
});

/** What a handler may do in place of what it should. */
const junk = fc.oneof(
  fc.constantFrom<unknown>(null, false, true, 0, 'text', [], {}, [null], [{}], Symbol.iterator, () => 5, { type: 'end' }, { type: 'item.delta' }),
  fc.constantFrom('resolve', 'reject', 'throw', 'throw-nothing', 'hang', 'event').map((what) => ({ what })),
);
const field = fc.constantFrom('input', 'tools', 'model', 'messages', 'type', 'delta', 'item', 'choices', 'upstream', 'status', 'warnings', 'key', 'code');
const misuse = fc.record({
  handler: fc.constantFrom('route', 'request', 'item', 'event', 'error', 'complete', 'end', 'models', 'request:chat', 'chunk:chat', 'failure:chat'),
  returns: junk,
  sets: fc.option(fc.record({ field, value: junk })),
  onError: fc.constantFrom(undefined, 'skip', 'fail'),
  refused: fc.boolean(),
  stream: fc.boolean(),
});

function act(value: unknown): unknown {
  const { what } = (typeof value === 'object' && value !== null ? value : {}) as { what?: string };
  if (what === 'resolve') return Promise.resolve({});
  if (what === 'reject') return Promise.reject(new Error('rejected'));
  if (what === 'hang') return new Promise(() => {});
  if (what === 'throw') throw new Error('thrown');
  if (what === 'throw-nothing') throw undefined;
  return value;
}

describe('any misuse of the contract', () => {
  let pair: Pair;
  afterEach(() => pair.stop());

  it('leaves the next request its answer', async () => {
    await fc.assert(
      fc.asyncProperty(misuse, async ({ handler, returns, sets, onError, refused, stream }) => {
        let broken = true;
        const run = (given: Loose) => {
          if (!broken) return;
          if (sets && typeof given === 'object' && given !== null) {
            try {
              given[sets.field] = sets.value;
            } catch {
              // frozen
            }
          }
          return act(returns);
        };
        const [name = '', dialect] = handler.split(':');
        const plugin: Loose = { name: 'acme', onError, ...(dialect ? { wire: { [dialect]: { [name]: run } } } : { [name]: run }) };
        pair = await startPair({ plugins: [plugin] });
        const asked = pair.ask([refused ? json(400, { error: { message: 'no' } }) : says('hi')], { stream });
        let ended = false;
        void asked.finally(() => {
          ended = true;
        });
        await until(() => {
          if (!ended && pair.clock.pending.includes(PLUGIN_TIMEOUT)) pair.clock.advance(PLUGIN_TIMEOUT);
          return ended;
        });
        await asked;
        broken = false;
        expect((await pair.ask([says('hi')], { stream })).final.status).to.equal('completed');
        const stopping = pair.stop();
        pair.clock.advance(PLUGIN_TIMEOUT);
        await stopping;
      }),
      { numRuns: 200, seed: SEED },
    );
  }).timeout(60_000);
});
