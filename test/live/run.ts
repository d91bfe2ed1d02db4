import { checkProvider } from './check-provider.ts';
import { findProviders } from './find-providers.ts';

/** `npm run test:live [-- MODEL]`: asks every provider whose key is in the environment, which costs a few thousand tokens each. */
const { presets, looked } = await findProviders(process.env);
if (presets.length === 0) {
  process.stderr.write(`test:live needs a provider: set one of ${looked.join(', ')}\n`);
  process.exitCode = 1;
}
for (const preset of presets) {
  const [model] = process.argv.slice(2);
  process.stdout.write(`${preset.name}: ${Object.values(preset.endpoints).join(', ')}\n`);
  for (const { it, failure, note } of await checkProvider(preset, model)) {
    process.stdout.write(`  ${failure === undefined ? '✔' : '✗'} ${it}${note ? ` (${note})` : ''}${failure === undefined ? '' : `: ${failure}`}\n`);
    if (failure !== undefined) process.exitCode = 1;
  }
}
