import type { IncomingHttpHeaders } from 'node:http';

/** The key a client shows: as a Bearer token, `x-api-key` or `api-key`. */
export function shownKey({ authorization, 'x-api-key': key, 'api-key': other }: IncomingHttpHeaders): string | undefined {
  const bearer = /^Bearer +(.+)$/i.exec(authorization ?? '')?.[1];
  return [bearer, key, other].find((shown): shown is string => typeof shown === 'string' && shown !== '');
}
