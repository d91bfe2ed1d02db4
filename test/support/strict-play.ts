import { expect } from 'chai';
import { findPreset } from '../../core/pipeline/catalogue.ts';
import { PRESET_KEY, PresetProvider, type Turn } from './preset-provider.ts';
import { startGateway, type TestGateway } from './test-gateway.ts';

type PresetName = Parameters<typeof PresetProvider.start>[0];

/** The provider's turns: first a call, then the end. */
export const CALL: Turn = { reasoning: 'The README,\n of course. 🤔', text: 'I look.', calls: [{ name: 'read_file', arguments: { path: 'README.md' } }] };
export const DONE: Turn = { reasoning: 'A title.', text: 'It says: Title.' };

export interface Play {
  provider: PresetProvider;
  gateway: TestGateway;
}

/**
 * Plays a conversation with a gateway of this preset, in front of a provider as strict as the real one; `disable`
 * removes plugins.
 */
export async function withGateway<Result>(name: PresetName, disable: readonly string[], turns: Turn[], run: (play: Play) => Promise<Result>): Promise<Result> {
  const provider = await PresetProvider.start(name);
  provider.script(...turns);
  const preset = (await findPreset(name))({ endpoints: { chat: provider.base, messages: provider.base }, apiKey: PRESET_KEY, retries: { times: 0 } });
  const gateway = await startGateway({ preset, disable });
  try {
    return await run({ provider, gateway });
  } finally {
    await gateway.stop();
    await provider.stop();
  }
}

/** The provider's reasons to refuse a request. */
export function refusalsOf(name: PresetName, disable: readonly string[], path: string, body: object): Promise<string[]> {
  return withGateway(name, disable, [DONE], async ({ provider, gateway }) => {
    await (await gateway.post(body, {}, path)).text();
    expect(provider.asked).to.have.length(1);
    return provider.refused;
  });
}
