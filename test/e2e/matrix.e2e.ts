import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { CELLS } from './support/cells.ts';
import { chatWire } from './support/chat-wire.ts';
import { workFolder } from './support/folders.ts';
import { CLIENTS, DID } from './support/matrix-clients.ts';
import { MESSAGES_KEY, MessagesProvider } from './support/messages-provider.ts';
import { responsesWire } from './support/responses-wire.ts';
import { type RunningGateway, runGateway } from './support/run-gateway.ts';
import { PROVIDER_KEY, StrictProvider } from './support/strict-provider.ts';
import type { Turn, TurnProvider } from './support/turn.ts';

// biome-ignore lint/suspicious/noExplicitAny: bodies of any dialect
type Loose = any;

/** A strict provider of each dialect, and the key it wants. */
const UPSTREAMS: Record<string, { key: string; start(): Promise<TurnProvider>; thinks(body: Loose): boolean }> = {
  chat: { key: PROVIDER_KEY, start: () => StrictProvider.start(chatWire()), thinks: () => true },
  responses: { key: PROVIDER_KEY, start: () => StrictProvider.start(responsesWire()), thinks: () => true },
  messages: { key: MESSAGES_KEY, start: () => MessagesProvider.start(), thinks: ({ thinking }) => ['enabled', 'adaptive'].includes(thinking?.type) },
};
const SAID = 'There and back 🎉.';

for (const [upstream, { key, start, thinks }] of Object.entries(UPSTREAMS)) {
  describe(`each client on a provider of ${upstream}`, () => {
    let provider: TurnProvider;
    let gateway: RunningGateway;
    before(async () => {
      provider = await start();
      const words = ['--no-config', '--preset', 'openai-compatible', '--upstream', provider.base, '--upstream-dialect', upstream];
      gateway = await runGateway(words, { environment: { TAPLINE_UPSTREAM_KEY: key } });
    });
    after(async () => {
      expect(await gateway.stop()).to.equal(0);
      await provider.stop();
    });

    for (const [name, { dialect, call, run, title }] of Object.entries(CLIENTS)) {
      const lane = dialect === upstream ? 'native' : 'translated';
      it(`${name} (${dialect}) calls a tool and says a text, ${lane}`, async () => {
        const folder = workFolder();
        const turns: Turn[] = [{ text: 'On my way.', calls: [call(folder)] }, { text: SAID }];
        provider.script((body) => {
          const turn = body.tools?.length && turns.length > 1 ? turns.shift() : turns.at(-1); // a title is asked for without tools
          return { ...turn, ...(thinks(body) && { thinking: 'A way:\n  "there", and back.' }) };
        });
        const from = gateway.child.stderr.length;
        const { said, did } = await run(gateway, folder);
        expect({ said, did, refused: provider.refused }).to.deep.equal({ said: SAID, did: DID, refused: [] });
        expect(provider.asked.length).to.equal(title ? 3 : 2);
        expect(gateway.child.stderr.slice(from)).to.include(`"lane":"${lane}"`);
      });
    }
  });
}

describe('the table of clients', () => {
  for (const { client, route, tests } of CELLS) {
    it(`has tests for ${client} at ${route.split(':')[0]}`, () => {
      for (const [file, titles] of Object.entries(tests)) {
        const text = readFileSync(join(import.meta.dirname, file === 'matrix' ? 'support/matrix-clients.ts' : `${file}.e2e.ts`), 'utf8');
        for (const title of titles) expect(text, file).to.include(title);
      }
    });
  }
});
