import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { chmod, copyFile, mkdir, mkdtemp, readdir, readFile, rm, stat, truncate, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect } from 'chai';
import type { Log } from '../../core/contract/log.ts';
import type { Store } from '../../core/contract/store.ts';
import { CountingClock } from '../../core/fixtures/counting-clock.ts';
import { storeOf } from '../../core/store/client-records.ts';
import { DiskStore } from '../../core/store/disk-store.ts';
import { LIMITS, type Limits } from '../../core/store/limits.ts';
import { MemoryStore } from '../../core/store/memory-store.ts';
import type { StoreChoice } from '../../core/store/open-store.ts';
import { openStore } from '../../core/store/open-store.ts';
import { withTemporary } from '../../core/store/temporary-file.ts';
import { until } from '../support/pair.ts';

const OWNER = '0123456789abcdef';
const KEY = `${OWNER}.resp_1`;
const HOUR = 3_600_000;
const HOSTILE = [
  '../../etc/passwd',
  '..',
  '.',
  '',
  '/',
  'C:\\con',
  'nul',
  `${OWNER}.nul.`,
  'a\0b',
  'a\nb',
  `${OWNER}.__proto__`,
  '__proto__',
  'constructor',
  'x'.repeat(200),
  `${'x'.repeat(200)}y`,
  'X'.repeat(200),
  `${OWNER}.Resp_1`,
  `${OWNER}.resp_1`,
  `${OWNER}.RESP_1`,
  `${OWNER}.resp_1.json`,
  'über',
  'u\u0308ber',
  '会話🙂',
  '\ud800',
  '\udfff',
  '\ufffd',
  'a b',
  'a_b',
  'a%20b',
  '~',
  'a~b',
];

let folder: string;
let clock: CountingClock;
let warnings: { file?: string; told: string }[];
let opened: Store[];
const log = { warn: (about: { file?: string } | string, told = about) => void warnings.push({ ...(about as object), told: String(told) }) } as unknown as Log;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tapline-store-'));
  clock = new CountingClock();
  warnings = [];
  opened = [];
});
afterEach(async () => {
  for (const store of opened) await store.close();
  await rm(folder, { recursive: true });
});

async function onDisk(limits: Limits = LIMITS): Promise<Store> {
  const store = await DiskStore.open({ dir: folder, clock, log, limits });
  opened.push(store);
  return store;
}
const files = (collection = 'sessions'): Promise<string[]> => readdir(join(folder, collection));
const fileOf = async (): Promise<string> => join(folder, 'sessions', (await files())[0] ?? '');

