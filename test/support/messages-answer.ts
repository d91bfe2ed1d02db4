import { json, type Reply, sse } from './scripted-provider.ts';

interface Call {
  id: string;
  name: string;
  input: object;
}

/** One turn of a Messages model; the same for a stream and for a whole answer. */
export interface MessagesAnswer {
  thinking?: string;
  text?: string;
  calls?: Call[];
  stop?: string;
}

const USAGE = { input_tokens: 15, cache_read_input_tokens: 5, cache_creation_input_tokens: 0, output_tokens: 7 };

/** Answers in the requested form: a stream, with its texts and arguments cut in halves, or one body. */
export function speaks(answer: MessagesAnswer): Reply {
  const stop_reason = answer.stop ?? (answer.calls?.length ? 'tool_use' : 'end_turn');
  const streamed = sse(...eventsOf(answer, stop_reason).map((event) => `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`));
  const content = blocksOf(answer).map(({ start, whole }) => ({ ...start, ...whole }));
  const message = { id: 'msg_1', type: 'message', role: 'assistant', model: 'm', content, stop_reason, stop_sequence: null, usage: USAGE };
  return (response, asked) => (asked.body?.stream ? streamed : json(200, message))(response, asked);
}

function eventsOf(answer: MessagesAnswer, stop_reason: string): { type: string }[] {
  const message = { id: 'msg_1', type: 'message', role: 'assistant', model: 'm', content: [], stop_reason: null, stop_sequence: null };
  const blocks = blocksOf(answer).flatMap(({ start, deltas }, index) => [
    { type: 'content_block_start', index, content_block: start },
    ...deltas.map((delta) => ({ type: 'content_block_delta', index, delta })),
    { type: 'content_block_stop', index },
  ]);
  return [
    { type: 'message_start', message: { ...message, usage: { ...USAGE, output_tokens: 1 } } } as { type: string },
    ...blocks,
    { type: 'message_delta', delta: { stop_reason, stop_sequence: null }, usage: { output_tokens: USAGE.output_tokens } } as { type: string },
    { type: 'message_stop' },
  ];
}

/** The start, the deltas and the whole of each block. */
function blocksOf({ thinking, text, calls = [] }: MessagesAnswer): { start: object; deltas: object[]; whole: object }[] {
  return [
    ...(thinking === undefined
      ? []
      : [
          {
            start: { type: 'thinking', thinking: '', signature: '' },
            deltas: [...halves(thinking).map((half) => ({ type: 'thinking_delta', thinking: half })), { type: 'signature_delta', signature: 'signed' }],
            whole: { thinking, signature: 'signed' },
          },
        ]),
    ...(text === undefined
      ? []
      : [{ start: { type: 'text', text: '' }, deltas: halves(text).map((half) => ({ type: 'text_delta', text: half })), whole: { text } }]),
    ...calls.map(({ id, name, input }) => ({
      start: { type: 'tool_use', id, name, input: {} },
      deltas: halves(JSON.stringify(input)).map((partial_json) => ({ type: 'input_json_delta', partial_json })),
      whole: { input },
    })),
  ];
}

function halves(text: string): string[] {
  const middle = Math.ceil(text.length / 2);
  return [text.slice(0, middle), text.slice(middle)].filter(Boolean);
}
