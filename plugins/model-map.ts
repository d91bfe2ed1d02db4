import { z } from 'zod';
import { parseOptions } from '../core/options.ts';
import type { Plugin } from '../core/plugin.ts';

const Options = z.strictObject({
  /** Client's model → provider's model. A key may end in `*`; the first that matches wins. */
  models: z.record(z.string(), z.string().min(1)).default({}),
});

/** Asks the provider for its own model in place of the one the client named. */
export function modelMap(options: z.input<typeof Options> = {}): Plugin {
  const { models } = parseOptions('model-map', Options, options);
  const rules = Object.entries(models);

  return {
    name: 'model-map',
    route(exchange) {
      const rule = rules.find(([pattern]) => matches(pattern, exchange.model));
      if (rule) exchange.model = rule[1];
    },
  };
}

function matches(pattern: string, model: string): boolean {
  return pattern.endsWith('*') ? model.startsWith(pattern.slice(0, -1)) : model === pattern;
}
