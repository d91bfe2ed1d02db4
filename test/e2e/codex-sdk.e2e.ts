import { readFileSync } from 'node:fs';
import { join } from 'node:path';
// biome-ignore lint/suspicious/noTsIgnore: the client is there once run.ts has installed it, and "npm test" checks types before
// @ts-ignore
import { Codex } from '@openai/codex-sdk';
import { expect } from 'chai';
import { plainEnvironment } from '../support/child.ts';
import { homeFolder, workFolder } from '../support/folders.ts';
import type { RunningGateway } from '../support/run-gateway.ts';
import type { TurnProvider } from '../support/turn.ts';
import { type Overheard, overhear } from './support/overhear.ts';
import { gatewayOn, UPSTREAMS } from './support/strict-upstreams.ts';

// biome-ignore lint/suspicious/noExplicitAny: events of any shape, and without the client there are no types
type Loose = any;
const COMMAND = 'printf "there and back" > out.txt';

/** It brings a Codex of its own version; package.json gives it the one that is there, or 800 MB more would be installed. */
for (const dialect of ['responses', 'chat'] as const) {
  describe(`the Codex SDK 0.163 with a base alone, on a provider of ${dialect}`, () => {
    let provider: TurnProvider;
    let gateway: RunningGateway;
    let between: Overheard;
    before(async () => {
      provider = await UPSTREAMS[dialect].start();
      gateway = await gatewayOn(provider, dialect);
      between = await overhear(gateway.url);
    });
    after(async () => {
      await between.stop();
      expect(await gateway.stop()).to.equal(0);
      await provider.stop();
    });

    it('streams two turns of a thread with a command that writes a file, and tells what they used', async () => {
      const [folder, home] = [workFolder(), homeFolder()];
      const codex = new Codex({
        baseUrl: `${between.url}/v1`,
        apiKey: 'not-needed-here',
        env: plainEnvironment({ CODEX_HOME: home, HOME: home }),
        config: { check_for_update_on_startup: false, analytics: { enabled: false } },
      });
      const thread = codex.startThread({
        model: 'm',
        workingDirectory: folder,
        skipGitRepoCheck: true,
        sandboxMode: 'danger-full-access',
        approvalPolicy: 'never',
      });
      const call = { name: 'exec_command', input: { cmd: COMMAND } };
      provider.script({ thinking: 'A file.', text: 'I write it.', calls: [call] }, { text: 'All done.' }, { text: 'Nothing more.' });
      const first = await eventsOf(thread, 'write the file');
      const second = await eventsOf(thread, 'and now?');

      expect(provider.refused).to.deep.equal([]);
      expect(readFileSync(join(folder, 'out.txt'), 'utf8')).to.equal('there and back');
      expect([said(first), said(second)]).to.deep.equal([['I write it.', 'All done.'], ['Nothing more.']]);
      expect(completed(first, 'reasoning').map(({ text }) => text)).to.deep.equal(['A file.']);
      expect(completed(first, 'command_execution')[0]).to.include({ exit_code: 0, status: 'completed' });
      for (const events of [first, second]) expect(events.filter(({ type }) => type === 'error' || type === 'turn.failed')).to.deep.equal([]);
      // it counts the whole thread
      expect(usage(second).input_tokens).to.equal((usage(first).input_tokens / 2) * 3);
      expect(usage(first).output_tokens).to.be.greaterThan(0);
      // each turn is a process, which first wants a socket
      const [socket, post] = ['GET /v1/responses 426', 'POST /v1/responses 200'];
      expect(between.passed()).to.deep.equal([socket, post, post, socket, post]);
    });
  });
}

async function eventsOf(thread: Loose, prompt: string): Promise<Loose[]> {
  const all: Loose[] = [];
  for await (const event of (await thread.runStreamed(prompt)).events) all.push(event);
  return all;
}

function completed(events: Loose[], type: string): Loose[] {
  return events.flatMap(({ type: event, item }) => (event === 'item.completed' && item.type === type ? [item] : []));
}

function said(events: Loose[]): string[] {
  return completed(events, 'agent_message').map(({ text }) => text);
}

function usage(events: Loose[]): Loose {
  return events.find(({ type }) => type === 'turn.completed').usage;
}
