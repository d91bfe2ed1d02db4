import { z } from 'zod';
import type { Exchange } from '../core/contract/exchange.ts';
import type { Plugin } from '../core/contract/plugin.ts';
import { placesOf } from '../core/kit/body-paths.ts';
import { Pattern, parseOptions } from '../core/kit/options.ts';

const Params = z.array(z.string().min(1)).default([]);

const ModelParams = z.strictObject({
  /** The models, as a regular expression. */
  models: Pattern,
  /** Fields that these models refuse, as dotted paths. */
  params: Params,
});

const Options = z.strictObject({
  /** Fields of the body that the provider refuses, as dotted paths. */
  params: Params,
  /** Further fields that only some models refuse. */
  perModel: z.array(ModelParams).default([]),
});

/** Drops fields that the provider refuses, and warns about each whose value was not the default. */
export function dropParams(options: z.input<typeof Options> = {}): Plugin {
  const { params, perModel } = parseOptions('drop-params', Options, options);
  const table = perModel.map(({ models, params: own }) => ({ models: new RegExp(models), params: own }));
  const request = (body: object, exchange: Exchange): void => {
    drop(body, params, exchange);
    for (const { models, params: own } of table) if (models.test(exchange.model)) drop(body, own, exchange);
  };

  return { name: 'drop-params', wire: { chat: { request }, responses: { request }, messages: { request } } };
}

/**
 * Dropping a provider's default loses nothing: most switches are on, and no provider stores an answer unless asked.
 */
function isDefault(param: string, value: unknown): boolean {
  return value === null || value === (param !== 'store');
}

function drop(body: object, params: readonly string[], exchange: Exchange): void {
  for (const param of params) {
    for (const [holder, name] of placesOf(body, param)) {
      if (!isDefault(param, holder[name])) exchange.warn({ param, reason: 'refused_by_the_provider' });
      delete holder[name];
    }
  }
}