for (const [what, create] of [
  ['the store in memory', async (limits?: Limits) => new MemoryStore(clock, limits)],
  ['the store on the disk', onDisk],
] as const) {
  describe(what, () => {
    it('gives back what was put, in each collection its own, until it is deleted', async () => {
      const store = await create();
      await store.put('sessions', KEY, '{"of":"sessions"}');
      await store.put('turns', KEY, '["of turns"]');
      expect(await store.get('sessions', KEY)).to.deep.equal({ of: 'sessions' });
      expect(await store.get('turns', KEY)).to.deep.equal(['of turns']);
      expect(await store.get('reasoning', KEY)).to.equal(undefined);
      expect([await store.delete('sessions', KEY), await store.delete('sessions', KEY)]).to.deep.equal([true, false]);
      expect(await store.get('sessions', KEY)).to.equal(undefined);
      expect(await store.get('turns', KEY)).to.deep.equal(['of turns']);
    });

    it('puts the later record of a key in place of the earlier', async () => {
      const store = await create();
      await store.put('sessions', KEY, '"a longer record"');
      await store.put('sessions', KEY, '"short"');
      expect(await store.get('sessions', KEY)).to.equal('short');
    });

    it('lends nothing: what was got may be changed', async () => {
      const store = await create();
      await store.put('sessions', KEY, '{"output":[1]}');
      ((await store.get('sessions', KEY)) as { output: number[] }).output.push(2);
      expect(await store.get('sessions', KEY)).to.deep.equal({ output: [1] });
    });

    it('takes any text for a key, and mixes none up', async () => {
      const store = await create();
      for (const [at, key] of HOSTILE.entries()) await store.put('sessions', key, String(at));
      for (const [at, key] of HOSTILE.entries()) expect(await store.get('sessions', key), JSON.stringify(key)).to.equal(at);
      expect(warnings).to.deep.equal([]);
    });

    it('forgets a record that nobody used for its time, and no other', async () => {
      const store = await create({ ...LIMITS, ttl: HOUR });
      await store.put('sessions', 'unused', '1');
      await store.put('sessions', 'used', '2');
      clock.advance(HOUR);
      expect(await store.get('sessions', 'used')).to.equal(2);
      clock.advance(1);
      expect(await store.get('sessions', 'unused')).to.equal(undefined);
      clock.advance(HOUR - 1);
      expect(await store.get('sessions', 'used')).to.equal(2);
    });

    it('keeps so many records, the last used ones, and of parts of a response more', async () => {
      const store = await create({ ...LIMITS, entries: 2 });
      for (const key of ['a', 'b']) await store.put('sessions', key, '1');
      await store.get('sessions', 'a');
      for (const key of ['c']) await store.put('sessions', key, '1');
      expect(await Promise.all(['a', 'b', 'c'].map((key) => store.get('sessions', key)))).to.deep.equal([1, undefined, 1]);
      for (let call = 0; call < 65; call++) await store.put('reasoning', `call_${call}`, String(call));
      expect(await Promise.all([0, 1, 64].map((call) => store.get('reasoning', `call_${call}`)))).to.deep.equal([undefined, 1, 64]);
    });

    it('keeps so many bytes, and a record larger than that not at all', async () => {
      const store = await create({ ...LIMITS, bytes: 10_000 });
      const large = JSON.stringify('x'.repeat(4_500));
      for (const key of ['a', 'b', 'c']) await store.put('sessions', key, large);
      await store.put('sessions', 'd', JSON.stringify('x'.repeat(10_001)));
      expect(await Promise.all(['a', 'b', 'c', 'd'].map(async (key) => (await store.get('sessions', key)) !== undefined))).to.deep.equal([
        false,
        true,
        true,
        false,
      ]);
    });

    it('counts bytes, not letters', async () => {
      const store = await create({ ...LIMITS, bytes: 10_000 });
      await store.put('sessions', KEY, JSON.stringify('会'.repeat(4_000)));
      expect(await store.get('sessions', KEY)).to.equal(undefined);
      await store.put('sessions', KEY, JSON.stringify('会話🙂'.repeat(900)));
      expect(await store.get('sessions', KEY)).to.equal('会話🙂'.repeat(900));
    });

    it('does not keep the earlier record of a key when the later one is too large', async () => {
      const store = await create({ ...LIMITS, bytes: 10_000 });
      await store.put('sessions', KEY, '"earlier"');
      await store.put('sessions', KEY, JSON.stringify('x'.repeat(10_001)));
      expect(await store.get('sessions', KEY)).to.equal(undefined);
    });

    it('shows each owner only its own', async () => {
      const store = await create();
      const [one, other] = [storeOf(store, OWNER), storeOf(store, 'fedcba9876543210')];
      await one.put('sessions', 'resp_1', '"of one"');
      expect(await other.get('sessions', 'resp_1')).to.equal(undefined);
      expect(await other.delete('sessions', 'resp_1')).to.equal(false);
      await other.put('sessions', 'resp_1', '"of the other"');
      expect(await one.get('sessions', 'resp_1')).to.equal('of one');
    });
  });
}

