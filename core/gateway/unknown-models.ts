import type { Exchange } from '../contract/exchange.ts';

/** The number of models to remember: a client may name thousands. */
const MOST = 1_000;

/** Creates a function that logs, once each, models missing from their preset's list. They are used all the same. */
export function unknownModels(): (exchange: Pick<Exchange, 'preset' | 'model' | 'log'>) => void {
  const logged = new Set<string>();

  return ({ preset: { name, models }, model, log }) => {
    if (models.length === 0 || models.some(({ id }) => id === model)) return;
    const both = JSON.stringify([name, model]);
    if (logged.has(both) || logged.size >= MOST) return;
    logged.add(both);
    log.warn({ preset: name, model }, `preset "${name}" does not know this model; the request is sent all the same, without known limits`);
  };
}
