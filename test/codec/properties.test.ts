import { expect } from 'chai';
import fc from 'fast-check';
import {
  type CanonicalRequest,
  type Channel,
  type Content,
  type EndEvent,
  type FunctionTool,
  type Item,
  type StreamEvent,
  textOf,
} from '../../core/contract/canonical.ts';
import { DIALECTS, type Dialect } from '../../core/contract/dialect.ts';
import { chatCodec } from '../../core/dialects/chat/codec/codec.ts';
import { chatFrontDoor } from '../../core/dialects/chat/door/front-door.ts';
import type { Codec } from '../../core/dialects/codec.ts';
import type { Answer, FrontDoor } from '../../core/dialects/front-door.ts';
import { messagesCodec } from '../../core/dialects/messages/codec/codec.ts';
import { messagesFrontDoor } from '../../core/dialects/messages/door/front-door.ts';
import { responsesCodec } from '../../core/dialects/responses/codec/codec.ts';
import { responsesFrontDoor } from '../../core/dialects/responses/door/front-door.ts';
import { fitsStrict } from '../../core/kit/json-schema.ts';
import { createPipeline } from '../../core/pipeline/create-pipeline.ts';
import { resolvePlugins } from '../../core/pipeline/resolve-plugins.ts';
import type { RunningExchange } from '../../core/run/running-exchange.ts';
import { openaiCompatible } from '../../presets/openai-compatible.ts';
import { type Told, told } from '../support/canonical-events.ts';
import { createExchange, decode } from '../support/codec-bench.ts';
import { conversation, SPEAK } from '../support/conversations.ts';
import { READERS } from '../support/legal-streams.ts';

// biome-ignore lint/suspicious/noExplicitAny: bodies of any shape
type Loose = any;

const SEED = 20261121;
const DOORS: Record<Dialect, FrontDoor> = { responses: responsesFrontDoor, chat: chatFrontDoor, messages: messagesFrontDoor };
const CODECS: Record<Dialect, Codec> = { responses: responsesCodec as Codec, chat: chatCodec as Codec, messages: messagesCodec as Codec };
const PLUGINS = resolvePlugins({ preset: 'openai-compatible', listed: openaiCompatible().plugins });
const PIPELINES = { responses: pipelineFor('responses'), chat: pipelineFor('chat'), messages: pipelineFor('messages') };

function pipelineFor(dialect: Dialect) {
  return createPipeline(PLUGINS, dialect, 'translated');
}

/** Of a client that wants to be told all there is. */
const CURIOUS: Record<Dialect, () => Record<string, unknown>> = {
  responses: () => ({ model: 'm', input: 'hi', stream: true, include: ['reasoning.encrypted_content'] }),
  chat: () => ({
    model: 'm',
    messages: [
      { role: 'user', content: 'hi' },
      { role: 'assistant', content: 'yes', reasoning_details: [{ type: 'reasoning.text', text: 'hm' }] },
      { role: 'user', content: 'so' },
    ],
    stream: true,
    stream_options: { include_usage: true },
  }),
  messages: () => ({ model: 'm', max_tokens: 10, messages: [{ role: 'user', content: 'hi' }], stream: true, thinking: { type: 'adaptive' } }),
};

const END: EndEvent = { type: 'end', status: 'completed', usage: { input_tokens: 1, cached_tokens: 0, output_tokens: 1, reasoning_tokens: 0 } };
const calls = ['call_0', 'call_1'].map((call_id): Item => ({ type: 'function_call', call_id, name: 'f', arguments: '{"a":1}' }));
const [one, other] = calls as [Item, Item];
const begun = (key: number, item: Item): StreamEvent => ({ type: 'item.added', key, item: { ...item, arguments: '' } as Item });
const delta = (key: number, channel: Channel, text: string): StreamEvent => ({ type: 'item.delta', key, channel, delta: text });
const done = (key: number, item: Item): StreamEvent => ({ type: 'item.done', key, item });
const says = (text: string): Item => ({ type: 'message', role: 'assistant', content: [{ type: 'output_text', text }] });
const thinks: Item = { type: 'reasoning', summary: [{ type: 'summary_text', text: 'in short' }], content: [{ type: 'reasoning_text', text: 'at length' }] };
/** What was told wrongly once. */
const FOUND: Told[] = [
  // a call that did not stream: no deltas of its arguments in Responses
  { items: [one], events: [begun(0, one), done(0, one), END], end: END },
  // calls that end in another order than they began: the body of Chat had that order
  { items: calls, events: [begun(0, one), begun(1, other), done(1, other), done(0, one), END], end: END },
  // the second call streams first: who read Chat took it for the first
  { items: calls, events: [begun(0, one), begun(1, other), delta(1, 'arguments', '{"a":1}'), done(0, one), done(1, other), END], end: END },
  // only the beginning streamed: the rest was missing in Messages
  { items: [says('abc')], events: [begun(0, says('')), delta(0, 'text', 'a'), done(0, says('abc')), END], end: END },
  // thoughts, and a summary of them: parts that had not begun in Responses, both as one in Messages
  {
    items: [thinks],
    events: [
      { type: 'item.added', key: 0, item: { type: 'reasoning', summary: [] } },
      delta(0, 'summary', 'in '),
      delta(0, 'reasoning', 'at length'),
      done(0, thinks),
      END,
    ],
    end: END,
  },
];