describe('the folders of the history', () => {
  it('hold one readable file per record, that only its user can read', async () => {
    const store = await onDisk();
    await store.put('sessions', KEY, '{"input":["hi"]}');
    expect(await readdir(folder)).to.have.members(['sessions', 'reasoning', 'turns']);
    expect(await files()).to.deep.equal([`${KEY}.json`]);
    expect(JSON.parse(await readFile(await fileOf(), 'utf8'))).to.deep.include({ key: KEY, record: { input: ['hi'] } });
    const modes = await Promise.all([join(folder, 'sessions'), join(folder, 'reasoning'), join(folder, 'turns'), await fileOf()].map((path) => stat(path)));
    expect(modes.map(({ mode }) => (mode & 0o777).toString(8))).to.deep.equal(['700', '700', '700', '600']);
  });

  it('are closed to others when they were open', async () => {
    await mkdir(join(folder, 'sessions'), { mode: 0o755 });
    await chmod(join(folder, 'sessions'), 0o755);
    await onDisk();
    expect((await stat(join(folder, 'sessions'))).mode & 0o777).to.equal(0o700);
  });

  it('get names that every file system takes and keeps apart', async () => {
    const store = await onDisk();
    for (const key of HOSTILE) await store.put('sessions', key, '1');
    const names = await files();
    expect(new Set(names.map((name) => name.toLowerCase())).size).to.equal(HOSTILE.length);
    for (const name of names) expect(name).to.match(/^[a-z0-9._~-]{6,130}$/);
    expect(names.filter((name) => /^(con|nul|prn|aux)\./.test(name))).to.deep.equal([]);
    expect(names.find((name) => name.startsWith(`${OWNER}.resp_1~`))).to.be.a('string');
  });

  it('lose the files of evicted, expired and deleted records', async () => {
    const store = await onDisk({ ...LIMITS, entries: 2, ttl: HOUR });
    for (const key of ['a', 'b', 'c']) await store.put('sessions', key, '1');
    expect(await files()).to.have.length(2);
    await store.delete('sessions', 'b');
    expect(await files()).to.have.length(1);
    clock.advance(HOUR + 1);
    await store.get('sessions', 'c');
    expect(await files()).to.deep.equal([]);
  });

  it('lose expired files that nobody asks for, also what another process left, and leftovers of interrupted writes', async () => {
    const store = await onDisk({ ...LIMITS, ttl: HOUR / 2 });
    await store.put('sessions', KEY, '1');
    await rm(join(folder, 'reasoning'), { recursive: true }); // a missing folder must not keep it from the others
    await (await onDisk()).put('turns', KEY, '1');
    const temporary = join(folder, 'sessions', '00000000-0000-4000-8000-000000000000.tmp');
    await writeFile(temporary, 'half');
    await utimes(temporary, clock.now() / 1000, clock.now() / 1000);
    clock.advance(HOUR);
    await until(() => !existsSync(join(folder, 'turns', `${KEY}.json`)));
    expect(await files()).to.deep.equal(['00000000-0000-4000-8000-000000000000.tmp']);
    clock.advance(HOUR);
    await until(() => !existsSync(temporary));
  });

  it('lose, at the next start, what a killed process was writing; what another still writes stays', async () => {
    await (await onDisk()).put('sessions', KEY, '1');
    const killed = spawnSync(process.execPath, ['--version']).pid;
    let own = '';
    await withTemporary(async (name) => {
      own = name;
      const elsewhere = name.replace(/\.[0-9a-f]{12}\./, '.000000000000.');
      const of = (pid: number, from = name) => `${randomUUID()}${from.slice(36)}`.replace(`.${process.pid}.`, `.${pid}.`);
      const left = [of(killed), of(process.pid)];
      const kept = [name, of(process.ppid), of(1), of(killed, elsewhere)];
      for (const each of [...left, ...kept]) {
        await writeFile(join(folder, 'sessions', each), 'half');
        await utimes(join(folder, 'sessions', each), clock.now() / 1000, clock.now() / 1000);
      }
      await onDisk();
      expect((await files()).sort()).to.deep.equal([`${KEY}.json`, ...kept].sort());
    });
    await onDisk();
    expect(await files()).to.not.include(own);
    expect(warnings).to.deep.equal([]);
  });

  it('get no file for a record that is too large, and that is said', async () => {
    const store = await onDisk({ ...LIMITS, bytes: 1_000 });
    await store.put('sessions', KEY, JSON.stringify('x'.repeat(1_000)));
    expect(await files()).to.deep.equal([]);
    expect(warnings.map(({ told }) => told)).to.deep.equal(['history record not stored: it is larger than the limit of the history']);
    expect(await store.get('sessions', KEY)).to.equal(undefined);
    expect(warnings).to.have.length(1);
  });

  it('may be removed under way: that deletes the history, and the next record makes them anew', async () => {
    const store = await onDisk();
    await store.put('sessions', KEY, '1');
    await rm(join(folder, 'sessions'), { recursive: true });
    expect(await store.get('sessions', KEY)).to.equal(undefined);
    await store.put('sessions', KEY, '2');
    expect(await store.get('sessions', KEY)).to.equal(2);
    expect(warnings).to.deep.equal([]);
  });
});

