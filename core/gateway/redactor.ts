/** A shorter value would be found everywhere. */
const SHORTEST_SECRET = 6;
const REDACTED = '[redacted]';

/** Takes every configured secret out of a text, also where it stands escaped in JSON. */
export function createRedactor(secrets: readonly (string | undefined)[]): (text: string) => string {
  const known = secrets.filter((secret): secret is string => secret !== undefined && secret.length >= SHORTEST_SECRET);
  const forms = [...new Set(known.flatMap((secret) => [secret, JSON.stringify(secret).slice(1, -1), encodeURIComponent(secret)]))];
  return (text) => forms.reduce((left, secret) => left.replaceAll(secret, REDACTED), text);
}
