import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import type { Log } from '../../core/contract/log.ts';
import type { Preset } from '../../core/contract/preset.ts';
import type { Store } from '../../core/contract/store.ts';
import { CountingClock } from '../../core/fixtures/counting-clock.ts';
import { systemClock } from '../../core/kit/system-clock.ts';
import { DiskStore } from '../../core/store/disk-store.ts';
import { LIMITS } from '../../core/store/limits.ts';
import { MemoryStore } from '../../core/store/memory-store.ts';
import { openaiCompatible } from '../../presets/openai-compatible.ts';
import { zai } from '../../presets/zai.ts';
import { answered, Following, until } from '../support/pair.ts';
import { json, type Reply, ScriptedProvider, says, sse } from '../support/scripted-provider.ts';
import { startGateway, type TestGateway } from '../support/test-gateway.ts';

const TEXT = { choices: [{ index: 0, delta: { role: 'assistant', content: 'Once' } }] };
const CALL = { index: 0, id: 'call_1', function: { name: 'exec', arguments: '{"cmd":"ls"}' } };
const CALLS = sse(
  { choices: [{ index: 0, delta: { tool_calls: [CALL] } }] },
  { choices: [{ index: 0, delta: {}, finish_reason: 'tool_calls' }] },
  'data: [DONE]\n\n',
);
const MAIN = fileURLToPath(new URL('../../core/cli/main.ts', import.meta.url));

let folder: string;
let clock: CountingClock;
let provider: ScriptedProvider;
let gateway: TestGateway;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tapline-history-'));
  clock = new CountingClock();
  provider = await ScriptedProvider.start(says('Hello'));
  gateway = await start();
});
afterEach(async () => {
  await gateway.stop();
  await provider.stop();
  await rm(folder, { recursive: true });
});

async function start(store?: Store, create: (endpoints: Preset['endpoints']) => Preset = (endpoints) => openaiCompatible({ endpoints })): Promise<TestGateway> {
  const log = { warn() {} } as unknown as Log;
  return startGateway({ preset: create({ chat: provider.base }), clock, store: store ?? (await DiskStore.open({ dir: folder, clock, log })) });
}
async function restart(...how: Parameters<typeof start>): Promise<void> {
  await gateway.stop();
  gateway = await start(...how);
}
const ask = async (body: object = {}, headers: Record<string, string> = {}) =>
  answered(await gateway.post({ model: 'm', input: 'hi', stream: true, ...body }, headers), gateway);
const records = (): Promise<string[]> => readdir(join(folder, 'sessions'));
const lastMessages = (): unknown[] => provider.asked.at(-1)?.body.messages;

