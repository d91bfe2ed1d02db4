import fc from 'fast-check';
import type { Dialect } from '../../core/contract/dialect.ts';

// biome-ignore lint/suspicious/noExplicitAny: bodies of any shape
type Loose = any;

interface Call {
  id: string;
  name: string;
  input: Record<string, unknown>;
  output: string;
}
interface Turn {
  user: { text: string; image: boolean };
  /** The model's answer to it. */
  said: string;
  calls: Call[];
  /** A system message in the middle of it. */
  reminder: string | undefined;
}

/** A request that every dialect can express. */
export interface Conversation {
  system: string | undefined;
  turns: Turn[];
  last: string;
  tools: { name: string; description: string | undefined; schema: object; strict: boolean }[];
  choice: 'auto' | 'none' | 'required' | 'named' | undefined;
  alone: boolean;
  most: number | undefined;
  temperature: number | undefined;
  topP: number | undefined;
  stop: string[] | undefined;
  effort: 'none' | 'low' | 'medium' | 'high' | 'xhigh' | undefined;
  schema: object | undefined;
  stream: boolean;
}

const PNG = 'iVBORw0KGgo=';
/** Providers refuse blank texts and trim the others: that loss is intended. */
const words = fc
  .oneof(fc.string({ unit: 'grapheme', minLength: 1, maxLength: 12 }), fc.constantFrom('"quoted"\n\\', '🦜', '<b>', '__proto__'))
  .map((text) => `a${text}z`);
const maybe = <Value>(arbitrary: fc.Arbitrary<Value>) => fc.option(arbitrary, { nil: undefined });
const names = ['read_file', 'list', 'run-it'];
const schema = fc.constantFrom(
  { type: 'object', properties: {} },
  { type: 'object', properties: { path: { type: 'string' } }, required: ['path'], additionalProperties: false },
);
const input = fc.dictionary(words, fc.oneof(words, fc.integer(), fc.constant(null), fc.array(fc.boolean(), { maxLength: 2 })), { maxKeys: 2 });
const call = fc.record({ id: fc.constant(''), name: fc.constantFrom(...names), input, output: words });
const turn = fc.record({
  user: fc.record({ text: words, image: fc.boolean() }),
  said: fc.oneof(words, fc.constant('')),
  calls: fc.array(call, { maxLength: 3 }),
  reminder: maybe(words),
});

export const conversation: fc.Arbitrary<Conversation> = fc
  .record({
    system: maybe(words),
    turns: fc.array(turn, { maxLength: 3 }),
    last: words,
    tools: fc.uniqueArray(fc.record({ name: fc.constantFrom(...names), description: maybe(words), schema, strict: fc.boolean() }), {
      selector: ({ name }) => name,
      maxLength: 3,
    }),
    choice: maybe(fc.constantFrom('auto' as const, 'none' as const, 'required' as const, 'named' as const)),
    alone: fc.boolean(),
    most: maybe(fc.integer({ min: 42_000, max: 60_000 })),
    sampling: fc.constantFrom('temperature', 'top_p', 'effort', 'nothing'),
    sample: fc.integer({ min: 0, max: 20 }).map((twentieths) => twentieths / 20),
    stop: maybe(fc.uniqueArray(words, { minLength: 1, maxLength: 4 })),
    effort: fc.constantFrom('none' as const, 'low' as const, 'medium' as const, 'high' as const, 'xhigh' as const),
    schema: maybe(schema),
    stream: fc.boolean(),
  })
  .map(({ sampling, sample, effort, ...given }): Conversation => {
    let calls = 0;
    const thinks = sampling === 'effort';
    const turns = given.turns
      // a thinking model must get its thoughts back, which no two providers share
      .map((each) => ({ ...each, calls: thinks ? [] : each.calls.map((one) => ({ ...one, id: `call_${calls++}` })) }))
      .filter(({ said, calls: made }) => said !== '' || made.length > 0);
    const forced = thinks || given.tools.length === 0;
    return {
      ...given,
      turns,
      choice: given.tools.length === 0 || (forced && given.choice !== 'none') ? undefined : given.choice,
      alone: given.alone && given.tools.length > 0 && given.choice !== 'none',
      temperature: sampling === 'temperature' ? sample : undefined,
      topP: sampling === 'top_p' ? sample : undefined,
      effort: thinks ? effort : undefined,
      // the limit that is chosen for the client grows with the thoughts
      most: thinks ? (given.most ?? 50_000) : given.most,
    };
  });

/** Writes a conversation as a client of this dialect sends it. */
export const SPEAK: Record<Dialect, (conversation: Conversation) => Record<string, unknown>> = { responses: inResponses, chat: inChat, messages: inMessages };

