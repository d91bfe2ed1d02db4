import { expect } from 'chai';
import fc from 'fast-check';
import { type Content, type Item, textOf, type Usage } from '../core/canonical.ts';
import { chatCodec } from '../core/dialects/chat/codec.ts';
import { chatFrontDoor } from '../core/dialects/chat/front-door.ts';
import type { Codec } from '../core/dialects/codec.ts';
import type { Answer, FrontDoor } from '../core/dialects/front-door.ts';
import { messagesCodec } from '../core/dialects/messages/codec.ts';
import { messagesFrontDoor } from '../core/dialects/messages/front-door.ts';
import { responsesCodec } from '../core/dialects/responses/codec.ts';
import { responsesFrontDoor } from '../core/dialects/responses/front-door.ts';
import { DIALECTS, type Dialect } from '../core/exchange.ts';
import { type Told, told } from './support/canonical-events.ts';
import { createExchange, decode } from './support/codec-bench.ts';
import { READERS } from './support/legal-streams.ts';

// biome-ignore lint/suspicious/noExplicitAny: bodies of any shape
type Loose = any;

const SEED = 20261121;
const DOORS: Record<Dialect, FrontDoor> = { responses: responsesFrontDoor, chat: chatFrontDoor, messages: messagesFrontDoor };
const CODECS: Record<Dialect, Codec> = { responses: responsesCodec as Codec, chat: chatCodec as Codec, messages: messagesCodec as Codec };
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
  fc.assert(fc.property(told, holds), { seed: SEED, numRuns: 400 });
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

export type { Usage };
