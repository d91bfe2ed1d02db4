import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { workFolder } from '../support/folders.ts';
import { CodexOnZai, catalogue, DONE, outputsOf, saidIn, shell, sinceUser } from './support/codex-on-zai.ts';
import type { CodexVersion } from './support/run-codex.ts';
import type { Play } from './support/zai-provider.ts';

const VERSIONS: CodexVersion[] = ['0.169', '0.110'];
const HTML = '<html><head><title>502 Bad Gateway</title></head><body>nginx at 10.1.2.3</body></html>';
const refusal = (status: number, code: string, message: string) => ({ status, code, message });
const errorEvent = (code: string, message: string) => `data: ${JSON.stringify({ error: { code, message } })}\n\n`;
/** What Codex prints of each try that it makes again. */
const RECONNECTING = /Reconnecting/;

/** Words of its own, which 0.110 does not have before the head: there it shows the provider's. */
const QUOTA = /Quota exceeded\. Check your plan and billing details\.|Payment required|Insufficient balance/;
const OVERFLOW = /ran out of room in the model's context window|Prompt exceeds max length/;

interface Fault {
  what: string;
  play: Play;
  /** How often the provider is asked: at least, at most. */
  asked: [number, number];
  /** What Codex prints. */
  shown: RegExp;
  exitCode?: number;
}

const BEFORE_THE_HEAD: Fault[] = [
  { what: '401', play: refusal(401, '1000', 'Authentication Failed'), asked: [1, 1], shown: /ERROR: .*key/i },
  { what: '402', play: refusal(402, '402', 'Payment required'), asked: [1, 1], shown: QUOTA },
  {
    what: '403',
    play: refusal(403, '1311', 'The current plan does not include this model'),
    asked: [1, 1],
    shown: /The current plan does not include this model/,
  },
  {
    what: '404',
    play: refusal(404, '1211', 'Unknown Model, please check the model code.'),
    asked: [1, 1],
    shown: /Unknown Model, please check the model code/,
  },
  { what: '413', play: refusal(413, '413', 'Request Entity Too Large'), asked: [1, 1], shown: /too large/i },
  { what: '500', play: refusal(500, '500', 'Internal failure at 10.1.2.3'), asked: [1, 3], shown: /the provider failed to answer \(HTTP 500\)/ },
  { what: '503', play: refusal(503, '1305', 'The service is temporarily overloaded'), asked: [1, 3], shown: /overloaded/i },
  { what: 'an HTML page with 502', play: { status: 502, type: 'text/html', body: HTML }, asked: [1, 3], shown: /HTTP 502/ },
  {
    what: 'an empty account',
    play: refusal(429, '1113', 'Insufficient balance'),
    asked: [1, 1],
    shown: QUOTA,
  },
  {
    what: 'a prompt that is too long',
    play: refusal(400, '1261', 'Prompt exceeds max length'),
    asked: [1, 1],
    shown: OVERFLOW,
  },
  {
    what: 'a content filter with 400',
    play: refusal(400, '1301', 'System detected potentially unsafe content'),
    asked: [1, 1],
    shown: /unsafe content|filter/i,
  },
];

const IN_THE_STREAM: Fault[] = [
  { what: 'an error object for good', play: { text: 'Half', tail: errorEvent('1234', 'network error at 10.1.2.3') }, asked: [1, 6], shown: /provider failed/i },
  { what: 'an error object before anything else', play: { tail: errorEvent('1234', 'network error at 10.1.2.3') }, asked: [1, 1], shown: /provider failed/i },
  {
    what: 'an overflow',
    play: { tail: errorEvent('1261', 'Prompt exceeds max length') },
    asked: [1, 1],
    shown: /ran out of room in the model's context window/,
  },
  {
    what: 'a used up quota',
    play: { tail: errorEvent('1113', 'Insufficient balance') },
    asked: [1, 1],
    shown: /Quota exceeded\. Check your plan and billing details\./,
  },
  {
    what: 'a cut, every time',
    play: { text: 'Half of an', cut: true },
    asked: [1, 6],
    shown: /connection lost: the stream was interrupted, the connection to the provider broke in the middle of its answer/,
  },
  {
    what: 'garbage and nothing else',
    play: { status: 200, type: 'text/event-stream', body: 'data: {"choices":[{"del\n\ndata: <<<>>>\n\n' },
    asked: [1, 6],
    shown: /provider/i,
  },
  { what: 'an HTML page with 200', play: { status: 200, type: 'text/html', body: HTML }, asked: [1, 6], shown: /provider/i },
  { what: 'an empty answer', play: { status: 200, type: 'text/event-stream', body: '' }, asked: [1, 6], shown: /provider/i },
];