describe('a history on the disk, started again', () => {
  it('finds what was put before, as long as it would have been kept', async () => {
    const limits = { ...LIMITS, ttl: HOUR };
    const first = await onDisk(limits);
    await first.put('sessions', 'old', '1');
    clock.advance(HOUR / 2);
    await first.put('sessions', 'young', '2');
    clock.advance(HOUR / 2 + 1);
    const second = await onDisk(limits);
    expect(await files()).to.have.length(1);
    expect([await second.get('sessions', 'old'), await second.get('sessions', 'young')]).to.deep.equal([undefined, 2]);
  });

  it('applies smaller limits at once, to the least used first', async () => {
    const first = await onDisk();
    for (let at = 0; at < 10; at++) {
      await first.put('sessions', `key-${at}`, '1');
      clock.advance(1000);
    }
    await first.get('sessions', 'key-0');
    const second = await onDisk({ ...LIMITS, entries: 3 });
    const left = (await files()).map((name) => name.slice(0, 5)).sort();
    expect(left).to.deep.equal(['key-0', 'key-8', 'key-9']);
    expect(await second.get('sessions', 'key-9')).to.equal(1);
    await onDisk({ ...LIMITS, bytes: 150 });
    expect((await files()).map((name) => name.slice(0, 5))).to.deep.equal(['key-9']);
  });

  it('keeps the times of use: what was read yesterday outlives what was only written', async () => {
    const limits = { ...LIMITS, ttl: HOUR };
    const first = await onDisk(limits);
    await first.put('sessions', KEY, '1');
    clock.advance(HOUR);
    await first.get('sessions', KEY);
    clock.advance(HOUR);
    expect(await (await onDisk(limits)).get('sessions', KEY)).to.equal(1);
  });

  it('leaves files alone that are none of its own, and says so once', async () => {
    await mkdir(join(folder, 'sessions'), { mode: 0o700 });
    for (const name of ['notes.json', 'README.md']) await writeFile(join(folder, 'sessions', name), '{}');
    await mkdir(join(folder, 'sessions', `${OWNER}.resp_9.json`));
    const store = await onDisk({ ...LIMITS, entries: 1 });
    expect(await store.get('sessions', `${OWNER}.resp_9`)).to.equal(undefined);
    expect(await files()).to.have.length(3);
    expect(warnings.map(({ told }) => told)).to.deep.equal([
      'the history folder contains foreign files: they are left alone',
      'history record ignored: it is damaged or belongs to another key',
    ]);
  });

  it('takes 10,000 sessions in, keeps no content in memory, and finds each', async () => {
    await mkdir(join(folder, 'sessions'), { mode: 0o700 });
    const first = await onDisk();
    await first.put('sessions', KEY, JSON.stringify('x'.repeat(2_000)));
    const template = await readFile(await fileOf());
    const writes = Array.from({ length: 10_000 }, (_, at) => writeFile(join(folder, 'sessions', `${OWNER}.resp_${at}.json`), template));
    await Promise.all(writes);
    const before = heapUsed();
    const all = await onDisk({ ...LIMITS, entries: 10_000 });
    expect(heapUsed() - before).to.be.below(10 << 20); // of 20 on the disk
    expect(await files()).to.have.length(10_000);
    expect(await all.get('sessions', KEY)).to.have.length(2_000);
    await onDisk();
    expect(await files()).to.have.length(LIMITS.entries);
  }).timeout(60_000);
});