function inResponses({
  system,
  turns,
  last,
  tools,
  choice,
  alone,
  most,
  temperature,
  topP,
  effort,
  schema: format,
  stream,
}: Conversation): Record<string, unknown> {
  const input = turns.flatMap(({ user, said, calls, reminder }): Loose[] => [
    ...(reminder === undefined ? [] : [{ type: 'message', role: 'developer', content: reminder }]),
    {
      type: 'message',
      role: 'user',
      content: [{ type: 'input_text', text: user.text }, ...(user.image ? [{ type: 'input_image', image_url: `data:image/png;base64,${PNG}` }] : [])],
    },
    ...(said ? [{ type: 'message', role: 'assistant', content: [{ type: 'output_text', text: said }] }] : []),
    ...calls.map(({ id, name, input: given }) => ({ type: 'function_call', call_id: id, name, arguments: JSON.stringify(given) })),
    ...calls.toReversed().map(({ id, output }) => ({ type: 'function_call_output', call_id: id, output })),
  ]);
  return clean({
    model: 'm',
    instructions: system,
    input: [...input, { type: 'message', role: 'user', content: last }],
    tools:
      tools.length === 0
        ? undefined
        : tools.map(({ name, description, schema: parameters, strict }) => clean({ type: 'function', name, description, parameters, strict })),
    tool_choice: choice === 'named' ? { type: 'function', name: tools[0]?.name } : choice,
    parallel_tool_calls: alone ? false : undefined,
    max_output_tokens: most,
    temperature,
    top_p: topP,
    reasoning: effort && { effort },
    text: format && { format: { type: 'json_schema', name: 'output', schema: format, strict: true } },
    stream,
  });
}

function inChat({
  system,
  turns,
  last,
  tools,
  choice,
  alone,
  most,
  temperature,
  topP,
  stop,
  effort,
  schema: format,
  stream,
}: Conversation): Record<string, unknown> {
  const messages = turns.flatMap(({ user, said, calls, reminder }): Loose[] => [
    ...(reminder === undefined ? [] : [{ role: 'developer', content: reminder }]),
    {
      role: 'user',
      content: user.image
        ? [
            { type: 'text', text: user.text },
            { type: 'image_url', image_url: { url: `data:image/png;base64,${PNG}` } },
          ]
        : user.text,
    },
    {
      role: 'assistant',
      content: said || null,
      ...(calls.length > 0 && {
        tool_calls: calls.map(({ id, name, input: given }) => ({ id, type: 'function', function: { name, arguments: JSON.stringify(given) } })),
      }),
    },
    ...calls.toReversed().map(({ id, output }) => ({ role: 'tool', tool_call_id: id, content: output })),
  ]);
  return clean({
    model: 'm',
    messages: [...(system === undefined ? [] : [{ role: 'system', content: system }]), ...messages, { role: 'user', content: last }],
    tools:
      tools.length === 0
        ? undefined
        : tools.map(({ name, description, schema: parameters, strict }) => ({ type: 'function', function: clean({ name, description, parameters, strict }) })),
    tool_choice: choice === 'named' ? { type: 'function', function: { name: tools[0]?.name } } : choice,
    parallel_tool_calls: alone ? false : undefined,
    max_tokens: most,
    temperature,
    top_p: topP,
    stop,
    reasoning_effort: effort,
    response_format: format && { type: 'json_schema', json_schema: { name: 'output', schema: format, strict: true } },
    stream,
  });
}

function inMessages({
  system,
  turns,
  last,
  tools,
  choice,
  alone,
  most,
  temperature,
  topP,
  stop,
  effort,
  schema: format,
  stream,
}: Conversation): Record<string, unknown> {
  const budgets = { low: 2_048, medium: 8_192, high: 24_576, xhigh: 32_768 };
  const messages = turns.flatMap(({ user, said, calls, reminder }): Loose[] => [
    ...(reminder === undefined ? [] : [{ role: 'system', content: reminder }]),
    {
      role: 'user',
      content: [{ type: 'text', text: user.text }, ...(user.image ? [{ type: 'image', source: { type: 'base64', media_type: 'image/png', data: PNG } }] : [])],
    },
    {
      role: 'assistant',
      content: [...(said ? [{ type: 'text', text: said }] : []), ...calls.map(({ id, name, input: given }) => ({ type: 'tool_use', id, name, input: given }))],
    },
    ...(calls.length > 0
      ? [{ role: 'user', content: calls.toReversed().map(({ id, output }) => ({ type: 'tool_result', tool_use_id: id, content: output })) }]
      : []),
  ]);
  const types = { auto: 'auto', none: 'none', required: 'any', named: 'tool' };
  const chosen = choice ?? (alone ? 'auto' : undefined);
  return clean({
    model: 'm',
    max_tokens: most,
    system,
    messages: [...messages, { role: 'user', content: last }],
    tools:
      tools.length === 0 ? undefined : tools.map(({ name, description, schema: input_schema, strict }) => clean({ name, description, input_schema, strict })),
    tool_choice: chosen && clean({ type: types[chosen], name: chosen === 'named' ? tools[0]?.name : undefined, disable_parallel_tool_use: alone || undefined }),
    temperature,
    top_p: topP,
    stop_sequences: stop,
    thinking: effort && (effort === 'none' ? { type: 'disabled' } : { type: 'enabled', budget_tokens: budgets[effort] }),
    output_config: format && { format: { type: 'json_schema', schema: format } },
    stream,
  });
}

function clean(record: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(record).filter(([, value]) => value !== undefined));
}