describe('a history on the disk', () => {
  for (const stream of [true, false]) {
    it(`continues a conversation after a restart, ${stream ? 'streamed' : 'in one piece'}`, async () => {
      const { final: first } = await ask({ stream, input: 'first' });
      await restart();
      const { final: second } = await ask({ stream, input: 'second', previous_response_id: first.id });
      await restart();
      await ask({ stream, input: 'third', previous_response_id: second.id });
      expect(lastMessages()).to.deep.equal([
        { role: 'user', content: 'first' },
        { role: 'assistant', content: 'Hello' },
        { role: 'user', content: 'second' },
        { role: 'assistant', content: 'Hello' },
        { role: 'user', content: 'third' },
      ]);
      expect(second.previous_response_id).to.equal(first.id);
    });
  }

  it('continues with calls and their outputs at another provider, as the client knew them', async () => {
    provider.script(CALLS);
    const { final } = await ask({ tools: [{ type: 'custom', name: 'exec' }] });
    await restart(undefined, (endpoints) => zai({ endpoints, apiKey: 'key-of-another' }));
    provider.script(says('Done'));
    const output = { type: 'custom_tool_call_output', call_id: 'call_1', output: 'a.txt' };
    await ask({ input: [output], tools: [{ type: 'custom', name: 'exec' }], previous_response_id: final.id });
    const roles = lastMessages().map((message) => (message as { role: string }).role);
    expect(roles).to.deep.equal(['user', 'assistant', 'tool']);
    expect(lastMessages()[1]).to.have.nested.property('tool_calls[0].function.name', 'exec');
  });

  it('finds an item that is referred to after a restart', async () => {
    const { final } = await ask();
    await restart();
    await ask({ input: [{ type: 'item_reference', id: final.output[0].id }] });
    expect(lastMessages()).to.deep.equal([{ role: 'assistant', content: 'Hello' }]);
  });

  it('holds the whole turn as readable JSON under the id of the response', async () => {
    const { final } = await ask();
    const [name = ''] = await records();
    expect(name).to.match(new RegExp(`^[0-9a-f]{16}\\.${final.id}\\.json$`));
    const { record } = JSON.parse(await readFile(join(folder, 'sessions', name), 'utf8'));
    expect(record.input).to.have.nested.property('[0].content');
    expect(record.response).to.deep.equal(final);
  });

  it('holds nothing of what the client does not want stored', async () => {
    const { final, status } = await ask({ store: false });
    expect([status, final.status, await records()]).to.deep.equal([200, 'completed', []]);
  });

  it('shows a client nothing of what another one with its own key did', async () => {
    const [one, other] = [{ authorization: 'Bearer key-of-one' }, { authorization: 'Bearer key-of-another' }];
    const { final } = await ask({}, one);
    const refused = await ask({ stream: false, previous_response_id: final.id }, other);
    expect([refused.status, refused.final.error.code]).to.deep.equal([400, 'previous_response_not_found']);
    const unknown = await ask({ stream: false, input: [{ type: 'item_reference', id: final.output[0].id }] }, other);
    expect(unknown.status).to.equal(400);
    expect((await ask({ stream: false, previous_response_id: final.id }, one)).status).to.equal(200);
    expect((await ask({ stream: false, previous_response_id: final.id }, { 'x-api-key': 'key-of-one' })).status).to.equal(200);
  });

  it('refuses to continue from a record that is damaged: better nothing than something else', async () => {
    const { final } = await ask();
    const file = join(folder, 'sessions', (await records())[0] ?? '');
    await writeFile(file, (await readFile(file, 'utf8')).slice(0, -40));
    const { status, final: refusal } = await ask({ stream: false, previous_response_id: final.id });
    expect([status, refusal.error.code]).to.deep.equal([400, 'previous_response_not_found']);
    expect(provider.asked).to.have.length(1);
  });
});

describe('a long conversation', () => {
  it('goes on by the id of its last response when its first ones are long gone, and what is kept stays within its limits', async () => {
    const turns = 30;
    const limits = { ...LIMITS, entries: 8 };
    const store = await DiskStore.open({ dir: folder, clock, log: { warn() {} } as unknown as Log, limits });
    await restart(store);
    const ids: string[] = [];
    for (let turn = 0; turn < turns; turn++) {
      const { status, final } = await ask({ stream: false, input: `turn ${turn}`, previous_response_id: ids.at(-1) });
      expect(status).to.equal(200);
      ids.push(final.id);
    }
    expect(lastMessages()).to.have.length(2 * turns - 1);
    expect(lastMessages()[0]).to.deep.equal({ role: 'user', content: 'turn 0' });
    expect(await records()).to.have.length(limits.entries);
    const { final } = await ask({ stream: false, previous_response_id: ids[0] });
    expect(final.error.code).to.equal('previous_response_not_found');
  });
});

describe('an id that a client makes up', () => {
  for (const [what, body] of [
    ['previous_response_id', { previous_response_id: 'x'.repeat(5_000) }],
    ['a reference', { input: [{ type: 'item_reference', id: `msg_${'x'.repeat(5_000)}_0` }] }],
  ] as const)
    it(`is refused in few words as ${what}`, async () => {
      const { status, final } = await ask({ stream: false, ...body });
      expect(status).to.equal(400);
      expect(final.error.message)
        .to.have.length.below(250)
        .and.match(/is kept here/);
    });

  for (const id of [undefined, null, 7, ['a'], { length: 1000 }])
    it(`is refused where it is no text: ${JSON.stringify(id)}`, async () => {
      const { status, final } = await ask({ stream: false, input: [{ type: 'item_reference', id }] });
      expect([status, final.error.param]).to.deep.equal([400, 'input[0].id']);
    });
});

