import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { expect } from 'chai';
import { Child, plainEnvironment } from '../support/child.ts';
import { homeFolder, workFolder } from '../support/folders.ts';
import { REPOSITORY, type RunningGateway, runGateway, runTapline } from '../support/run-gateway.ts';
import { freePort } from './support/free-port.ts';

const OPENCODE = join(import.meta.dirname, 'node_modules/.bin/opencode');
const SDK = `const { default: OpenAI } = await import('openai');
const { choices } = await new OpenAI().chat.completions.create({ model: process.argv[1], messages: [{ role: 'user', content: 'hi' }] });
console.log(choices[0].message.content);`;
const CLAUDE = join(dirname(createRequire(import.meta.url).resolve('@anthropic-ai/claude-code/package.json')), 'cli-wrapper.cjs');
const KEY = 'client-key-0123456789';
const SAID = 'Hello! I am the demo provider';

describe('what print-config prints, pasted', () => {
  for (const [how, key] of [
    ['no key', {}],
    ['a key', { TAPLINE_API_KEY: KEY }],
  ] as const) {
    describe(`where clients need ${how}`, () => {
      const environment: Record<string, string> = { ...key };
      const flags = ['--no-config', '--preset', 'demo'];
      let gateway: RunningGateway;
      before(async () => {
        environment['PROXY_PORT'] = String(await freePort());
        gateway = await runGateway(flags, { environment });
      });
      after(async () => expect(await gateway.stop()).to.equal(0));

      async function printed(client: string): Promise<string> {
        const { stdout, stderr, exitCode } = await runTapline(['print-config', client, ...flags], { environment });
        expect([exitCode, stderr]).to.deep.equal([0, '']);
        return stdout;
      }

      async function run(program: string, words: string[], folder: string, said = SAID): Promise<void> {
        const child = new Child(program, words, { folder, environment: plainEnvironment({ HOME: homeFolder(), ...key }), timeout: 60_000 });
        expect(await child.ended, child.stderr).to.equal(0);
        expect(child.stdout).to.include(said);
      }

      it('works for opencode as opencode.json', async () => {
        await run(OPENCODE, ['run', 'say hello'], workFolder({ 'opencode.json': await printed('opencode') }));
      }).timeout(75_000);

      it('works for Claude Code as lines of a shell, which knows the window of a model that it does not know', async () => {
        const lines = `${await printed('claude')}\nexport IS_SANDBOX=1 CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC=1 DISABLE_AUTOUPDATER=1`;
        const claude = (prompt: string, said: string) =>
          run('sh', ['-c', `${lines}\nexec "$0" "$1" -p "$2"`, process.execPath, CLAUDE, prompt], workFolder(), said);
        await claude('say hello', SAID);
        await claude('/context', '/ 128k');
      });

      it('works for the openai SDK as lines of a shell', async () => {
        const lines = await printed('openai');
        const model = /^# model: (.+)$/m.exec(lines)?.[1] ?? '';
        const folder = join(REPOSITORY, 'test/e2e'); // where the SDK is
        await run('sh', ['-c', `${lines}\nexec "$0" --input-type=module -e "$1" "$2"`, process.execPath, SDK, model], folder);
      });
    });
  }
});
