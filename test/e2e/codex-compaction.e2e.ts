import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { expect } from 'chai';
// biome-ignore lint/suspicious/noTsIgnore: the client is there once run.ts has installed it, and "npm test" checks types before
// @ts-ignore
import OpenAI from 'openai';
import { homeFolder, workFolder } from '../support/folders.ts';
import { type RunningGateway, runGateway } from '../support/run-gateway.ts';
import { CodexOnZai, DONE, saidIn, shell } from './support/codex-on-zai.ts';
import { runCodex } from './support/run-codex.ts';
import { type Play, type Turn, ZaiProvider } from './support/zai-provider.ts';

/** Codex compacts when it is told that more was read than this. */
const OVERRIDES = { model_auto_compact_token_limit: 50_000 };
const FULL = 60_000;
const FILLS: Turn = { calls: [shell('echo once >> runs.txt; printf printed-$((1+1))')], read: FULL };
const OURS = 'The earlier part of this conversation was replaced by the summary that follows.';
/** Under this name Codex leaves the compaction to the provider. */
const remote = (config: string): string => config.replace('name = "Tapline"', 'name = "OpenAI"');

describe('Codex compacts, on zai', () => {
  let zai: CodexOnZai;
  before(async () => {
    zai = await CodexOnZai.start();
  });
  after(() => zai.stop());

  const remotely = () => ({ config: remote(zai.gateway.codexConfig), folder: workFolder(), home: homeFolder(), overrides: OVERRIDES });
  const runsIn = (folder: string) => readFileSync(join(folder, 'runs.txt'), 'utf8');

  it('by itself: its prompt passes, and the task goes on with what the model wrote', async () => {
    zai.provider.script(FILLS, { text: 'It ran once.' }, DONE);
    const folder = workFolder();
    await zai.succeed('run it', { folder, overrides: OVERRIDES });
    expect(runsIn(folder)).to.equal('once\n');
    expect(zai.provider.asked).to.have.length(3);
    expect(zai.asked(1).tools).to.equal(undefined);
    expect(saidIn(zai.asked(2)))
      .to.contain('It ran once.')
      .and.not.contain('printed-2');
  });

  it('by a trigger: the model summarises, and the task goes on with the summary', async () => {
    zai.provider.script(FILLS, { reasoning: 'What mattered?', text: 'It ran once.' }, DONE);
    const { folder, config, ...options } = remotely();
    const { stdout, stderr, exitCode } = await runCodex('run it', { folder, config, ...options });
    expect([stdout.trim(), exitCode], stderr).to.deep.equal(['All done.', 0]);
    expect(zai.provider.refused).to.deep.equal([]);
    expect(runsIn(folder)).to.equal('once\n');
    expect(zai.provider.asked).to.have.length(3);
    expect(zai.asked(1).tools).to.equal(undefined);
    expect(saidIn(zai.asked(1))).to.contain('printed-2');
    expect(saidIn(zai.asked(2)))
      .to.contain(OURS)
      .and.contain('It ran once.')
      .and.not.contain('printed-2')
      .and.not.contain('What mattered?');
  });

  it('by a trigger, and asks again by itself when the summary is cut', async () => {
    zai.provider.script(FILLS, { text: 'It r', cut: true }, { text: 'It ran once.' }, DONE);
    const { folder, config, ...options } = remotely();
    const { stdout, stderr, exitCode } = await runCodex('run it', { folder, config, ...options });
    expect([stdout.trim(), exitCode], stderr).to.deep.equal(['All done.', 0]);
    expect(runsIn(folder)).to.equal('once\n');
    expect(zai.provider.asked).to.have.length(4);
  });

  for (const [what, play, words] of [
    ['calls a tool in place of a summary', { calls: [{ ...shell('echo twice >> runs.txt'), unoffered: true }] }, 'the model wrote no summary'],
    ['is refused', { status: 400, code: '1301', message: 'System detected potentially unsafe content' }, 'unsafe content'],
  ] satisfies [string, Play, string][]) {
    it(`ends with a reason when the model ${what}, and loses nothing: the next turn compacts and goes on`, async () => {
      zai.provider.script(FILLS, play, DONE);
      const { config, ...options } = remotely();
      const failed = await runCodex('run it', { config, ...options });
      expect(failed.stderr).to.contain(words);
      expect(failed.exitCode).to.equal(1);
      expect(zai.provider.asked).to.have.length(2);

      zai.provider.script({ text: 'It ran once.' }, DONE);
      const { stdout, stderr } = await runCodex('go on', { ...options, command: ['resume', '--last'] });
      expect(stdout.trim(), stderr).to.equal('All done.');
      expect(saidIn(zai.asked(0))).to.contain('printed-2');
      expect(saidIn(zai.asked(1)))
        .to.contain('It ran once.')
        .and.contain('go on');
      expect(runsIn(options.folder)).to.equal('once\n');
    });
  }

  it('and a thread that another provider compacted is refused once, with what to do', async () => {
    zai.provider.script(FILLS, { text: 'It ran once.' }, DONE);
    const { config, ...options } = remotely();
    await runCodex('run it', { config, ...options });
    zai.provider.script(DONE);
    const { stderr, exitCode } = await runCodex('go on', { ...options, overrides: { ...OVERRIDES, model: 'other-1' }, command: ['resume', '--last'] });
    expect(stderr).to.contain('start a new session');
    expect(exitCode).to.equal(1);
    expect(zai.provider.asked).to.have.length(0);
  });

  it('by the route of its own, as version 0.110 does: the task goes on with the summary', async () => {
    zai.provider.script(FILLS, { text: 'It ran once.' }, DONE);
    const { folder, config, ...options } = remotely();
    const { stdout, stderr, exitCode } = await runCodex('run it', { version: '0.110', folder, config, ...options });
    expect([stdout.trim(), exitCode], stderr).to.deep.equal(['All done.', 0]);
    expect(zai.provider.refused).to.deep.equal([]);
    expect(runsIn(folder)).to.equal('once\n');
    expect(zai.provider.asked).to.have.length(3);
    expect(saidIn(zai.asked(2)))
      .to.contain(OURS)
      .and.contain('It ran once.')
      .and.not.contain('printed-2');
  });

  it('as the openai SDK does: what compact() gives is the next input', async () => {
    const client = new OpenAI({ baseURL: `${zai.gateway.url}/v1`, apiKey: 'not-needed-here', maxRetries: 0 });
    zai.provider.script({ text: 'Ada greeted, and was told a number: 41.' });
    const compacted = await client.responses.compact({
      model: 'glm-5.3',
      input: [
        { role: 'user', content: 'I am Ada.' },
        { role: 'assistant', content: 'Hello. Your number is 41.' },
      ],
    });
    expect(compacted.object).to.equal('response.compaction');
    expect(compacted.output.map(({ type }: { type: string }) => type)).to.deep.equal(['message', 'compaction']);
    expect(compacted.usage.total_tokens).to.equal(195);

    zai.provider.script({ text: '41.' });
    const answer = await client.responses.create({
      model: 'glm-5.3',
      input: [...(compacted.output as OpenAI.Responses.ResponseInputItem[]), { role: 'user', content: 'My number?' }],
    });
    expect(answer.output_text).to.equal('41.');
    const said = zai.asked(0).messages.map(({ role, content }) => `${role}: ${content}`);
    expect([said[0], said[2]]).to.deep.equal(['user: I am Ada.', 'user: My number?']);
    expect(said[1]).to.contain(OURS).and.contain('told a number: 41.');
    expect(zai.provider.refused).to.deep.equal([]);
  });
});

