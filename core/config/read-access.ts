import { GatewayError } from '../contract/errors.ts';
import type { Preset } from '../contract/preset.ts';
import { type Access, isLoopback } from '../server/guards.ts';
import type { Config } from './define-config.ts';

const SHORTEST_KEY = 16;

interface Sources {
  host: string;
  /** The key that clients must send, if one is set. */
  clientKey: string | undefined;
  /** The plugin that sends each client's own key to the provider, if there is one. */
  keyPlugin: string | undefined;
  preset: Preset;
  config: Config;
  notes: string[];
}

/** Decides who may send requests. Throws `config_invalid` if other machines could do so without a key. */
export function readAccess({ host, clientKey, keyPlugin, preset, config: { listen = {} }, notes }: Sources): Access {
  const loopback = isLoopback(host);
  if (keyPlugin && (clientKey || !loopback))
    throw new GatewayError(
      'config_invalid',
      `plugin "${keyPlugin}": clients send the provider's key, so they cannot send one for the gateway; remove --api-key, and listen on loopback`,
    );
  const apiKey = clientKey || (loopback ? undefined : preset.apiKey);
  if (!loopback && !apiKey)
    throw new GatewayError('config_invalid', `host ${host} can be reached from other machines: set a key for clients with TAPLINE_API_KEY or --api-key`);
  if (!loopback && !clientKey) notes.push("no --api-key is set: clients must send the provider's own key");
  if (apiKey && apiKey.length < SHORTEST_KEY) notes.push(`the client key is shorter than ${SHORTEST_KEY} characters: it can be guessed`);
  return { loopback, hosts: listen.hosts ?? [], origins: listen.origins ?? [], apiKey };
}
