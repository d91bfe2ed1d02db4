import type { ClientHeaders } from '../contract/exchange.ts';

/** Returns the key that a client sends: as a Bearer token, `x-api-key` or `api-key`. */
export function shownKey({ authorization, 'x-api-key': key, 'api-key': other }: ClientHeaders): string | undefined {
  const bearer = /^Bearer +(.+)$/i.exec(String(authorization ?? ''))?.[1];
  return [bearer, key, other].find((shown): shown is string => typeof shown === 'string' && shown !== '');
}
