/** A shorter value would occur in many texts. */
const SHORTEST_SECRET = 6;
const REDACTED = '[redacted]';

/** Replaces every configured secret in a text, also in its forms within JSON and URLs. */
export function createRedactor(secrets: readonly (string | undefined)[]): (text: string) => string {
  const known = secrets.filter((secret): secret is string => secret !== undefined && secret.length >= SHORTEST_SECRET);
  const forms = [...new Set(known.flatMap((secret) => [secret, JSON.stringify(secret).slice(1, -1), encodeURIComponent(secret)]))];
  return (text) => forms.reduce((left, secret) => left.replaceAll(secret, REDACTED), text);
}
