import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { workFolder } from '../support/folders.ts';
import type { RunningGateway } from '../support/run-gateway.ts';
import type { Turn, TurnProvider } from '../support/turn.ts';
import { CELLS } from './support/cells.ts';
import { CLIENTS, DID } from './support/matrix-clients.ts';
import { gatewayOn, UPSTREAMS } from './support/strict-upstreams.ts';

const SAID = 'There and back 🎉.';

for (const upstream of ['chat', 'responses', 'messages'] as const) {
  const { start, thinks } = UPSTREAMS[upstream];
  describe(`each client on a provider of ${upstream}`, () => {
    let provider: TurnProvider;
    let gateway: RunningGateway;
    before(async () => {
      provider = await start();
      gateway = await gatewayOn(provider, upstream);
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
