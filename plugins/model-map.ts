import { z } from 'zod';
import type { Plugin } from '../core/contract/plugin.ts';
import { matchesModel } from '../core/kit/match-model.ts';
import { parseOptions } from '../core/kit/options.ts';

const Options = z.strictObject({
  /** Client's model → provider's model. A key may end in `*`; the first match wins. */
  models: z.record(z.string(), z.string().min(1)).default({}),
});

/**
 * Asks the provider for its own model in place of the one that the client names, and lists the client's names with the
 * facts of that model.
 */
export function modelMap(options: z.input<typeof Options> = {}): Plugin {
  const { models } = parseOptions('model-map', Options, options);
  const rules = Object.entries(models);
  const mapped = (model: string) => rules.find(([pattern]) => matchesModel(pattern, model))?.[1] ?? model;

  return {
    name: 'model-map',
    route(exchange) {
      exchange.model = mapped(exchange.model);
    },
    models(known) {
      const named = rules.map(([pattern]) => pattern).filter((pattern) => !pattern.endsWith('*'));
      const offered = new Set([...known.map(({ id }) => id), ...named]);
      return [...offered].map((id) => ({ ...known.find((model) => model.id === mapped(id)), id }));
    },
  };
}
