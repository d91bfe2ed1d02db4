/** How likely the tokens of a text were, as both dialects of OpenAI tell it. */
import type { CanonicalRequest, Logprob } from '../canonical.ts';

/** What of `include` asks for them. */
export const LOGPROBS = 'message.output_text.logprobs';
/** What OpenAI tells where a token was as good as impossible: JSON has no infinity. */
const IMPOSSIBLE = -9999;

export function asksLogprobs({ include, top_logprobs }: CanonicalRequest): boolean {
  return Boolean(top_logprobs) || (include ?? []).includes(LOGPROBS);
}

/** A provider's list; undefined where it tells none, or in a form of its own. */
export function decodeLogprobs(told: unknown): Logprob[] | undefined {
  if (!Array.isArray(told) || told.length === 0) return undefined;
  const decoded = told.filter((each) => typeof each?.token === 'string').map(decodeOne);
  return decoded.length > 0 ? decoded : undefined;
}

/** With the fields that clients rely on. */
export function encodeLogprobs(list: readonly Logprob[] = []): Required<Logprob>[] {
  // who tells no bytes tells no half characters either
  return list.map(({ token, logprob, bytes, top_logprobs }) => ({
    token,
    logprob,
    bytes: bytes ?? [...Buffer.from(token)],
    top_logprobs: (top_logprobs ?? []).map((other) => ({ token: other.token, logprob: other.logprob, bytes: other.bytes ?? [...Buffer.from(other.token)] })),
  }));
}

function decodeOne({ token, logprob, bytes, top_logprobs }: Record<string, unknown>): Logprob {
  const others = decodeLogprobs(top_logprobs);
  return {
    token: token as string,
    logprob: typeof logprob === 'number' ? logprob : IMPOSSIBLE,
    ...(Array.isArray(bytes) && { bytes }),
    ...(others && { top_logprobs: others }),
  };
}
