import { GatewayError } from '../contract/errors.ts';
import type { Preset } from '../contract/preset.ts';
import { type Access, isLoopback } from '../server/guards.ts';
import type { Config } from './define-config.ts';

const SHORTEST_KEY = 16;

interface Sources {
  host: string;
  /** The key that clients show, where one is given for them. */
  clientKey: string | undefined;
  /** The plugin that shows the provider each client's own key, if there is one. */
  keyPlugin: string | undefined;
  preset: Preset;
  config: Config;
  notes: string[];
}

/** Who may ask. Throws `config_invalid` where others could ask without a key. */
export function readAccess({ host, clientKey, keyPlugin, preset, config: { listen = {} }, notes }: Sources): Access {
  const loopback = isLoopback(host);
  if (keyPlugin && (clientKey || !loopback))
    throw new GatewayError(
      'config_invalid',
      `plugin "${keyPlugin}": clients show the provider's key, so they can show none of the gateway's: leave --api-key out, and listen on loopback`,
    );
  const apiKey = clientKey || (loopback ? undefined : preset.apiKey);
  if (!loopback && !apiKey)
    throw new GatewayError('config_invalid', `host ${host} can be reached from other machines: give clients a key with TAPLINE_API_KEY or --api-key`);
  if (!loopback && !clientKey) notes.push("no --api-key is given: clients must show the provider's own key");
  if (apiKey && apiKey.length < SHORTEST_KEY) notes.push(`the client key is shorter than ${SHORTEST_KEY} characters: it can be guessed`);
  return { loopback, hosts: listen.hosts ?? [], origins: listen.origins ?? [], apiKey };
}