describe('Codex and the faults of a model, on zai', () => {
  let zai: CodexOnZai;
  before(async () => {
    zai = await CodexOnZai.start();
  });
  after(() => zai.stop());

  for (const version of VERSIONS) {
    describe(`version ${version}`, () => {
      it('tells the model that its arguments are no JSON, and goes on', async () => {
        zai.provider.script({ calls: [{ name: 'exec_command', arguments: '{"cmd": "touch ran.txt", ' }] }, DONE);
        const folder = workFolder();
        await zai.succeed('run it', { version, folder });
        expect(existsSync(join(folder, 'ran.txt'))).to.equal(false);
        expect(zai.provider.asked).to.have.length(2);
        expect(outputsOf(zai.asked(1))[0]).to.match(/failed to parse function arguments/);
      });

      it('runs two calls with one id, each once, and tells both outputs apart', async () => {
        const twice = (word: string) => ({ ...shell(`echo ${word} >> runs.txt; printf out-${word}`), id: 'call_of_both' });
        zai.provider.script({ calls: [twice('one'), twice('two')] }, DONE);
        const folder = workFolder();
        await zai.succeed('run both', { version, folder });
        expect(readFileSync(join(folder, 'runs.txt'), 'utf8').trim().split('\n').sort()).to.deep.equal(['one', 'two']);
        const [first, second, ...more] = outputsOf(zai.asked(1));
        expect(first).to.contain('out-one');
        expect(second).to.contain('out-two');
        expect(more).to.deep.equal([]);
        expect(new Set(sinceUser(zai.asked(1))[0]?.tool_calls?.map(({ id }) => id)).size).to.equal(2);
      });

      it('ends well when a text reaches the limit, and says so', async () => {
        zai.provider.script({ text: 'As far as it went', finish: 'length' });
        const { stdout, stderr, exitCode } = await zai.run('write a lot', { version });
        expect(exitCode, stderr).to.equal(0);
        expect(stdout + stderr)
          .to.contain('As far as it went')
          .and.contain('reached the limit of output tokens');
        expect(zai.provider.asked).to.have.length(1);
      });

      it('never runs a call that reached the limit', async () => {
        const folder = workFolder();
        zai.provider.script({ text: 'I shall run it.', calls: [{ name: 'exec_command', arguments: '{"cmd":"touch ran.txt","workdir":"/' }], finish: 'length' });
        const { stdout, stderr, exitCode } = await zai.run('run it', { version, folder });
        expect(exitCode, stderr).to.equal(0);
        expect(stdout + stderr).to.contain('reached the limit of output tokens');
        expect(zai.provider.asked).to.have.length(1);
        expect(existsSync(join(folder, 'ran.txt'))).to.equal(false);
      });

      it('does not run the last call before the limit, though it looks whole: nothing told that it is', async () => {
        const folder = workFolder();
        zai.provider.script({ calls: [shell('echo ran >> runs.txt')], finish: 'length' }, DONE);
        const { stdout } = await zai.run('run it', { version, folder });
        expect(stdout).to.contain('was cut off here');
        expect(existsSync(join(folder, 'runs.txt'))).to.equal(false);
        expect(zai.provider.asked).to.have.length(1);
      });

      it('asks once when a content filter stops the answer, and says so', async () => {
        for (const finish of ['content_filter', 'sensitive']) {
          zai.provider.script({ text: 'It begins with', finish });
          const { stderr, exitCode } = await zai.run('write that', { version });
          expect(stderr).to.contain("The provider's content filter stopped this answer.");
          expect(exitCode).to.equal(1);
          expect(zai.provider.asked).to.have.length(1);
        }
      });

      it('runs a call that was cut in its arguments only when the next attempt brings it whole', async () => {
        const folder = workFolder();
        zai.provider.script(
          { calls: [{ name: 'exec_command', arguments: '{"cmd":"echo half >> runs.txt' }], cut: true },
          { calls: [shell('echo whole >> runs.txt')] },
          DONE,
        );
        await zai.succeed('run it', { version, folder });
        expect(readFileSync(join(folder, 'runs.txt'), 'utf8')).to.equal('whole\n');
        expect(zai.provider.asked).to.have.length(3);
      });

      it('changes nothing by a patch that reached the limit', async () => {
        const folder = workFolder({ 'a.txt': 'old\n' });
        const cut = '{"input":"*** Begin Patch\\n*** Update File: a.txt\\n@@\\n-old\\n+ne';
        zai.provider.script({ calls: [{ name: 'apply_patch', arguments: cut }], finish: 'length' });
        const { exitCode, stderr } = await zai.run('patch it', { version, folder, overrides: { model_catalog_json: catalogue() } });
        expect(exitCode, stderr).to.equal(0);
        expect(readFileSync(join(folder, 'a.txt'), 'utf8')).to.equal('old\n');
        expect(zai.provider.asked).to.have.length(1);
      });
    });
  }
});

