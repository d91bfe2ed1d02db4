import { expect } from 'chai';
import type { Dialect } from '../../core/contract/dialect.ts';

// biome-ignore lint/suspicious/noExplicitAny: events of any shape
type Event = any;

/** Reads a stream into the answer's body, as far as the stream alone contains it; undefined after a failure. */
export const READERS: Record<Dialect, (stream: string) => Event> = { responses: readResponses, chat: readChat, messages: readMessages };

/** Returns the blocks of a stream: each has its data and, if the dialect names its blocks, its type as the name. */
function blocksOf(stream: string, named: boolean): string[] {
  expect(stream.endsWith('\n\n'), 'ends with a blank line').to.equal(true);
  return stream
    .slice(0, -2)
    .split('\n\n')
    .map((block) => {
      const lines = block.split('\n');
      expect(lines).to.have.lengthOf(named ? 2 : 1);
      const data = lines.at(-1) ?? '';
      expect(data.startsWith('data: ')).to.equal(true);
      if (named) expect(lines[0]).to.equal(`event: ${JSON.parse(data.slice(6)).type}`);
      return data.slice(6);
    });
}

interface OpenItem {
  added: Event;
  parts: Map<string, { text: string; done: boolean; notes: number }>;
}

const PART_OF: Record<string, 'content' | 'summary' | 'item'> = {
  'response.output_text.delta': 'content',
  'response.refusal.delta': 'content',
  'response.reasoning_text.delta': 'content',
  'response.reasoning_summary_text.delta': 'summary',
  'response.function_call_arguments.delta': 'item',
  'response.custom_tool_call_input.delta': 'item',
};

function readResponses(stream: string): Event {
  const events: Event[] = blocksOf(stream, true).map((data) => JSON.parse(data));
  expect(events.map(({ sequence_number }) => sequence_number)).to.deep.equal(events.map((_, at) => at));
  expect(events.slice(0, 2).map(({ type }) => type)).to.deep.equal(['response.created', 'response.in_progress']);
  const final = events.at(-1);
  expect(final.type).to.match(/^response\.(completed|incomplete|failed)$/);
  expect(final.type).to.equal(`response.${final.response.status}`);
  const open = new Map<number, OpenItem>();
  const done = new Map<number, Event>();
  const opened = (event: Event): OpenItem => {
    const item = open.get(event.output_index);
    if (!item) throw new Error(`${event.type} of an item that is not open: ${event.output_index}`);
    if (event.item_id !== undefined) expect(event.item_id).to.equal(item.added.id);
    return item;
  };
  let items = 0;
  for (const event of events.slice(2, -1)) {
    const list = 'summary_index' in event ? 'summary' : 'content' in event || 'content_index' in event ? 'content' : 'item';
    const place = `${list}${event.summary_index ?? event.content_index ?? 0}`;
    if (event.type === 'response.output_item.added') {
      expect(event.output_index).to.equal(items++);
      open.set(event.output_index, { added: event.item, parts: new Map(list === 'item' ? [['item0', { text: '', done: false, notes: 0 }]] : []) });
    } else if (event.type.endsWith('_part.added')) {
      const { parts } = opened(event);
      expect(parts.has(place), `${place} is new`).to.equal(false);
      const before = [...parts.keys()].filter((each) => each.startsWith(list));
      expect(place).to.equal(`${list}${before.length}`);
      parts.set(place, { text: '', done: false, notes: 0 });
    } else if (event.type === 'response.output_item.done') {
      readItem(opened(event), event.item);
      open.delete(event.output_index);
      done.set(event.output_index, event.item);
    } else {
      const part = opened(event).parts.get(place);
      if (!part) throw new Error(`${event.type} of a part that was not added: ${place}`);
      readPart(event, part);
    }
  }
  if (final.type !== 'response.failed') expect([...open.keys()], 'all items are done').to.deep.equal([]);
  const order = [...done].sort(([one], [other]) => one - other).map(([, item]) => item);
  expect(final.response.output).to.deep.equal(order);
  return final.response;
}

function readPart(event: Event, part: { text: string; done: boolean; notes: number }): void {
  expect(part.done, 'the part is open').to.equal(false);
  if (PART_OF[event.type]) {
    part.text += event.delta;
  } else if (event.type === 'response.output_text.annotation.added') {
    expect(event.annotation_index).to.equal(part.notes++);
  } else if (event.type.endsWith('_part.done')) {
    expect(event.part.text ?? event.part.refusal).to.equal(part.text);
    part.done = true;
  } else {
    expect(event.type).to.match(/\.done$/);
    expect(event.text ?? event.refusal ?? event.arguments ?? event.input, event.type).to.equal(part.text);
  }
}

