import { z } from 'zod';
import type { Exchange } from '../core/contract/exchange.ts';
import type { Plugin } from '../core/contract/plugin.ts';
import { placesOf } from '../core/kit/body-paths.ts';
import { Pattern, parseOptions } from '../core/kit/options.ts';

const Params = z.array(z.string().min(1)).default([]);

const Options = z.strictObject({
  /** Fields of the body that the provider refuses, by dotted path. */
  params: Params,
  /** Further ones that only some models refuse: by `models`, a regular expression. */
  perModel: z.array(z.strictObject({ models: Pattern, params: Params })).default([]),
});

/** Leaves out what a provider refuses to be sent. */
export function dropParams(options: z.input<typeof Options> = {}): Plugin {
  const { params, perModel } = parseOptions('drop-params', Options, options);
  const table = perModel.map(({ models, params: own }) => ({ models: new RegExp(models), params: own }));
  const request = (body: object, exchange: Exchange): void => {
    drop(body, params, exchange);
    for (const { models, params: own } of table) if (models.test(exchange.model)) drop(body, own, exchange);
  };

  return { name: 'drop-params', wire: { chat: { request }, responses: { request }, messages: { request } } };
}

/** What a provider does anyway is not lost: most are on, and none keeps what it is not asked for. */
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
