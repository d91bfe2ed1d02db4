import type { Exchange } from '../contract/exchange.ts';

/** Models that are remembered: a client may name thousands. */
const MOST = 1_000;

/** Returns what logs, once for each, a model that a preset with a list of its own does not know: it is asked for all the same. */
export function unknownModels(): (exchange: Pick<Exchange, 'preset' | 'model' | 'log'>) => void {
  const told = new Set<string>();

  return ({ preset: { name, models }, model, log }) => {
    if (models.length === 0 || models.some(({ id }) => id === model)) return;
    const both = JSON.stringify([name, model]);
    if (told.has(both) || told.size >= MOST) return;
    told.add(both);
    log.warn({ preset: name, model }, `preset "${name}" does not know this model: it is asked for as it is, and nothing is known of its limits`);
  };
}
