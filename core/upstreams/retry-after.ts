export type Headers = Readonly<Record<string, string | string[] | undefined>>;

/** The places where a provider may say how long to wait. `now` in milliseconds since 1970. */
interface Sources {
  headers?: Headers;
  error: Readonly<Record<string, unknown>>;
  message: string | undefined;
  now?: number;
}

/** From here on a number is a time instead of a duration: in seconds, in milliseconds. */
const SECONDS_SINCE_1970 = 1e9;
const MILLISECONDS_SINCE_1970 = 1e12;
const LIMITS = ['-requests', '-tokens', ''];

/** Finds the seconds to wait, in the most reliable place first; undefined if the provider gives none. */
export function retryAfterOf({ headers = {}, error, message, now }: Sources): number | undefined {
  const seconds = inHeader(headers, now) ?? inFields(error, now) ?? inDetails(error['details']) ?? inText(message) ?? inLimits(headers, now);
  return seconds === undefined ? undefined : Math.max(0, Math.ceil(seconds));
}

function inHeader(headers: Headers, now: number | undefined): number | undefined {
  const milliseconds = Number(headers['retry-after-ms'] || Number.NaN);
  if (Number.isFinite(milliseconds)) return milliseconds / 1000;
  const header = headers['retry-after'];
  if (typeof header !== 'string' || header === '') return undefined;
  if (/^\d+(\.\d+)?$/.test(header)) return Number(header);
  const at = Date.parse(header);
  return now === undefined || Number.isNaN(at) ? undefined : (at - now) / 1000;
}

/** The fields of ChatGPT's errors. */
function inFields({ resets_in_seconds: seconds, resets_at: at }: Sources['error'], now: number | undefined): number | undefined {
  if (typeof seconds === 'number' && Number.isFinite(seconds)) return seconds;
  return typeof at === 'number' ? duration(String(at), now) : undefined;
}

/** Google's `RetryInfo`. */
function inDetails(details: unknown): number | undefined {
  if (!Array.isArray(details)) return undefined;
  const delay = details.map((detail: { retryDelay?: unknown } | null) => detail?.retryDelay).find((each) => typeof each === 'string');
  return delay === undefined ? undefined : duration(delay as string, undefined);
}

/** "try again in 1m2.5s", "in 300ms", "after 1 seconds". */
function inText(message = ''): number | undefined {
  const [, words = ''] = /(?:try again|retry) (?:in|after) ((?:\d+(?:\.\d+)?\s?(?:ms|h|m|s)[a-z]*[\s,]*)+)/i.exec(message) ?? [];
  return duration(words.replaceAll(/(\d)\s?(ms|h|m|s)[a-z]*[\s,]*/gi, '$1$2'), undefined);
}

/** The reset of the limit that is used up, the latest if several are; if none is known to be, the earliest reset. */
function inLimits(headers: Headers, now: number | undefined): number | undefined {
  const limits = LIMITS.flatMap((which) => {
    const seconds = duration(String(headers[`x-ratelimit-reset${which}`] ?? ''), now);
    return seconds === undefined ? [] : [{ seconds, empty: headers[`x-ratelimit-remaining${which}`] === '0' }];
  });
  const empty = limits.filter((limit) => limit.empty);
  if (empty.length > 0) return Math.max(...empty.map(({ seconds }) => seconds));
  return limits.length > 0 ? Math.min(...limits.map(({ seconds }) => seconds)) : undefined;
}

/** `2m59.56s`, `6ms`, `22s`, a number of seconds, or a time since 1970. */
function duration(text: string, now: number | undefined): number | undefined {
  if (/^\d+(\.\d+)?$/.test(text)) {
    const number = Number(text);
    if (number < SECONDS_SINCE_1970) return number;
    return now === undefined ? undefined : (number < MILLISECONDS_SINCE_1970 ? number : number / 1000) - now / 1000;
  }
  const [all = '', hours = 0, minutes = 0, seconds = 0, milliseconds = 0] =
    /^(?:(\d+)h)?(?:(\d+)m(?!s))?(?:(\d+(?:\.\d+)?)s)?(?:(\d+(?:\.\d+)?)ms)?$/i.exec(text) ?? [];
  return all === '' ? undefined : Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds) + Number(milliseconds) / 1000;
}
