/** Log probabilities of tokens, in the form that both dialects of OpenAI share. */
import type { CanonicalRequest, Logprob } from '../contract/canonical.ts';

/** The value of `include` that asks for them. */
export const LOGPROBS = 'message.output_text.logprobs';
/** OpenAI's value for a token that was as good as impossible: JSON has no infinity. */
const IMPOSSIBLE = -9999;

export function asksLogprobs({ include, top_logprobs }: CanonicalRequest): boolean {
  return Boolean(top_logprobs) || (include ?? []).includes(LOGPROBS);
}

/** Reads a provider's list; undefined if there is none, or one in an unknown form. */
export function decodeLogprobs(value: unknown): Logprob[] | undefined {
  const tokens = tokensIn(value).map((each) => {
    const others = tokensIn(each['top_logprobs']).map(decodeOne);
    return { ...decodeOne(each), ...(others.length > 0 && { top_logprobs: others }) };
  });
  return tokens.length > 0 ? tokens : undefined;
}

function tokensIn(list: unknown): Record<string, unknown>[] {
  return Array.isArray(list) ? list.filter((each) => typeof each?.token === 'string') : [];
}

function decodeOne({ token, logprob, bytes }: Record<string, unknown>): Logprob {
  return { token: token as string, logprob: typeof logprob === 'number' ? logprob : IMPOSSIBLE, ...(Array.isArray(bytes) && { bytes }) };
}

/** Writes the fields that clients rely on. The list of a replayed message is a client's own, unchecked. */
export function encodeLogprobs(list: readonly Logprob[] | undefined): object[] {
  return (decodeLogprobs(list) ?? []).map((each) => ({ ...encodeOne(each), top_logprobs: (each.top_logprobs ?? []).map(encodeOne) }));
}

/** Derives missing bytes from the token: a provider without bytes sends no half characters either. */
function encodeOne({ token, logprob, bytes }: Logprob): Required<Omit<Logprob, 'top_logprobs'>> {
  return { token, logprob, bytes: bytes ?? [...Buffer.from(token)] };
}
