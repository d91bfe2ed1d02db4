import type { ClientHeaders } from '../contract/exchange.ts';
import { shownKey } from '../kit/shown-key.ts';

const REDACTED = '[redacted]';
const KEY_HEADER = /authorization|key|token/i;
/** Characters. Shorter values, and those without a digit, are no real keys: an answer may well contain `ollama`. */
const SHORTEST_KEY = 16;

interface Sides {
  upstream: { headers: Readonly<Record<string, string>> };
  client: { headers: ClientHeaders };
}

/** Takes the provider's key out of what the provider says: some echo their request, headers included. */
export class EchoedKey {
  readonly #sides: Sides;
  #keys: readonly string[] = [];
  /** The header values that `#keys` come from: a plugin may set the key late. */
  #values = '';

  constructor(sides: Sides) {
    this.#sides = sides;
  }

  /** Returns the same text or bytes unless they contain the key. Bytes must be whole events, or a whole body. */
  redact<Part extends string | Buffer>(part: Part): Part {
    const echoed = this.#known().filter((key) => part.includes(key));
    if (echoed.length === 0) return part;
    // Latin 1 keeps every byte, also of broken UTF-8
    const clean = echoed.reduce((left, key) => left.replaceAll(key, REDACTED), typeof part === 'string' ? part : part.toString('latin1'));
    return (typeof part === 'string' ? clean : Buffer.from(clean, 'latin1')) as Part;
  }

  redactAll(headers: Record<string, string>): Record<string, string> {
    return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, this.redact(value)]));
  }

  #known(): readonly string[] {
    const { upstream, client } = this.#sides;
    const { headers } = upstream;
    let values = '';
    for (const name in headers) if (KEY_HEADER.test(name)) values += `${headers[name]}\n`;
    if (values === this.#values) return this.#keys;
    this.#values = values;
    const keys = values.split('\n').map((value) => value.replace(/^(Bearer|Basic) /i, ''));
    const own = shownKey(client.headers); // no secret to the client that sent it
    this.#keys = keys.filter((key) => key.length >= SHORTEST_KEY && /\d/.test(key) && key !== own);
    return this.#keys;
  }
}
