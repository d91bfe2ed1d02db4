import type { CanonicalRequest, EndEvent, Item, StreamEvent } from '../../core/contract/canonical.ts';
import type { Dialect } from '../../core/contract/dialect.ts';
import type { Warning } from '../../core/contract/exchange.ts';
import type { ModelFacts } from '../../core/contract/facts.ts';
import type { Codec } from '../../core/dialects/codec.ts';
import type { RunningExchange } from '../../core/run/running-exchange.ts';
import { openaiCompatible } from '../../presets/openai-compatible.ts';
import { testExchange } from './test-exchange.ts';

interface Decoded {
  events: StreamEvent[];
  /** The finished items, in the order in which they were added. */
  items: Item[];
  end: EndEvent | undefined;
  warnings: string[];
}

/** An exchange with the model `m`, for which the preset has these facts. */
export function createExchange(facts: Omit<ModelFacts, 'id'> = {}, dialect: Dialect = 'responses'): RunningExchange {
  const preset = openaiCompatible({ models: [{ id: 'm', ...facts }] });
  const exchange = testExchange({ dialect, preset });
  exchange.ask({ model: 'm', stream: true });
  return exchange;
}

/** Encodes a request: returns the body and the warnings. */
export function encode<Body extends object>(codec: Codec<Body>, request: Partial<CanonicalRequest>, facts?: Omit<ModelFacts, 'id'>) {
  const exchange = createExchange(facts);
  const body = codec.encode({ model: 'm', input: [{ type: 'message', role: 'user', content: 'hi' }], ...structuredClone(request) }, exchange);
  return { body, warnings: spell(exchange.warnings) };
}

/** Decodes a stream: its chunks, and then its end, which may be marked. */
export function decode(codec: Codec, chunks: readonly object[], marked = false): Decoded {
  const exchange = createExchange();
  const decoder = codec.decoder(exchange, 400);
  const events: StreamEvent[] = [];
  for (const chunk of chunks) decoder.chunk(chunk, events);
  decoder.end(marked, events);
  const added = events.flatMap((event) => (event.type === 'item.added' ? event.key : []));
  const done = events.filter((event) => event.type === 'item.done').sort((one, other) => added.indexOf(one.key) - added.indexOf(other.key));
  const end = events.find((event) => event.type === 'end');
  return { events, items: done.map(({ item }) => item), end, warnings: spell(exchange.warnings) };
}

/** Returns every stream that differs from this one in one field, which gets a wrong value. */
export function* spoilt(chunks: readonly object[]): Generator<object[]> {
  for (const [at, chunk] of chunks.entries()) {
    for (const path of pathsOf(chunk)) {
      for (const junk of [null, 0, 'x', [], [null], {}, true]) {
        const copy = structuredClone(chunks) as Record<string, unknown>[];
        // biome-ignore lint/suspicious/noExplicitAny: a walk through values of any shape
        const parent = path.slice(0, -1).reduce<any>((value, key) => value[key], copy[at]);
        parent[path.at(-1) as string] = junk;
        yield copy;
      }
    }
  }
}

function pathsOf(value: unknown): string[][] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => [[key], ...pathsOf(inner).map((path) => [key, ...path])]);
}

function spell(warnings: readonly Warning[]): string[] {
  return warnings.map(({ param, reason }) => `${param}: ${reason}`);
}
