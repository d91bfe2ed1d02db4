import type { CanonicalRequest } from '../contract/canonical.ts';

/** Characters per call: the tokenizer takes quadratic time for a text without spaces. */
const SLICE = 512;
/** Characters to tokenize; the rest is estimated by its length, as a count would block all exchanges for seconds. */
const COUNTED = 2_000_000;
const CHARACTERS_PER_TOKEN = 4;
/** The tokens that providers bill for an image of ordinary size. */
const IMAGE = 1_600;
/** Fields that no model sees as text. */
const FRAMING = new Set(['type', 'role', 'id', 'call_id', 'status']);
/** The tokens of a message besides its text. */
const FRAME = 4;

/** Estimates a request's tokens with the tokenizer of OpenAI's newer models: near for others, exact for none. */
export async function estimateTokens({ instructions, input, tools }: CanonicalRequest): Promise<number> {
  const { countTokens } = await import('gpt-tokenizer/encoding/o200k_base'); // 30 MB that most gateways never need
  let images = 0;
  const texts: string[] = [];
  const note = (key: string, value: unknown): unknown => {
    if (typeof value !== 'string' || FRAMING.has(key)) return value;
    if (/^data:[\w.+-]+\/[\w.+-]+;base64,/.test(value.slice(0, 100))) images++;
    else texts.push(value);
    return value;
  };
  JSON.stringify({ instructions, input }, note);
  const text = [...texts, JSON.stringify(tools ?? [])].join('\n');
  let tokens = Math.ceil(Math.max(0, text.length - COUNTED) / CHARACTERS_PER_TOKEN);
  for (let at = 0; at < Math.min(text.length, COUNTED); at += SLICE) tokens += countTokens(text.slice(at, at + SLICE));
  return tokens + images * IMAGE + input.length * FRAME;
}