const CALLS = 30;
/** Milliseconds in which the beginning of an answer has reached Codex. */
const IN_THE_MIDST = 300;
const count = (from: number, to: number): number[] => Array.from({ length: to - from + 1 }, (_, at) => from + at);
const writes = (line: number) => shell(`echo ${line} >> lines.txt`);

describe('A session of 30 calls with Codex 0.169, on zai with its history on disk', () => {
  let provider: ZaiProvider;
  let session: Supervised;
  before(async () => {
    provider = await ZaiProvider.start();
    session = await Supervised.start(provider, workFolder());
  });
  after(async () => {
    await session.stop();
    await provider.stop();
  });

  it('survives kill -9 of the gateway in a call, in an answer and in a summary, is compacted by Codex and by a trigger, and runs each call once', async () => {
    const { folder } = session;
    const home = homeFolder();
    const client = new OpenAI({ baseURL: `${session.gateway.url}/v1`, apiKey: 'not-needed-here', maxRetries: 0 });
    provider.script({ text: 'Hello Ada.' });
    const { id } = await client.responses.create({ model: 'glm-5.3', input: 'I am Ada.' });
    const call = (line: number, more: Turn = {}): Turn => ({ reasoning: `Thought of line ${line}.`, calls: [writes(line)], ...more });
    /** It never gets further: the gateway is killed when Codex has what there is of it. */
    const killed = (turn: Turn) => (): Turn => ({ ...turn, silent: true, hold: delay(IN_THE_MIDST).then(() => session.kill()) });

    provider.script(
      ...count(1, 9).map((line) => call(line)),
      killed(call(10)),
      ...count(10, 13).map((line) => call(line)),
      call(14, { read: FULL }),
      { text: 'SUMMARY-ONE: lines 1 to 14 are written.' },
      call(15),
      { text: 'Half of it is done.' },
    );
    const options = { folder, home, overrides: OVERRIDES, timeout: 120_000 };
    const first = await runCodex('write thirty lines', { config: session.gateway.codexConfig, ...options });
    expect(provider.refused, first.stderr).to.deep.equal([]);
    expect([first.stdout.trim(), first.exitCode], first.stderr).to.deep.equal(['Half of it is done.', 0]);
    expect(provider.asked).to.have.length(18);
    expect(saidIn(provider.asked[16] as never))
      .to.contain('SUMMARY-ONE')
      .and.not.contain('echo 14 ');

    const inCall = 'old=$(cat gateway.pid); kill -9 $old; while [ "$(cat gateway.pid)" = $old ]; do sleep 0.05; done; echo 20 >> lines.txt';
    provider.script(
      ...count(16, 19).map((line) => call(line)),
      call(20, { calls: [{ name: 'exec_command', arguments: { cmd: inCall, yield_time_ms: 30_000 } }] }),
      ...count(21, 23).map((line) => call(line)),
      call(24, { read: FULL }),
      killed({ text: 'SUMMARY-TW' }),
      { text: 'SUMMARY-TWO: lines 1 to 24 are written.' },
      ...count(25, CALLS).map((line) => call(line)),
      DONE,
    );
    const second = await runCodex('go on', { config: remote(session.gateway.codexConfig), ...options, command: ['resume', '--last'] });
    expect(provider.refused, second.stderr).to.deep.equal([]);
    expect([second.stdout.trim(), second.exitCode], second.stderr).to.deep.equal(['All done.', 0]);
    expect(provider.asked).to.have.length(18);
    expect(saidIn(provider.asked[10] as never)).to.contain('SUMMARY-ONE'); // what is summarised
    expect(saidIn(provider.asked[11] as never))
      .to.contain(OURS)
      .and.contain('SUMMARY-TWO')
      .and.not.contain('echo 24 ');

    expect(readFileSync(join(folder, 'lines.txt'), 'utf8')).to.equal(
      count(1, CALLS)
        .map((line) => `${line}\n`)
        .join(''),
    );
    expect(session.kills).to.equal(3);

    // Codex carries all it needs itself: a client that does not finds it on the disk
    provider.script({ text: 'Ada.' });
    await client.responses.create({ model: 'glm-5.3', previous_response_id: id, input: 'My name?' });
    expect(saidIn(provider.asked[0] as never)).to.contain('Hello Ada.');
  }).timeout(240_000);
});