describe('references that make a small request large', () => {
  const refer = (id: string, times: number) => ({ stream: false, input: Array.from({ length: times }, () => ({ type: 'item_reference', id })) });
  const text = 'x'.repeat(50_000);
  let reads = 0;

  /** A gateway whose requests may be 100,000 bytes, and 400,000 with what they refer to. */
  async function answer(): Promise<string> {
    const store = new MemoryStore(clock);
    const { get } = store;
    store.get = (...which) => {
      reads++;
      return get.apply(store, which);
    };
    await gateway.stop();
    gateway = await startGateway({ preset: openaiCompatible({ endpoints: { chat: provider.base } }), clock, store, bodyLimit: 100_000 });
    provider.script(says(text));
    const { final } = await ask();
    reads = 0;
    return final.output[0].id;
  }

  it('are followed as far as there is room, each to an item of its own', async () => {
    const id = await answer();
    provider.script(says('ok'));
    expect((await ask(refer(id, 3))).status).to.equal(200);
    expect(lastMessages()).to.deep.equal([{ role: 'assistant', content: [text, text, text].join('\n') }]);
  });

  it('are refused beyond four times the limit of a body, naming the field, and the record is read once', async () => {
    const id = await answer();
    const asked = provider.asked.length;
    const { status, final } = await ask(refer(id, 50));
    expect([status, final.error.code, final.error.param]).to.deep.equal([413, 'request_too_large', 'input[7]']);
    expect([reads, provider.asked.length]).to.deep.equal([1, asked]);
  });

  it('are refused together with the response that is continued', async () => {
    const id = await answer();
    const first = (await ask({ stream: false, input: Array.from({ length: 1 }, () => ({ type: 'item_reference', id })) })).final;
    const { status, final } = await ask({ ...refer(id, 7), previous_response_id: first.id });
    expect([status, final.error.code]).to.deep.equal([413, 'request_too_large']);
  });
});

describe('a turn that did not complete', () => {
  for (const [what, reply] of [
    ['was refused', json(400, { error: { message: 'no' } })],
    ['failed', json(200, { error: { message: 'overloaded', code: 500 } })],
    ['failed in the stream', sse(TEXT, { error: { message: 'overloaded' } }, 'data: [DONE]\n\n')],
    ['was cut', sse(TEXT)],
    ['was cut within a call', sse({ choices: [{ index: 0, delta: { tool_calls: [{ ...CALL, function: { name: 'exec', arguments: '{"c' } }] } }] })],
    ['is incomplete', sse(TEXT, { choices: [{ index: 0, delta: {}, finish_reason: 'length' }] }, 'data: [DONE]\n\n')],
  ] as const satisfies [string, Reply][]) {
    for (const stream of [true, false]) {
      it(`is not kept when it ${what}, ${stream ? 'streamed' : 'in one piece'}`, async () => {
        provider.script(reply);
        const { final, events } = await ask({ stream });
        expect(final?.status ?? 'refused').to.not.equal('completed');
        expect(await records()).to.deep.equal([]);
        const previous = events[0]?.response?.id ?? final?.id;
        if (previous === undefined) return;
        provider.script(says('Hello'));
        expect((await ask({ stream: false, previous_response_id: previous })).final.error.code).to.equal('previous_response_not_found');
      });
    }
  }

  it('is not kept when the client left', async () => {
    let release = () => {};
    provider.script((response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' }).write(`data: ${JSON.stringify(TEXT)}\n\n`);
      release = () => void response.end(`data: ${JSON.stringify({ choices: [{ index: 0, delta: {}, finish_reason: 'stop' }] })}\n\ndata: [DONE]\n\n`);
    });
    const leaving = new AbortController();
    const body = JSON.stringify({ model: 'm', input: 'hi', stream: true });
    const headers = { 'content-type': 'application/json' };
    const response = await fetch(`${gateway.url}/v1/responses`, { method: 'POST', headers, body, signal: leaving.signal });
    await new Following(response).until('Once');
    leaving.abort();
    await until(() => gateway.lines.some(({ msg }) => msg === 'exchange'));
    release();
    expect(gateway.lines.find(({ msg }) => msg === 'exchange')).to.include({ status: 'aborted' });
    expect(await records()).to.deep.equal([]);
  });
});

