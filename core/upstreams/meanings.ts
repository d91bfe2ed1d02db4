import type { ErrorCode } from '../contract/errors.ts';

interface Family {
  means: ErrorCode;
  /** Codes and types, without case and punctuation. */
  codes: ReadonlySet<string>;
  words: readonly RegExp[];
  /** Said of a passing limit, too: it counts only where the provider names no time to wait. */
  ambiguous?: readonly RegExp[];
}

/** A longer message is not searched to its end. */
const SEARCHED = 4_000;
/** Words of a limit per time: no other prompt and no other account would help. */
const PER_TIME = /\bper (?:second|minute|hour|day|min)\b|\b[RT]P[MD]\b|try again in|retry (?:in|after)/i;

const QUOTA: Family = {
  means: 'quota_exhausted',
  codes: normalised(
    'insufficient_quota quota_exceeded billing_error usage_limit_reached usage_not_included insufficient_balance insufficient_balance_error',
    'exceeded_current_quota_error billing_hard_limit_reached billing_not_active arrearage account_overdue insufficient_credits insufficient_funds',
    'insufficient_user_quota payment_required credit_exhausted out_of_credits balance_not_enough free_tier_only',
  ),
  words: [
    /\binsufficient (?:\w+ )?(?:balance|credits?|quota|funds)\b/i,
    /\bnot (?:have )?enough (?:balance|credits?|quota|funds)\b/i,
    /\b(?:balance|credits?|quota|funds)(?: \w+){0,3} (?:insufficient|exhausted|depleted|too low|not enough|used up|overdue|ran out|run out)\b/i,
    /\b(?:out of|no (?:more )?|used all (?:your |available )?|run out of)\s?(?:credits?|funds|balance)\b/i,
    /\bbilling (?:hard )?limit|\bspending (?:limit|cap)|\bpayment required|\bin arrears|\boverdue\b/i,
    /余额不足|额度不足|额度已?(?:用尽|用完|耗尽)|配额(?:不足|已?用[尽完])|欠费|无可用资源包|请充值/,
  ],
  ambiguous: [/exceeded your current quota/i, /\b(?:top up|recharge)\b/i],
};

const OVERFLOW: Family = {
  means: 'context_length_exceeded',
  codes: normalised(
    'context_length_exceeded exceed_context_size_error model_max_prompt_tokens_exceeded context_window_exceeded context_window_exceeded_error',
    'model_context_window_exceeded tokens_limit_reached oversize_text context_too_long prompt_too_long',
  ),
  words: [
    // the prompt is too long
    /\b(?:prompt|input|context|conversation|messages|history)(?: (?:token|tokens|length|text|is|are|was|of))* too (?:long|large)\b/i,
    /\btoo many (?:input|prompt) tokens\b/i,
    // the prompt exceeds something
    /\b(?:context|prompt|input|messages)(?: (?:token|tokens|length|window|count|limit|size|has|have|been|and|of|text|`?max_tokens`?|\(?\d{1,12}\)?))*,? exceed(?:s|ed)? (?!your|the rate)(?:\w+ ){0,5}(?:tokens?|length|limit|context|window)/i,
    /\bcontext (?:size|length|window)(?: (?:limit|has|have|was|been))* exceed/i,
    /\b(?:input|prompt) tokens? limit exceeded\b/i,
    // something exceeds the context
    /\bexceed(?:s|ed|ing)?\b[^.\n]{0,40}\b(?:context (?:window|length|size|limit)|token limit:|model token limit|max message tokens|prompt length|maximum (?:input|prompt) )/i,
    /\b(?:longer|greater|larger|more) than the (?:\S{1,20} ){0,2}(?:context|model's max)/i,
    /\b(?:maximum|max) (?:context|prompt) (?:length|size|window)\b/i,
    /\bcontext length of (?:only )?\d|\bcontext (?:\w+ )?overflow/i,
    // the prompt must be shorter
    /\b(?:reduce|shorten) (?:the )?(?:length of )?(?:the|your) (?:messages|prompt|input|conversation)\b/i,
    /\brange of input length should be\b/i,
    /(?:\binputs?`?|\bprompt_tokens)\b[^.\n]{0,60}\bmust (?:be|have) (?:<|less|at most|smaller)/i,
    /\btokens in the prompt\b[^.\n]{0,30}\bexceed/i,
    /(?:上下文|输入|提示词|prompt)[^，。\n]{0,12}(?:过长|超长|超过|超出)/i,
  ],
};

/** The order matters: an account is empty whatever else the provider says. */
const FAMILIES = [QUOTA, OVERFLOW];

/** The failure as far as its meaning depends on it. */
interface Said {
  status: number;
  code: string;
  type: string;
  message: string;
  retryAfter?: number | undefined;
}

/**
 * The meaning of a failure by its codes and words, whatever provider it comes from: an empty account, or a prompt that
 * is too long. A preset adds the words of its provider with `provider-errors`.
 */
export function meaningOf({ status, code, type, message, retryAfter }: Said): ErrorCode | undefined {
  for (const { means, codes } of FAMILIES) if ([code, type].some((word) => codes.has(normal(word)))) return means;
  const text = message.slice(0, SEARCHED);
  const passing = PER_TIME.test(text);
  if (status === 401 || (status === 429 && passing)) return undefined;
  for (const { means, words, ambiguous = [] } of FAMILIES) {
    // no provider throttles by the length of the prompt alone
    if (status === 429 && means !== 'quota_exhausted') continue;
    const patterns = retryAfter === undefined && !passing ? [...words, ...ambiguous] : words;
    if (patterns.some((pattern) => pattern.test(text))) return means;
  }
  return undefined;
}

function normalised(...lists: string[]): ReadonlySet<string> {
  return new Set(lists.flatMap((list) => list.split(' ')).map(normal));
}

function normal(word: string): string {
  return word.length > 100 ? '' : word.replaceAll(/[^a-z\d]/gi, '').toLowerCase();
}
