import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { type Flags, readSettings, type Settings } from '../../core/config/settings.ts';
import { stateDirOf } from '../../core/config/state-dir.ts';
import { LIMITS } from '../../core/store/limits.ts';

const HOUR = 3_600_000;
let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tapline-history-'));
});
afterEach(() => rm(folder, { recursive: true }));

const read = (flags: Flags = {}, variables: NodeJS.ProcessEnv = {}): Promise<Settings> => readSettings({ preset: 'demo', ...flags }, folder, variables);
const refusal = (flags: Flags = {}, variables: NodeJS.ProcessEnv = {}): Promise<string> =>
  read(flags, variables).then(
    () => 'accepted',
    (thrown: Error) => thrown.message,
  );
const configure = (history: object, name = 'proxy.config.json'): Promise<void> => writeFile(join(folder, name), JSON.stringify({ history }));

describe('settings of the history', () => {
  it('keep it in memory, within limits, unless told otherwise', async () => {
    const { history, notes } = await read({}, { XDG_STATE_HOME: '/state' });
    expect(history).to.deep.equal({ store: 'memory', dir: '/state/tapline/history', limits: LIMITS });
    expect(LIMITS).to.deep.equal({ entries: 256, bytes: 512 << 20, ttl: 168 * HOUR });
    expect(notes.join()).to.not.contain('history');
  });

  it('come from a flag, then the environment, then the file', async () => {
    await configure({ store: 'disk', dir: 'of-the-file', ttlHours: 1.5, maxEntries: 7, maxMb: 0.5 });
    expect((await read()).history).to.deep.equal({
      store: 'disk',
      dir: join(folder, 'of-the-file'),
      limits: { entries: 7, bytes: 512 << 10, ttl: 1.5 * HOUR },
    });
    const variables = { TAPLINE_HISTORY_STORE: 'Memory', TAPLINE_HISTORY_DIR: '/of-the-environment' };
    expect((await read({}, variables)).history).to.include({ store: 'memory', dir: '/of-the-environment' });
    const flags = { historyStore: 'disk', historyDir: 'of-the-flag', historyTtlHours: '24', historyMaxEntries: '10000', historyMaxMb: '64' };
    expect((await read(flags, variables)).history).to.deep.equal({
      store: 'disk',
      dir: join(folder, 'of-the-flag'),
      limits: { entries: 10_000, bytes: 64 << 20, ttl: 24 * HOUR },
    });
  });

  it('take the folder of a named file from beside that file', async () => {
    await writeFile(join(folder, 'mine.json'), '{"history":{"store":"disk","dir":"kept"}}');
    expect((await readSettings({ preset: 'demo', config: join(folder, 'mine.json') }, tmpdir(), {})).history.dir).to.equal(join(folder, 'kept'));
  });

  it('are read from .env too', async () => {
    await writeFile(join(folder, '.env'), 'TAPLINE_HISTORY_STORE=disk\nTAPLINE_HISTORY_DIR=kept');
    expect((await read()).history).to.include({ store: 'disk', dir: join(folder, 'kept') });
  });

  it('take an empty variable for none', async () =>
    expect((await read({}, { TAPLINE_HISTORY_STORE: '', TAPLINE_HISTORY_DIR: '', TAPLINE_STATE_DIR: '/state' })).history).to.include({
      store: 'memory',
      dir: '/state/history',
    }));

  it('say that a folder is not used in memory', async () => {
    expect((await read({ historyDir: '/kept' })).notes.join()).to.contain('/kept is not used');
    expect((await read({ historyDir: '/kept', historyStore: 'disk' })).notes.join()).to.not.contain('is not used');
  });

  for (const [flags, said] of [
    [{ historyStore: 'redis' }, '--history-store: "redis" is not one of memory, disk'],
    [{ historyTtlHours: '0' }, '--history-ttl-hours: "0" is not a number above 0, up to 87600; to keep nothing, disable the plugin that keeps the history'],
    [{ historyTtlHours: '-1' }, '--history-ttl-hours: "-1"'],
    [{ historyTtlHours: '1e9' }, '--history-ttl-hours: "1e9"'],
    [{ historyMaxEntries: '0' }, '--history-max-entries: "0" is not a whole number from 1, up to 100000'],
    [{ historyMaxEntries: '2.5' }, '--history-max-entries: "2.5"'],
    [{ historyMaxEntries: '100001' }, '--history-max-entries: "100001"'],
    [{ historyMaxMb: 'much' }, '--history-max-mb: "much" is not a number above 0'],
    [{ historyMaxMb: '0.0' }, '--history-max-mb: "0.0"'],
  ] as const) {
    it(`refuse ${JSON.stringify(flags)}`, async () => expect(await refusal(flags)).to.contain(said));
  }

  it('refuse a variable that is none of the words', async () =>
    expect(await refusal({}, { TAPLINE_HISTORY_STORE: 'tape' })).to.equal('TAPLINE_HISTORY_STORE: "tape" is not one of memory, disk'));

  for (const [history, said] of [
    [{ stor: 'disk' }, 'stor'],
    [{ store: 'redis' }, 'history.store'],
    [{ dir: '' }, 'history.dir'],
    [{ ttlHours: 0 }, 'history.ttlHours'],
    [{ maxEntries: 1.5 }, 'history.maxEntries'],
    [{ maxMb: '512' }, 'history.maxMb'],
  ] as const) {
    it(`refuse ${JSON.stringify(history)} in the file`, async () => {
      await configure(history);
      expect(await refusal()).to.contain(said);
    });
  }
});

describe('the state directory', () => {
  it('is the one that is named, from the working directory', async () => {
    const variables = { TAPLINE_STATE_DIR: 'of-the-environment', XDG_STATE_HOME: '/xdg' };
    expect((await read({ stateDir: 'of-the-flag' }, variables)).stateDir).to.equal(join(folder, 'of-the-flag'));
    const { stateDir, history } = await read({}, variables);
    expect([stateDir, history.dir]).to.deep.equal([join(folder, 'of-the-environment'), join(folder, 'of-the-environment', 'history')]);
  });

  for (const [platform, variables, expected] of [
    ['linux', { HOME: '/home/me' }, '/home/me/.local/state/tapline'],
    ['linux', { HOME: '/home/me', XDG_STATE_HOME: '/xdg' }, '/xdg/tapline'],
    ['linux', { HOME: '/home/me', XDG_STATE_HOME: 'relative' }, '/home/me/.local/state/tapline'],
    ['darwin', { HOME: '/Users/me' }, '/Users/me/Library/Application Support/tapline'],
    ['darwin', { HOME: '/Users/me', XDG_STATE_HOME: '/xdg' }, '/xdg/tapline'],
    ['win32', { USERPROFILE: '/me', LOCALAPPDATA: '/me/Local' }, '/me/Local/tapline'],
    ['win32', { USERPROFILE: '/me' }, '/me/AppData/Local/tapline'],
  ] as const) {
    it(`is ${expected} on ${platform} with ${Object.keys(variables).join(' and ')}`, () => expect(stateDirOf(variables, platform)).to.equal(expected));
  }
});
