import { z } from 'zod';
import type { Plugin, ProviderFailure } from '../core/contract/plugin.ts';
import { placesOf } from '../core/kit/body-paths.ts';
import { Pattern, parseOptions } from '../core/kit/options.ts';

const Words = z.union([z.string(), z.array(z.string()).min(1)]);
const Rule = z.strictObject({
  /** The HTTP status, one or several. */
  status: z.union([z.int(), z.array(z.int()).min(1)]).optional(),
  /** The provider's error code, one or several. */
  code: Words.optional(),
  /** The provider's error type, one or several. */
  type: Words.optional(),
  /** The provider's message, as a regular expression; case does not matter. */
  message: Pattern.optional(),
  /** Dotted path in the error body → the value there, one or several. */
  fields: z.record(z.string(), Words).optional(),
  /** The gateway's error code for such a failure. */
  as: z.enum([
    'rate_limited',
    'quota_exhausted',
    'upstream_overloaded',
    'upstream_failed',
    'upstream_timeout',
    'upstream_authentication',
    'upstream_permission',
    'model_not_found',
    'context_length_exceeded',
    'content_filtered',
    'invalid_request',
    'unsupported_parameter',
    'unsupported_value',
    'body_too_large',
  ]),
  /** Seconds to wait before the next attempt, if the provider names none. */
  retryAfter: z.number().positive().optional(),
});
type Rule = z.output<typeof Rule>;

const Options = z.strictObject({
  /**
   * The first rule whose conditions (`status`, `code`, `type`, `message`, `fields`) all match decides the error code.
   */
  rules: z.array(Rule).default([]),
});

export type ErrorRules = NonNullable<z.input<typeof Options>['rules']>;

/**
 * Maps a provider's failures to the gateway's error codes by a table, for providers whose statuses and messages
 * mislead: one 429 means throttling, another an empty account.
 */
export function providerErrors(options: z.input<typeof Options> = {}): Plugin {
  const table = parseOptions('provider-errors', Options, options).rules.map((rule) => ({
    rule,
    says: rule.message === undefined ? undefined : new RegExp(rule.message, 'i'),
  }));
  const failure = (failure: ProviderFailure): ProviderFailure | undefined => {
    const found = table.find(({ rule, says }) => fits(failure, rule) && (!says || says.test(failure.message ?? '')));
    return found && mapped(failure, found.rule);
  };
  return { name: 'provider-errors', wire: { chat: { failure }, responses: { failure }, messages: { failure } } };
}

function fits({ status, code, type, body }: ProviderFailure, rule: Rule): boolean {
  const is = (found: unknown, wanted: string | number | readonly (string | number)[] | undefined) =>
    wanted === undefined || [wanted].flat().includes(found as string);
  if (!is(status, rule.status) || !is(code, rule.code) || !is(type, rule.type)) return false;
  const whole = typeof body === 'object' && body !== null ? body : {};
  return Object.entries(rule.fields ?? {}).every(([path, wanted]) => placesOf(whole, path).some(([holder, name]) => is(String(holder[name]), wanted)));
}

function mapped(failure: ProviderFailure, { as, retryAfter }: Rule): ProviderFailure | undefined {
  const after = failure.retryAfter ?? retryAfter;
  // such a failure may be retried, whatever status it came with
  const status = as === 'upstream_failed' && failure.status < 500 ? 500 : failure.status;
  if (failure.means === as && failure.retryAfter === after && failure.status === status) return undefined;
  return { ...failure, status, means: as, ...(after !== undefined && { retryAfter: after }) };
}