/** A gateway that is started again on its port whenever it is killed; its process id stands in `gateway.pid`. */
class Supervised {
  readonly folder: string;
  gateway: RunningGateway;
  kills = 0;
  readonly #provider: ZaiProvider;
  #stopping = false;

  private constructor(provider: ZaiProvider, folder: string, gateway: RunningGateway) {
    this.#provider = provider;
    this.folder = folder;
    this.gateway = gateway;
    this.#watch();
  }

  static async start(provider: ZaiProvider, folder: string): Promise<Supervised> {
    return new Supervised(provider, folder, await start(provider, folder, '0'));
  }

  /** At once, as `kill -9` does. */
  kill(): void {
    this.gateway.child.kill();
  }

  async stop(): Promise<void> {
    this.#stopping = true;
    expect(await this.gateway.stop()).to.equal(0);
  }

  #watch(): void {
    writeFileSync(join(this.folder, 'gateway.pid'), String(this.gateway.child.pid));
    void this.gateway.child.ended.then(() => (this.#stopping ? undefined : this.#restart()));
  }

  async #restart(): Promise<void> {
    this.kills++;
    this.gateway = await start(this.#provider, this.folder, new URL(this.gateway.url).port);
    this.#watch();
  }
}

function start({ environment }: ZaiProvider, folder: string, port: string): Promise<RunningGateway> {
  const words = ['--preset', 'zai', '--history-store', 'disk', '--history-dir', join(folder, 'history')];
  return runGateway(words, { environment: { ...environment, PROXY_PORT: port } });
}
