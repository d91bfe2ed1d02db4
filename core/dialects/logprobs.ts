/** How likely the tokens of a text were, as both dialects of OpenAI tell it. */
import type { CanonicalRequest, Logprob } from '../contract/canonical.ts';

/** What of `include` asks for them. */
export const LOGPROBS = 'message.output_text.logprobs';
/** What OpenAI tells where a token was as good as impossible: JSON has no infinity. */
const IMPOSSIBLE = -9999;

export function asksLogprobs({ include, top_logprobs }: CanonicalRequest): boolean {
  return Boolean(top_logprobs) || (include ?? []).includes(LOGPROBS);
}

/** A provider's list; undefined where it tells none, or in a form of its own. */
export function decodeLogprobs(told: unknown): Logprob[] | undefined {
  const tokens = tokensIn(told).map((each) => {
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

/** With the fields that clients rely on. A message that is told again may be a client's own: nobody has checked its list. */
export function encodeLogprobs(list: readonly Logprob[] | undefined): object[] {
  return (decodeLogprobs(list) ?? []).map((each) => ({ ...encodeOne(each), top_logprobs: (each.top_logprobs ?? []).map(encodeOne) }));
}

/** Who tells no bytes tells no half characters either. */
function encodeOne({ token, logprob, bytes }: Logprob): Required<Omit<Logprob, 'top_logprobs'>> {
  return { token, logprob, bytes: bytes ?? [...Buffer.from(token)] };
}