describe('Codex and the faults of a provider, on zai', () => {
  let zai: CodexOnZai;
  before(async () => {
    zai = await CodexOnZai.start();
  });
  after(() => zai.stop());

  for (const version of VERSIONS) {
    describe(`version ${version}`, () => {
      for (const { what, play, asked, shown, exitCode = 1 } of BEFORE_THE_HEAD) {
        it(`ends after ${what}, without a second try of its own`, async () => {
          zai.provider.script(play);
          const ended = await zai.run('say hello', { version });
          expect(ended.stderr).to.match(shown);
          expect(ended.stdout + ended.stderr)
            .not.to.match(RECONNECTING)
            .and.not.to.contain('10.1.2.3');
          expect(ended.exitCode).to.equal(exitCode);
          expect(zai.provider.asked.length).to.be.within(...asked);
        });
      }

      for (const { what, play, asked, shown, exitCode = 1 } of IN_THE_STREAM) {
        it(`ends by itself after ${what} in the stream`, async () => {
          zai.provider.script(play);
          const ended = await zai.run('say hello', { version });
          expect(ended.stderr).to.match(shown);
          expect(ended.stdout + ended.stderr).not.to.contain('10.1.2.3');
          expect(ended.exitCode).to.equal(exitCode);
          expect(zai.provider.asked.length).to.be.within(...asked);
        });
      }

      it('goes on after an error in the stream that passes', async () => {
        zai.provider.script({ text: 'Half', tail: errorEvent('1234', 'network error') }, DONE);
        await zai.succeed('say hello', { version });
        expect(zai.provider.asked).to.have.length(2);
        expect(saidIn(zai.asked(1))).to.contain('say hello');
      });

      it('ends by itself when the provider throttles for ever', async () => {
        zai.provider.script(refusal(429, '1302', 'High concurrency usage of this API'));
        const { stderr, exitCode } = await zai.run('say hello', { version });
        expect(exitCode).to.equal(1);
        expect(stderr).to.match(/429|concurrency/i);
        // 0.169 asks six times, the one before not again; the gateway tries each up to three times
        const [least, most] = version === '0.169' ? [6, 18] : [1, 3];
        expect(zai.provider.asked.length).to.be.within(least, most);
      });
    });
  }
});

describe('Codex and a provider that falls silent, on zai with an idle limit of a second', () => {
  let zai: CodexOnZai;
  before(async () => {
    zai = await CodexOnZai.start({ preset: ['zai', { timeouts: { idle: 1000 } }] });
  });
  after(() => zai.stop());

  for (const version of VERSIONS) {
    it(`ends at once, version ${version}, and says why`, async () => {
      zai.provider.script({ text: 'Half of an', silent: true });
      const { stderr, exitCode } = await zai.run('say hello', { version });
      expect(exitCode).to.equal(1);
      expect(stderr).to.contain('the provider sent nothing new for 1 s');
      expect(zai.provider.asked).to.have.length(1);
    });
  }
});
