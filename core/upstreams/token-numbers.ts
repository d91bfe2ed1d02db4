import type { TokenNumbers } from '../contract/errors.ts';

type Role = keyof TokenNumbers | 'total';

/** Stands for a number in the patterns. */
const NUMBER = '#';
const COUNT = '(?<![\\d,])(\\d{1,3}(?:,\\d{3}){1,3}|\\d{1,12})(?!\\d)';
/** A longer message is not searched to its end. */
const SEARCHED = 4_000;
/** The words around a number that give its role. Size does not: a completion may be larger than the window. */
const WORDS: readonly [Role, RegExp][] = [
  ['window', /context[ -](?:length|size|window|limit)(?: (?:is|of|only|limit|size|tokens))*[ :=(]+#(?! \+)/],
  ['window', /#(?: tokens?)? (?:is the )?(?:maximum|max) context/],
  ['window', /context limit: \d+ \+ \d+ > #/],
  ['window', /> # maximum/],
  ['window', /(?:maximum|max\.?) (?:prompt|input|context)(?: (?:length|tokens?|size))*(?: is| of)?[ :(]+#/],
  ['window', /maximum length (?:of )?#/],
  ['window', /number of tokens allowed \(?#/],
  ['window', /range of input length should be \[\d+, ?#/],
  ['window', /token limit[ :(]+(?:of )?#/],
  ['window', /exceeds? the (?:limit|maximum)(?: of)?[ :(]+#/],
  ['window', /max_seq_len \(?#/],
  ['window', /must (?:be|have) (?:<=?|less than|at most) #/],
  ['window', /while limit is #/],
  ['window', /cannot exceed #/],
  ['prompt', /prompt_tokens \(?#/],
  ['prompt', /# (?:input|prompt) tokens/],
  ['prompt', /given: #/],
  ['prompt', /#(?: tokens?)? (?:in|from) the (?:messages|prompt|input)/],
  ['prompt', /messages resulted in #/],
  ['prompt', /request (?:contains |has |\()#/],
  ['prompt', /keep the first #/],
  ['prompt', /# tokens exceed/],
  ['prompt', /context limit: # \+/],
  ['prompt', /token count: #/],
  ['prompt', /current length is #/],
  ['prompt', /prompt is too long[ :(]+#/],
  ['prompt', /(?<!max |maximum )(?:prompt|input)(?: (?:has|contains|length|token|tokens|count|of|is|with))*[ :(]+#/],
  ['completion', /#(?: tokens?)? (?:in|for) the completion/],
  ['completion', /# (?:output|completion) tokens/],
  ['completion', /max_(?:completion_|new_)?tokens\W{0,3} is too large: #/],
  ['completion', /\+ # >/],
  ['completion', /# \W?max_(?:completion_|new_|output_)?tokens/],
  ['total', /requested(?: a total of|:)? #(?! output| completion)/],
];
const ROLES = WORDS.map(([role, { source }]) => [role, new RegExp(source.replace(NUMBER, COUNT), 'i')] as const);

/**
 * Reads how many tokens the window, the prompt and the completion have, by the words around each number, or from the
 * fields of a local server. A sum counts as the prompt where nothing splits it.
 */
export function tokenNumbers(message: string, fields: Readonly<Record<string, unknown>> = {}): TokenNumbers | undefined {
  const text = message.slice(0, SEARCHED);
  const found: { [role in Role]?: number } = {};
  for (const [role, pattern] of ROLES) {
    const count = pattern.exec(text)?.[1];
    if (count) found[role] ??= Number(count.replaceAll(',', ''));
  }
  const { n_ctx: window = found.window, n_prompt_tokens: own = found.prompt } = fields;
  const prompt = own ?? (found.total !== undefined && found.total - (found.completion ?? 0));
  const numbers = { window, prompt, completion: found.completion };
  const entries = Object.entries(numbers).filter(([, count]) => typeof count === 'number' && Number.isFinite(count) && count > 0);
  return entries.length > 0 ? (Object.fromEntries(entries) as TokenNumbers) : undefined;
}