describe('a record', () => {
  it('is on the disk before the client is told that its answer is complete', async () => {
    const waiting: (() => void)[] = [];
    class Slow extends MemoryStore {
      override put(): Promise<void> {
        return new Promise((resolve) => waiting.push(resolve));
      }
    }
    await restart(new Slow(clock));
    const following = new Following(await gateway.post({ model: 'm', input: 'hi', stream: true }));
    await following.until('Hello');
    await until(() => waiting.length > 0);
    const end = following.end();
    for (let turns = 0; turns < 50; turns++) await new Promise((resolve) => setImmediate(resolve));
    expect(following.text).to.not.contain('response.completed');
    for (const release of waiting) release();
    expect((await end).at(-1).type).to.equal('response.completed');
  });

  for (const stream of [true, false]) {
    it(`that cannot be written costs one line in the log, and not the answer, ${stream ? 'streamed' : 'in one piece'}`, async () => {
      await rm(join(folder, 'sessions'), { recursive: true });
      await writeFile(join(folder, 'sessions'), 'in the way');
      const { status, final, events } = await ask({ stream, input: 'what nobody else may read' });
      expect([status, final.status, final.output[0].content[0].text]).to.deep.equal([200, 'completed', 'Hello']);
      if (stream) expect(events.at(-1).type).to.equal('response.completed');
      await until(() => gateway.lines.some(({ msg }) => msg === 'exchange'));
      const told = gateway.lines.filter(({ level }) => Number(level) >= 40);
      expect(told).to.have.length(1);
      expect(told[0]?.['msg']).to.contain('plugin "history" failed in complete: the history could not be written to');
      expect(JSON.stringify(told)).to.not.contain('nobody else');
      expect(gateway.lines.find(({ msg }) => msg === 'exchange')).to.include({ status: 'completed' });
    });
  }
});

describe('tapline serve --history-store disk', () => {
  /** Its address, and a way to kill it: at once, and without a word. */
  async function serve(): Promise<{ url: string; kill(): Promise<void> }> {
    const words = ['serve', '--no-config', '--preset', 'openai-compatible', '--upstream', provider.base, '--port', '0', '--log-level', 'silent'];
    const child = spawn(process.execPath, [MAIN, ...words, '--history-store', 'disk', '--history-dir', folder], { stdio: ['ignore', 'pipe', 'inherit'] });
    let text = '';
    child.stdout.on('data', (part) => {
      text += part;
    });
    await until(() => text.includes('listens on '));
    return {
      url: /listens on (\S+)/.exec(text)?.[1] ?? '',
      async kill() {
        const ended = once(child, 'close');
        child.kill('SIGKILL');
        await ended;
      },
    };
  }

  it('loses no completed response when it is killed', async () => {
    const post = async (url: string, body: object) => {
      const headers = { 'content-type': 'application/json' };
      const response = await fetch(`${url}/v1/responses`, { method: 'POST', headers, body: JSON.stringify({ model: 'm', ...body }) });
      return (await response.json()) as { id: string };
    };
    const first = await serve();
    const { id } = await post(first.url, { input: 'first' }).finally(() => first.kill());
    expect(id).to.have.length(systemClock.id('resp').length);
    const second = await serve();
    await post(second.url, { input: 'second', previous_response_id: id }).finally(() => second.kill());
    expect(lastMessages()).to.have.length(3);
  });
});