describe('any answer', () => {
  for (const dialect of DIALECTS) {
    it(`is a legal stream in ${dialect}, and its body is what the stream tells`, () => {
      check((answer) => {
        const { stream, body } = write(dialect, answer);
        const read = READERS[dialect](stream);
        if (answer.end.status === 'failed') expect(dialect === 'responses' ? read.status : read).to.equal(dialect === 'responses' ? 'failed' : undefined);
        else expect(folded(dialect, body)).to.deep.equal(streamed(dialect, read));
      });
    });

    it(`tells the same in ${dialect} to one who reads it again`, () => {
      check((answer) => {
        const { stream } = write(dialect, answer);
        const chunks = stream.split('\n').flatMap((line) => (line.startsWith('data: {') ? [JSON.parse(line.slice(6))] : []));
        if (answer.end.status === 'failed') return;
        const { items, end } = decode(CODECS[dialect], chunks, true);
        expect(essence(items, dialect)).to.deep.equal(essence(answer.items, dialect));
        expect(end?.usage).to.deep.equal(answer.end.usage);
        const refused = answer.items.some((item) => item.type === 'message' && (item.content as Content[]).some(({ type }) => type === 'refusal'));
        if (dialect !== 'messages' || !refused) expect({ ...end, usage: 0 }).to.deep.equal({ ...answer.end, usage: 0 });
      });
    });
  }
});

function check(holds: (answer: Told) => void): void {
  fc.assert(fc.property(told, holds), { seed: SEED, numRuns: 300, examples: FOUND.map((answer): [Told] => [answer]) });
}

function write(dialect: Dialect, { events }: Told): { stream: string; body: Loose } {
  const exchange = createExchange();
  const door = DOORS[dialect];
  const answer: Answer = door.answer(door.decode(CURIOUS[dialect](), exchange), exchange);
  let stream = '';
  for (const [at, event] of events.entries()) {
    answer.write(structuredCloneOf(event));
    if (at % 3 === 0) stream += answer.take();
  }
  stream += answer.take();
  return { stream, body: events.at(-1)?.type === 'end' && answer.body ? JSON.parse(answer.body) : undefined };
}

/** An error is no plain data; the events are never changed in place by an answer, which this would show. */
function structuredCloneOf<Event extends { type: string }>(event: Event): Event {
  return event.type === 'end' ? event : structuredClone(event);
}

/** Of a body, what a stream tells too. */
function folded(dialect: Dialect, body: Loose): unknown {
  if (dialect === 'responses') return body;
  if (dialect === 'messages') return body;
  const [{ message, finish_reason }] = body.choices;
  return { message, finish_reason, usage: body.usage };
}

function streamed(dialect: Dialect, read: Loose): unknown {
  if (dialect === 'responses') return read;
  if (dialect === 'messages')
    return { ...read, content: read.content.map((block: Loose) => (block.type === 'tool_use' ? { ...block, input: inputOf(block.input) } : block)) };
  const { content, refusal, reasoning_content: reasoning, annotations, tool_calls: calls, reasoning_details: details, role } = read.message;
  const message = {
    role,
    content: content || (calls.length > 0 || refusal ? null : ''),
    refusal: refusal || null,
    ...(reasoning && { reasoning_content: reasoning }),
    ...(details.length > 0 && { reasoning_details: details }),
    ...(annotations.length > 0 && { annotations }),
    ...(calls.length > 0 && { tool_calls: calls }),
  };
  return { ...read, message };
}

function inputOf(json: string): unknown {
  try {
    const input: unknown = JSON.parse(json);
    if (typeof input === 'object' && !Array.isArray(input)) return input;
  } catch {
    // told as it is
  }
  return { _raw: json };
}

/** What of the items a dialect can tell, in its order. */
function essence(items: readonly Item[], dialect: Dialect): unknown {
  if (dialect === 'responses') return items.map((item) => ({ ...item }));
  const plain = items.flatMap((item): unknown[] => {
    if (item.type === 'function_call') return [{ call: item.call_id, name: item.name, json: item.arguments }];
    if (item.type === 'custom_tool_call') return [{ call: item.call_id, name: item.name, json: JSON.stringify({ input: item.input }) }];
    if (item.type === 'reasoning')
      return [
        { thought: (item.summary.length > 0 ? item.summary : (item.content ?? [])).map((part) => textOf([part])).join('\n\n'), sealed: item.encrypted_content },
      ];
    if (item.type !== 'message') return [];
    const parts = item.content as Content[];
    if (dialect === 'messages') return [{ said: parts.map((part) => textOf([part])).join('') }];
    return [
      { said: parts.map((part) => ('text' in part ? part.text : '')).join(''), refusal: parts.map((part) => ('refusal' in part ? part.refusal : '')).join('') },
    ];
  }) as Loose[];
  const told = plain.filter(({ said, refusal, thought, sealed, call }) => said || refusal || thought || sealed || call);
  if (dialect === 'messages') return told.reduce<Loose[]>((all, next) => joined(all, next), []);
  // one message tells all; what is of several items is set apart by blank lines
  const text = (field: string) =>
    told
      .map((each) => each[field])
      .join('')
      .replaceAll('\n', '');
  return { said: text('said'), refusal: text('refusal'), thought: text('thought'), calls: told.filter(({ call }) => call) };
}

