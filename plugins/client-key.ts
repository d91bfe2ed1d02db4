import { GatewayError } from '../core/contract/errors.ts';
import type { Plugin } from '../core/contract/plugin.ts';
import { authorizationOf } from '../core/kit/authorization.ts';
import { shownKey } from '../core/kit/shown-key.ts';

/** Sends the client's API key to the provider in place of the gateway's own, so that every client pays for itself. */
export function clientKey(): Plugin {
  return {
    name: 'client-key',
    provides: 'client-keys',
    guard: true,
    route(exchange) {
      const apiKey = shownKey(exchange.client.headers);
      if (!apiKey)
        throw new GatewayError('unauthorized', "no API key: this gateway uses the client's own key at the provider; send it as a Bearer token or as x-api-key");
      const { headers, dialect } = exchange.upstream;
      for (const name of ['authorization', 'x-api-key']) delete headers[name];
      Object.assign(headers, authorizationOf({ ...exchange.preset, apiKey }, dialect));
    },
  };
}