/** The whole item must equal what the stream sent of it. */
function readItem({ added, parts }: OpenItem, item: Event): void {
  expect(item.id).to.equal(added.id);
  expect(item.type).to.equal(added.type);
  const lists: [string, Event[]][] = [
    ['content', item.content ?? []],
    ['summary', item.summary ?? []],
  ];
  for (const [list, whole] of lists) {
    const streamed = [...parts].filter(([place]) => place.startsWith(list)).map(([, { text }]) => text);
    expect(whole.map(({ text, refusal }: Event) => text ?? refusal)).to.deep.equal(streamed);
  }
  const written = item.arguments ?? item.input;
  if (written !== undefined) expect(written).to.equal(parts.get('item0')?.text);
}

function readChat(stream: string): Event {
  const blocks = blocksOf(stream, false);
  const last = blocks.pop();
  const failed = last !== '[DONE]';
  if (failed) expect(Object.keys(JSON.parse(last ?? '').error)).to.include.members(['message', 'type', 'code']);
  const chunks: Event[] = blocks.map((data) => JSON.parse(data));
  const [first] = chunks;
  for (const { id, object, created, model } of chunks)
    expect({ id, object, created, model }).to.deep.equal({ id: first.id, object: 'chat.completion.chunk', created: first.created, model: first.model });
  const usages = chunks.filter(({ usage }) => usage);
  if (!failed) expect(usages).to.deep.equal([chunks.pop()]);
  for (const { choices } of usages) expect(choices).to.deep.equal([]);
  const message: Event = { role: undefined, content: '', refusal: '', reasoning_content: '', annotations: [], tool_calls: [], reasoning_details: [] };
  let finish: string | null = null;
  for (const [at, { choices }] of chunks.entries()) {
    const [{ index, delta, finish_reason }] = choices;
    expect({ choices: choices.length, index, finish }).to.deep.equal({ choices: 1, index: 0, finish: null });
    expect(delta.role).to.equal(at === 0 ? 'assistant' : undefined);
    message.role ??= delta.role;
    for (const field of ['content', 'refusal', 'reasoning_content']) message[field] += delta[field] ?? '';
    for (const field of ['annotations', 'reasoning_details']) message[field].push(...(delta[field] ?? []));
    for (const call of delta.tool_calls ?? []) readCall(call, message.tool_calls);
    finish = finish_reason;
  }
  if (failed) expect(finish).to.equal(null);
  else expect(finish).to.be.a('string');
  return failed ? undefined : { message, finish_reason: finish, usage: usages[0].usage };
}

function readCall({ index, ...delta }: Event, calls: Event[]): void {
  const call = calls[index];
  if (!call) {
    expect(index).to.equal(calls.length);
    expect(delta.id).to.be.a('string');
    expect(delta[delta.type].name).to.be.a('string');
    calls.push(structuredClone(delta));
    return;
  }
  const kind = call.type;
  expect(Object.keys(delta)).to.deep.equal([kind]);
  const field = kind === 'custom' ? 'input' : 'arguments';
  expect(Object.keys(delta[kind])).to.deep.equal([field]);
  call[kind][field] += delta[kind][field];
}

function readMessages(stream: string): Event {
  const events: Event[] = blocksOf(stream, true)
    .map((data) => JSON.parse(data))
    .filter(({ type }) => type !== 'ping');
  const { type, message } = events.shift();
  expect(type).to.equal('message_start');
  expect(message).to.include({ type: 'message', role: 'assistant', stop_reason: null });
  expect(message.content).to.deep.equal([]);
  const final = events.pop();
  if (final.type === 'error') expect(final.error).to.have.all.keys('type', 'message');
  else expect(final).to.deep.equal({ type: 'message_stop' });
  const ending = final.type === 'error' ? undefined : events.pop();
  if (ending) expect(ending.type).to.equal('message_delta');
  let open: Event;
  for (const event of events) {
    if (event.type === 'content_block_start') {
      expect(open, 'no block is open').to.equal(undefined);
      expect(event.index).to.equal(message.content.length);
      open = { ...event.content_block };
      if (open.type === 'tool_use') expect(open.input).to.deep.equal({});
      if (open.type === 'tool_use') open.input = '';
      message.content.push(open);
      continue;
    }
    expect(open, `${event.type}: a block is open`).to.be.an('object');
    expect(event.index).to.equal(message.content.length - 1);
    if (event.type === 'content_block_stop') open = undefined;
    else readDelta(event, open);
  }
  if (ending) expect(open, 'all blocks are closed').to.equal(undefined);
  return ending && { ...message, ...ending.delta, usage: ending.usage };
}

function readDelta({ type, delta }: Event, block: Event): void {
  expect(type).to.equal('content_block_delta');
  const kinds: Record<string, [string, string]> = {
    text_delta: ['text', 'text'],
    thinking_delta: ['thinking', 'thinking'],
    signature_delta: ['thinking', 'signature'],
    input_json_delta: ['tool_use', 'partial_json'],
  };
  if (delta.type === 'citations_delta') {
    block.citations = [...(block.citations ?? []), delta.citation];
    return;
  }
  const [of, field] = kinds[delta.type] ?? [];
  expect(block.type).to.equal(of);
  block[field === 'partial_json' ? 'input' : (field ?? '')] += delta[field ?? ''];
}
