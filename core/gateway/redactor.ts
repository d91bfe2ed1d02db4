/** A shorter value would occur in many texts. */
const SHORTEST_SECRET = 6;
/** Of a shorter secret, a part would occur in many texts. */
const SHORTEST_IN_PARTS = 20;
const REDACTED = '[redacted]';

/**
 * Replaces every configured secret in a text: as it is, in its forms within JSON, URLs and base64 (also behind other
 * bytes, as in `Basic`), and the beginning or the end that a cut leaves of it.
 */
export function createRedactor(secrets: readonly (string | undefined)[]): (text: string) => string {
  const known = secrets.filter((secret): secret is string => secret !== undefined && secret.length >= SHORTEST_SECRET);
  const forms = [...new Set(known.flatMap((secret) => [secret, JSON.stringify(secret).slice(1, -1), encodeURIComponent(secret), ...encoded(secret)]))];
  const inParts = forms.filter((form) => form.length >= SHORTEST_IN_PARTS);
  return (text) =>
    inParts.reduce(
      withoutParts,
      forms.reduce((left, form) => left.replaceAll(form, REDACTED), text),
    );
}

/** Base64 and base64url of a secret, for each of the three places in a group of bytes: the characters that depend on it alone. */
function encoded(secret: string): string[] {
  const forms = [0, 1, 2].flatMap((before) => {
    const bytes = Buffer.concat([Buffer.alloc(before), Buffer.from(secret)]);
    const [from, to] = [Math.ceil((before * 8) / 6), Math.floor((bytes.length * 8) / 6)];
    return [bytes.toString('base64').slice(from, to), bytes.toString('base64url').slice(from, to)];
  });
  return forms.filter((form) => form.length >= SHORTEST_SECRET);
}

/**
 * A part counts from half of the secret on, at least 10 and at most 16 characters: what all keys of a provider begin with
 * (`sk-ant-api03-`) is no secret.
 */
function withoutParts(text: string, secret: string): string {
  const least = Math.min(16, Math.max(10, Math.floor(secret.length / 2)));
  return withoutEnds(withoutBeginnings(text, secret, least), secret, least);
}

function withoutBeginnings(text: string, secret: string, least: number): string {
  const first = secret.slice(0, least);
  let left = '';
  let from = 0;
  for (let at = text.indexOf(first); at >= 0; at = text.indexOf(first, from)) {
    let length = least;
    while (length < secret.length && text[at + length] === secret[length]) length++;
    left += text.slice(from, at) + REDACTED;
    from = at + length;
  }
  return from === 0 ? text : left + text.slice(from);
}

function withoutEnds(text: string, secret: string, least: number): string {
  const last = secret.slice(-least);
  let left = '';
  let from = 0;
  for (let at = text.indexOf(last); at >= 0; at = text.indexOf(last, from)) {
    let more = 0;
    while (at - more > from && more < secret.length - least && text[at - more - 1] === secret[secret.length - least - more - 1]) more++;
    left += text.slice(from, at - more) + REDACTED;
    from = at + least;
  }
  return from === 0 ? text : left + text.slice(from);
}
