import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { homeFolder, workFolder } from '../support/folders.ts';
import { type RunningGateway, runGateway, runTapline } from '../support/run-gateway.ts';
import { json, ScriptedProvider, says } from '../support/scripted-provider.ts';
import { freePort } from './support/free-port.ts';
import { type CodexVersion, runCodex } from './support/run-codex.ts';
import { ZaiProvider } from './support/zai-provider.ts';

const VERSIONS: CodexVersion[] = ['0.169', '0.110'];
const PRESETS = ['zai', 'openai-compatible', 'demo'] as const;
const MODEL = 'some-model';
const OWN = '# mine\n[tui]\nnotifications = false # stays\n';

interface Place {
  words: readonly string[];
  environment: Record<string, string>;
}

describe('tapline print-config codex --write, then codex exec', () => {
  let zai: ZaiProvider;
  let other: ScriptedProvider;
  before(async () => {
    zai = await ZaiProvider.start();
    zai.script({ text: 'Hello from GLM.' });
    const talk = says('Hello from some model.');
    other = await ScriptedProvider.start((response, asked) =>
      (asked.method === 'GET' ? json(200, { object: 'list', data: [{ id: MODEL, object: 'model' }] }) : talk)(response, asked),
    );
  });
  after(async () => {
    await zai.stop();
    await other.stop();
  });

  for (const preset of PRESETS) {
    describe(`preset ${preset}`, () => {
      let gateway: RunningGateway;
      let place: Place;
      before(async () => {
        place = await placeOf(preset);
        gateway = await runGateway(place.words, { environment: place.environment });
      });
      after(async () => expect(await gateway.stop()).to.equal(0));

      for (const version of VERSIONS) {
        it(`works without a warning, version ${version}, and offers what the catalogue promises`, async () => {
          const home = homeFolder();
          await writeConfig(home);
          const { stdout, stderr, exitCode } = await runCodex('say hello', { version, home });
          expect(exitCode, stderr).to.equal(0);
          expect(stdout).to.match(/^Hello/);
          expect(stderr).not.to.match(/warning|not found|unrecognized|ERROR/i);
          const offered = preset === 'zai' ? zai.asked.at(-1)?.tools : preset === 'openai-compatible' ? other.asked.at(-1)?.body.tools : undefined;
          if (preset !== 'demo') expect(JSON.stringify(offered)).to.contain('"name":"apply_patch"');
        });
      }

      it('keeps what stands in the config, and changes nothing the second time', async () => {
        const home = homeFolder();
        const file = join(home, 'config.toml');
        writeFileSync(file, OWN);
        await writeConfig(home);
        const written = readFileSync(file, 'utf8');
        expect(written).to.contain('# mine').and.contain('notifications = false # stays');
        await writeConfig(home);
        expect(readFileSync(file, 'utf8')).to.equal(written);
        for (const version of VERSIONS) {
          const { stdout, stderr } = await runCodex('say hello', { version, home });
          expect(stdout, stderr).to.match(/^Hello/);
        }
      });

      async function writeConfig(home: string): Promise<void> {
        const { stderr, exitCode } = await runTapline(['print-config', 'codex', '--write', ...place.words], {
          environment: { ...place.environment, CODEX_HOME: home },
          folder: workFolder(),
        });
        expect(exitCode, stderr).to.equal(0);
      }
    });
  }

  /** The flags of both commands, with a port that is free. */
  async function placeOf(preset: (typeof PRESETS)[number]): Promise<Place> {
    const port = { PROXY_PORT: String(await freePort()) };
    if (preset === 'zai') return { words: ['--preset', preset], environment: { ...port, ...zai.environment } };
    const upstream = preset === 'openai-compatible' ? ['--upstream', other.base] : [];
    return { words: ['--preset', preset, ...upstream], environment: port };
  }
});