describe('a record that cannot be trusted', () => {
  for (const [what, spoil] of [
    ['empty', (file) => truncate(file)],
    ['cut short', async (file) => truncate(file, (await stat(file)).size - 10)],
    ['cut within its head', (file) => truncate(file, 20)],
    ['no JSON', (file) => writeFile(file, 'nonsense')],
    ['of somebody else', (file) => writeFile(file, '{"key":"another","record":{"input":[]}}')],
    ['changed in one letter', async (file) => writeFile(file, (await readFile(file, 'utf8')).replace('words', 'w0rds'))],
    ['no text', async (file) => writeFile(file, Buffer.from((await readFile(file, 'latin1')).replace('words', 'w\xffrds'), 'latin1'))],
  ] as const satisfies [string, (file: string) => Promise<void>][]) {
    it(`is not used when it is ${what}; one line names the file and nothing of it`, async () => {
      const store = await onDisk();
      await store.put('sessions', KEY, '{"input":["words of a conversation"]}');
      const file = await fileOf();
      await spoil(file);
      for (const reader of [store, await onDisk()]) {
        warnings = [];
        expect(await reader.get('sessions', KEY)).to.equal(undefined);
        expect(warnings).to.deep.equal([{ file, told: 'history record ignored: it is damaged or belongs to another key' }]);
      }
      await store.put('sessions', KEY, '"whole again"');
      expect(await store.get('sessions', KEY)).to.equal('whole again');
    });
  }

  it('is not used when it never was JSON', async () => {
    const store = await onDisk();
    await store.put('sessions', KEY, '{"input":');
    expect(await store.get('sessions', KEY)).to.equal(undefined);
    expect(warnings).to.have.length(1);
  });

  it('is not said to be deleted when it is not', async () => {
    const store = await onDisk();
    await mkdir(join(folder, 'sessions', `${KEY}.json`));
    const refusal = await store.delete('sessions', KEY).catch((thrown: Error) => thrown.message);
    expect(refusal).to.contain('a history record could not be removed: ');
  });

  it('is not used when it lies under the name of another', async () => {
    const store = await onDisk();
    await store.put('sessions', `${OWNER}.resp_1`, '"one"');
    await store.put('sessions', `${OWNER}.resp_2`, '"two"');
    await copyFile(join(folder, 'sessions', `${OWNER}.resp_1.json`), join(folder, 'sessions', `${OWNER}.resp_2.json`));
    expect([await store.get('sessions', `${OWNER}.resp_1`), await store.get('sessions', `${OWNER}.resp_2`)]).to.deep.equal(['one', undefined]);
  });
});

describe('a folder that takes no record', () => {
  it('is named when a record is put, and what was there is not lost', async () => {
    const store = await onDisk();
    await rm(join(folder, 'sessions'), { recursive: true });
    await writeFile(join(folder, 'sessions'), 'in the way');
    const refusal = await store.put('sessions', KEY, '1').catch((thrown: Error) => thrown.message);
    expect(refusal).to.contain(`the history could not be written to ${join(folder, 'sessions')}: E`);
    expect(await store.get('sessions', KEY)).to.equal(undefined);
  });

  // nothing is forbidden to root, for whom the test above stands
  const unlessRoot = process.getuid?.() === 0 ? () => {} : it;
  unlessRoot('is named when it may not be written to', async () => {
    const store = await onDisk();
    await store.put('sessions', KEY, '"before"');
    await chmod(join(folder, 'sessions'), 0o500);
    const refusal = await store.put('sessions', KEY, '"after"').catch((thrown: Error) => thrown.message);
    await chmod(join(folder, 'sessions'), 0o700);
    expect(refusal).to.contain('EACCES');
    expect([await store.get('sessions', KEY), await files()]).to.deep.equal(['before', [`${KEY}.json`]]);
  });

  it('leaves the history in memory when it is so from the start, and that is said once', async () => {
    await writeFile(join(folder, 'file'), '');
    for (const dir of [join(folder, 'file', 'history'), existsSync('/proc') ? '/proc/nowhere/history' : '/dev/null/history', undefined]) {
      warnings = [];
      const settings: StoreChoice = { store: 'disk', dir, limits: { ...LIMITS, entries: 1 } };
      const store = await openStore(settings, clock, log);
      for (const key of ['a', 'b']) await store.put('sessions', key, '1');
      expect([await store.get('sessions', 'a'), await store.get('sessions', 'b')]).to.deep.equal([undefined, 1]);
      expect(warnings).to.have.length(1);
      expect(warnings[0]?.told).to.contain('the history is kept in memory only: ');
    }
  });

  for (const [how, limit] of [
    // a real one: a small file system of its own
    ['is full', 'mount -t tmpfs -o size=1m tmpfs "$1"'],
    // what a full one does, wherever there is no such thing: a write is cut short, the next one fails
    ['takes no more than a part', 'ulimit -f 512'],
  ] as const) {
    const mounts = limit.startsWith('mount');
    if (mounts && !canMount()) continue; // the other one needs no rights
    it(`says so when it ${how}, and keeps neither half a record nor half a file`, async () => {
      const shell = mounts ? ['unshare', '-rm', 'sh'] : ['sh'];
      const { result, files } = await tell([...shell, '-c', `${limit} && exec "$0" "$2" "$1" put ${KEY} ${3 << 20}`, process.execPath, folder, STORE_PROCESS]);
      expect(result).to.match(/^the history could not be written to .*: (ENOSPC|EFBIG)/);
      expect(files).to.deep.equal([]);
    });
  }
});

