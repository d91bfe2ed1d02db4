export type Headers = Readonly<Record<string, string | string[] | undefined>>;

/** Where a provider may tell it: in headers, in fields of its error object, or in words. `now` in milliseconds since 1970. */
interface Told {
  headers?: Headers;
  error: Readonly<Record<string, unknown>>;
  message: string | undefined;
  now?: number;
}

/** Numbers from here on are no durations but times: in seconds, in milliseconds. */
const SECONDS_SINCE_1970 = 1e9;
const MILLISECONDS_SINCE_1970 = 1e12;
const LIMITS = ['-requests', '-tokens', ''];

/** Seconds to wait, from wherever a provider hides them, the surest first; undefined where it says nothing. */
export function retryAfterOf({ headers = {}, error, message, now }: Told): number | undefined {
  const seconds = inHeader(headers, now) ?? inFields(error, now) ?? inDetails(error['details']) ?? inText(message) ?? inLimits(headers, now);
  return seconds === undefined ? undefined : Math.max(0, Math.ceil(seconds));
}

function inHeader(headers: Headers, now: number | undefined): number | undefined {
  const milliseconds = Number(headers['retry-after-ms'] || Number.NaN);
  if (Number.isFinite(milliseconds)) return milliseconds / 1000;
  const told = headers['retry-after'];
  if (typeof told !== 'string' || told === '') return undefined;
  if (/^\d+(\.\d+)?$/.test(told)) return Number(told);
  const at = Date.parse(told);
  return now === undefined || Number.isNaN(at) ? undefined : (at - now) / 1000;
}

/** ChatGPT's. */
function inFields({ resets_in_seconds: seconds, resets_at: at }: Told['error'], now: number | undefined): number | undefined {
  if (typeof seconds === 'number' && Number.isFinite(seconds)) return seconds;
  return typeof at === 'number' ? duration(String(at), now) : undefined;
}

/** Google's `RetryInfo`. */
function inDetails(details: unknown): number | undefined {
  if (!Array.isArray(details)) return undefined;
  const told = details.map((detail: { retryDelay?: unknown } | null) => detail?.retryDelay).find((delay) => typeof delay === 'string');
  return told === undefined ? undefined : duration(told as string, undefined);
}

/** "try again in 1m2.5s", "in 300ms", "after 1 seconds". */
function inText(message = ''): number | undefined {
  const [, told = ''] = /(?:try again|retry) (?:in|after) ((?:\d+(?:\.\d+)?\s?(?:ms|h|m|s)[a-z]*[\s,]*)+)/i.exec(message) ?? [];
  return duration(told.replaceAll(/(\d)\s?(ms|h|m|s)[a-z]*[\s,]*/gi, '$1$2'), undefined);
}

/** When a limit is full again: of the limits that are used up the last, else, as none is known to be, the first. */
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
function duration(told: string, now: number | undefined): number | undefined {
  if (/^\d+(\.\d+)?$/.test(told)) {
    const number = Number(told);
    if (number < SECONDS_SINCE_1970) return number;
    return now === undefined ? undefined : (number < MILLISECONDS_SINCE_1970 ? number : number / 1000) - now / 1000;
  }
  const [all = '', hours = 0, minutes = 0, seconds = 0, milliseconds = 0] =
    /^(?:(\d+)h)?(?:(\d+)m(?!s))?(?:(\d+(?:\.\d+)?)s)?(?:(\d+(?:\.\d+)?)ms)?$/i.exec(told) ?? [];
  return all === '' ? undefined : Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds) + Number(milliseconds) / 1000;
}
