/** Steps: handlers of plugins in the form that tapable's hooks call. */
import { GatewayError } from '../contract/errors.ts';
import type { Exchange } from '../contract/exchange.ts';
import type { Awaitable, CompleteAnswer, ExchangeSummary, Plugin } from '../contract/plugin.ts';
import { type Limits, within } from './limits.ts';
import { blame, isPromise, isSkipped, wrongReturn } from './plugin-faults.ts';

const IN_PLACE = 'change the argument in place, and return nothing';
export const ONE = 'return a replacement, or nothing to leave it unchanged';

/**
 * Makes a step of a handler that changes its arguments in place. Only a handler that returns a promise is waited for,
 * and only within its limit. `faultOf` says what is wrong with the arguments that the handler leaves behind.
 */
export function inPlace<Arguments extends unknown[]>(
  plugin: Plugin,
  handler: string,
  run: (...args: Arguments) => Awaitable<void>,
  limits: Limits,
  faultOf: (...args: Arguments) => string | undefined = () => undefined,
) {
  return named(plugin, handler, (...call: [...Arguments, (error?: Error | null) => void]): void => {
    const done = call.pop() as (error?: Error | null) => void;
    const args = call as unknown as Arguments;
    const fail = (thrown: unknown) => {
      const error = blame(plugin, handler, thrown);
      done(faultOf(...args) === undefined && isSkipped(plugin, handler, error, args.at(-1) as Exchange) ? null : error);
    };
    const finish = (result: unknown) => {
      if (result !== undefined) return fail(wrongReturn(result, IN_PLACE));
      const fault = faultOf(...args);
      return fault === undefined ? done() : fail(new TypeError(fault));
    };
    let result: unknown;
    try {
      result = run.apply(plugin, args);
    } catch (thrown) {
      return fail(thrown);
    }
    if (isPromise(result)) within(result, plugin, limits).then(finish, fail);
    else finish(result);
  });
}

/** Makes a step of a handler that may return a replacement for its first argument. */
export function replacing<Value>(plugin: Plugin, handler: string, run: (value: Value, exchange: Exchange) => unknown, fits: (result: object) => boolean) {
  return named(plugin, handler, (value: Value, exchange: Exchange): Value | undefined => {
    try {
      const result = run.call(plugin, value, exchange);
      if (result === undefined || (typeof result === 'object' && result !== null && fits(result))) return result as Value | undefined;
      throw wrongReturn(result, ONE);
    } catch (thrown) {
      const error = blame(plugin, handler, thrown);
      if (isSkipped(plugin, handler, error, exchange)) return undefined;
      throw error;
    }
  });
}

/**
 * Makes a step of an `error` handler. One that fails must neither hide the original failure from the client nor keep
 * other handlers from seeing it: both messages are reported together.
 */
export function replacingError(plugin: Plugin, run: NonNullable<Plugin['error']>) {
  const replace = replacing<GatewayError>(plugin, 'error', run, (result) => result instanceof GatewayError);
  return (original: GatewayError, exchange: Exchange): GatewayError | undefined => {
    try {
      return replace(original, exchange);
    } catch (thrown) {
      const error = blame(plugin, 'error', thrown);
      if (error.code !== 'plugin_failed') return error;
      exchange.log.error({ err: error }, error.message);
      return error.with({ message: `${error.message}; the original failure: ${original.message}`, cause: original });
    }
  };
}

/** Makes a step of a `complete` handler. Its failure is only logged: the next plugin must still store its records. */
export function completing(plugin: Plugin, complete: NonNullable<Plugin['complete']>, limits: Limits) {
  return named(plugin, 'complete', async (answer: CompleteAnswer, exchange: Exchange): Promise<void> => {
    try {
      const result: unknown = complete.call(plugin, answer, exchange);
      if (isPromise(result)) await within(result, plugin, limits);
    } catch (thrown) {
      const error = blame(plugin, 'complete', thrown);
      exchange.log.error({ err: error }, error.message);
    }
  });
}

/** Makes a step of an `end` handler. Nobody waits for it but the gateway when it stops. */
export function observing(plugin: Plugin, end: NonNullable<Plugin['end']>, limits: Limits) {
  return named(plugin, 'end', (summary: ExchangeSummary, exchange: Exchange): void => {
    const fail = (thrown: unknown) => {
      const error = blame(plugin, 'end', thrown);
      exchange.log.error({ err: error }, error.message);
    };
    try {
      const result: unknown = end.call(plugin, summary, exchange);
      if (!isPromise(result)) return;
      const pending = within(result, plugin, limits).then(() => {}, fail);
      limits.pending.add(pending);
      void pending.then(() => limits.pending.delete(pending));
    } catch (thrown) {
      fail(thrown);
    }
  });
}

/** Names the step after its plugin and handler, so that stack traces show who failed. It costs nothing per event. */
export function named<Step extends (...given: never[]) => unknown>({ name }: Plugin, handler: string, step: Step): Step {
  return Object.defineProperty(step, 'name', { value: `plugin "${name}" ${handler}` });
}