describe('two processes with one folder', () => {
  it('read what the other wrote, before and after they started', async () => {
    const store = await DiskStore.open({ dir: folder, clock, log, limits: { ...LIMITS, ttl: 20 * 365 * 24 * HOUR } });
    opened.push(store);
    await store.put('sessions', `${OWNER}.resp_1`, '{"from":"one"}');
    const now = Date.now() / 1000; // the other one's clock goes on
    await utimes(await fileOf(), now, now);
    expect((await tell([process.execPath, STORE_PROCESS, folder, 'get', `${OWNER}.resp_1`])).result).to.deep.equal({ from: 'one' });
    expect((await tell([process.execPath, STORE_PROCESS, folder, 'put', `${OWNER}.resp_2`, '{"from":"the other"}'])).files).to.have.length(2);
    expect(await store.get('sessions', `${OWNER}.resp_2`)).to.deep.equal({ from: 'the other' });
  });

  it('read nothing into memory that is larger than they may keep', async () => {
    const [small, large] = [await onDisk({ ...LIMITS, bytes: 1_000 }), await onDisk()];
    await large.put('sessions', KEY, JSON.stringify('x'.repeat(1_000)));
    expect([await small.get('sessions', KEY), await large.get('sessions', KEY)].map((each) => typeof each)).to.deep.equal(['undefined', 'string']);
  });

  it('see that the other deleted, replaced or used a record', async () => {
    const limits = { ...LIMITS, ttl: HOUR };
    const [one, other] = [await onDisk(limits), await onDisk(limits)];
    await one.put('sessions', KEY, '1');
    await other.put('sessions', KEY, '2');
    expect(await one.get('sessions', KEY)).to.equal(2);
    clock.advance(HOUR);
    await other.get('sessions', KEY);
    clock.advance(HOUR);
    expect(await one.get('sessions', KEY)).to.equal(2);
    await other.delete('sessions', KEY);
    expect(await one.get('sessions', KEY)).to.equal(undefined);
    expect(warnings).to.deep.equal([]);
  });

  it('lose no record that was put when one of them is killed', async () => {
    await tell([process.execPath, STORE_PROCESS, folder, 'put', KEY, String(1 << 20)]);
    const now = clock.now() / 1000;
    await utimes(await fileOf(), now, now);
    expect(await (await onDisk()).get('sessions', KEY)).to.have.length(1 << 20);
    expect(warnings).to.deep.equal([]);
  });
});

const STORE_PROCESS = fileURLToPath(new URL('../support/store-process.ts', import.meta.url));

/** What a process of its own tells; then it is killed at once, as by `kill -9`. */
async function tell([command = '', ...words]: string[]): Promise<{ result?: unknown; files: string[] }> {
  const child = spawn(command, words, { stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = once(child, 'close');
  let text = '';
  for await (const part of child.stdout) {
    text += part;
    if (text.endsWith('\n')) child.kill('SIGKILL');
  }
  await ended;
  expect(child.signalCode).to.equal('SIGKILL');
  return JSON.parse(text);
}

function heapUsed(): number {
  setFlagsFromString('--expose-gc');
  runInNewContext('gc')();
  return process.memoryUsage().heapUsed + process.memoryUsage().external;
}

function canMount(): boolean {
  try {
    execFileSync('unshare', ['-rm', 'sh', '-c', `mount -t tmpfs tmpfs "${tmpdir()}"`], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}