/** Text blocks side by side are one message for who reads them. */
function joined(all: Loose[], next: Loose): Loose[] {
  const last = all.at(-1);
  if (last?.said === undefined || next.said === undefined) return [...all, next];
  return [...all.slice(0, -1), { said: last.said + next.said }];
}

describe('any request', () => {
  for (const client of DIALECTS) {
    for (const upstream of DIALECTS) {
      it(`of ${client} keeps its meaning in ${upstream}`, async () => {
        await fc.assert(
          fc.asyncProperty(conversation, async (given) => {
            const asked = decodeBody(client, SPEAK[client](given));
            const meant = meaning(structuredClone(asked.request), client, upstream);
            const body = await encodeFor(upstream, asked);
            expect(meaning(decodeBody(upstream, body).request, client, upstream)).to.deep.equal(meant);
          }),
          { seed: SEED, numRuns: 100 },
        );
      });
    }
  }
});

interface Asked {
  request: CanonicalRequest;
  exchange: RunningExchange;
}

function decodeBody(dialect: Dialect, body: object): Asked {
  const exchange = createExchange({}, dialect);
  return { request: DOORS[dialect].decode(structuredClone(body) as Record<string, unknown>, exchange), exchange };
}

/** All that stands between a client and a provider nothing is known of. */
async function encodeFor(dialect: Dialect, { request, exchange }: Asked): Promise<object> {
  const pipeline = PIPELINES[dialect];
  await pipeline.request.promise(request, exchange);
  const body = CODECS[dialect].encode(request, exchange);
  await pipeline.wireRequest.promise(body, exchange);
  expect(exchange.warnings).to.deep.equal([]);
  return JSON.parse(JSON.stringify(body));
}

/** What a request says, however a dialect divides it into messages. */
function meaning(request: CanonicalRequest, client: Dialect, upstream: Dialect): unknown {
  const { parallel_tool_calls, temperature, top_p, stop, reasoning, text, max_output_tokens } = request;
  // Messages wants the tools of a history declared; nothing else here names a tool without a description
  const declared = upstream === 'messages' && request.tool_choice === 'none' && request.tools?.every((tool) => tool.type === 'function' && !tool.description);
  const { tools, tool_choice } = declared ? { tools: [], tool_choice: 'auto' } : request;
  // the door of Messages takes the word only for schemas that OpenAI accepts with it
  const isStrict = ({ strict, parameters }: FunctionTool) => Boolean(strict) && (upstream !== 'messages' || fitsStrict(parameters));
  return {
    ...spoken(request),
    tools: (tools ?? []).map((tool) =>
      tool.type === 'function' ? { name: tool.name, description: tool.description, parameters: tool.parameters, strict: isStrict(tool) } : tool,
    ),
    choice: tool_choice ?? 'auto',
    alone: parallel_tool_calls === false,
    sampling: { temperature: temperature ?? null, top_p: top_p ?? null },
    // where a provider does not tell at which it stopped, they are looked for here
    stop: client === upstream || (client === 'chat' && upstream !== 'responses') ? (stop ?? []) : [],
    effort: reasoning?.effort ?? null,
    schema: text?.format?.schema ?? null,
    // which Messages requires
    most: max_output_tokens ?? (upstream === 'messages' ? 32_000 : null),
    stream: request.stream ?? false,
  };
}

function spoken({ instructions, input }: CanonicalRequest): { system: string; turns: Loose[] } {
  const told: Loose[] = [];
  const outputs = new Map(input.flatMap((item) => (item.type === 'function_call_output' ? [[item.call_id, item.output]] : [])));
  for (const item of input) {
    if (item.type === 'function_call')
      told.push({ role: 'assistant', call: item.call_id, name: item.name, input: JSON.parse(item.arguments), output: outputs.get(item.call_id) });
    if (item.type === 'message') for (const part of partsOf(item.content)) told.push({ role: item.role === 'system' ? 'developer' : item.role, ...part });
  }
  const first = told.findIndex(({ role }) => role !== 'developer');
  const leading = told.splice(0, first).map(({ text }) => text);
  return { system: [instructions, ...leading].filter(Boolean).join('\n\n'), turns: told };
}

function partsOf(content: string | readonly Content[]): Loose[] {
  const parts: readonly Content[] = typeof content === 'string' ? [{ type: 'input_text', text: content }] : content;
  return parts.map((part) => {
    if (part.type === 'input_image') return { image: part.image_url };
    const text = textOf([part]);
    const [, reminder] = /^<system-reminder>\n(.*)\n<\/system-reminder>$/s.exec(text) ?? [];
    return reminder === undefined ? { text } : { role: 'developer', text: reminder };
  });
}
