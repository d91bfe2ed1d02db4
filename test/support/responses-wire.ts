import type { ServerResponse } from 'node:http';
import { type Item, type ResponsesBody, refusalOf } from './responses-rules.ts';
import { tell, type Wire } from './strict-provider.ts';
import { pieces, type Turn } from './turn.ts';

const USAGE = {
  input_tokens: 20,
  input_tokens_details: { cached_tokens: 5 },
  output_tokens: 7,
  output_tokens_details: { reasoning_tokens: 3 },
  total_tokens: 27,
};

/**
 * The Responses API as OpenAI documents it: with ids that it recognises, thoughts that it seals, and responses that it
 * keeps.
 */
export function responsesWire(): Wire<ResponsesBody> {
  const sealed = new Set<string>();
  const kept = new Map<string, Item[]>();
  const items = new Map<string, Item>();
  let made = 0;
  const idOf = (begin: string) => `${begin}_${String(++made).padStart(32, '0')}`;
  /** A kept thought may come back by its id alone. */
  const known = (item: Item): Item =>
    (item.type === 'item_reference' || (item.type === 'reasoning' && !item.encrypted_content) ? items.get(item.id) : undefined) ?? item;
  const inputOf = ({ input = [], previous_response_id: previous }: ResponsesBody): Item[] => [
    ...(previous ? (kept.get(previous) ?? []) : []),
    ...(typeof input === 'string' ? [{ type: 'message', role: 'user', content: input }] : input.map(known)),
  ];
  return {
    path: '/responses',
    refusalOf(body) {
      const { previous_response_id: previous } = body;
      if (previous && !kept.has(previous)) return `Previous response with id '${previous}' not found.`;
      return refusalOf(body, inputOf(body), sealed);
    },
    answer(response, body, turn) {
      const { output, wrong } = outputOf(turn, body, idOf);
      for (const item of output) if (item.type === 'reasoning') sealed.add(item.encrypted_content);
      const answer = {
        id: idOf('resp'),
        object: 'response',
        created_at: 1_763_600_000,
        model: body.model,
        instructions: body['instructions'] ?? null,
        tools: body.tools ?? [],
        tool_choice: body['tool_choice'] ?? 'auto',
        parallel_tool_calls: body['parallel_tool_calls'] ?? true,
        previous_response_id: body.previous_response_id ?? null,
        store: body.store ?? true,
        text: body.text ?? { format: { type: 'text' } },
        error: null,
        incomplete_details: null,
        metadata: {},
        usage: null,
      };
      if (answer.store) {
        kept.set(answer.id, [...inputOf(body), ...output]);
        for (const item of output) items.set(item.id, item);
      }
      const seen = body.include?.includes('reasoning.encrypted_content') ? output : output.map(({ encrypted_content: _, ...item }) => item);
      if (body.stream) stream(response, answer, seen, turn.cut);
      else tell(response, 200, { ...answer, status: 'completed', output: seen, usage: USAGE });
      return wrong;
    },
  };
}

function outputOf({ thinking, text, calls = [] }: Turn, { tools = [] }: ResponsesBody, idOf: (begin: string) => string): { output: Item[]; wrong: string[] } {
  const wrong: string[] = [];
  const output: Item[] = [];
  if (thinking) {
    const summary = [{ type: 'summary_text', text: thinking }];
    output.push({ id: idOf('rs'), type: 'reasoning', summary, encrypted_content: `gAAAA${Buffer.from(`${idOf('sealed')} ${thinking}`).toString('base64')}` });
  }
  if (text) {
    const content = [{ type: 'output_text', text, annotations: [], logprobs: [] }];
    output.push({ id: idOf('msg'), type: 'message', role: 'assistant', status: 'completed', content });
  }
  const offered: { type: string; name?: string; namespace?: string }[] = tools.flatMap((tool) =>
    tool.type === 'namespace' ? (tool.tools ?? []).map((each) => ({ type: 'function', name: each.name, namespace: tool.name })) : [tool as { type: string }],
  );
  for (const { name: wanted, input } of calls) {
    const tool = offered.find(({ name }) => name !== undefined && (typeof wanted === 'string' ? name === wanted : wanted.test(name)));
    if (!tool) wrong.push(`the script calls ${wanted}, but offered are ${offered.map(({ name, type }) => name ?? type).join(', ')}`);
    const named = { call_id: idOf('call'), status: 'completed', name: tool?.name ?? String(wanted), ...(tool?.namespace && { namespace: tool.namespace }) };
    if (tool?.type === 'custom') output.push({ id: idOf('ctc'), type: 'custom_tool_call', ...named, input: (input as { input: string }).input });
    else output.push({ id: idOf('fc'), type: 'function_call', ...named, arguments: JSON.stringify(input) });
  }
  return { output, wrong };
}

/** Writes every event that OpenAI sends, in its order. */
function stream(response: ServerResponse, answer: object, output: readonly Item[], cut?: true): void {
  let sequence_number = 0;
  const send = (type: string, fields: object) =>
    void response.write(`event: ${type}\ndata: ${JSON.stringify({ type, sequence_number: sequence_number++, ...fields })}\n\n`);
  response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8' });
  for (const type of ['created', 'in_progress']) send(`response.${type}`, { response: { ...answer, status: 'in_progress', output: [] } });
  for (const [output_index, item] of output.entries()) {
    const at = { item_id: item.id, output_index };
    send('response.output_item.added', { output_index, item: beginningOf(item) });
    if (item.type === 'reasoning') sendPart(send, { ...at, summary_index: 0 }, 'reasoning_summary', item.summary[0]);
    else if (item.type === 'message') sendPart(send, { ...at, content_index: 0 }, 'output', item.content[0]);
    else sendCall(send, at, item);
    if (cut && output_index === output.length - 1) return void response.socket?.end();
    send('response.output_item.done', { output_index, item });
  }
  if (cut) return void response.socket?.end();
  send('response.completed', { response: { ...answer, status: 'completed', output, usage: USAGE } });
  response.end();
}

type Send = (type: string, fields: object) => void;

function sendPart(send: Send, at: object, kind: 'reasoning_summary' | 'output', part: Item): void {
  const name = kind === 'output' ? 'response.content_part' : 'response.reasoning_summary_part';
  send(`${name}.added`, { ...at, part: { ...part, text: '' } });
  for (const delta of pieces(part.text)) send(`response.${kind}_text.delta`, { ...at, delta, ...(kind === 'output' && { logprobs: [] }) });
  send(`response.${kind}_text.done`, { ...at, text: part.text, ...(kind === 'output' && { logprobs: [] }) });
  send(`${name}.done`, { ...at, part });
}

function sendCall(send: Send, at: object, item: Item): void {
  const [name, field] = item.type === 'function_call' ? ['function_call_arguments', 'arguments'] : ['custom_tool_call_input', 'input'];
  for (const delta of pieces(item[field])) send(`response.${name}.delta`, { ...at, delta });
  send(`response.${name}.done`, { ...at, [field]: item[field], ...(field === 'arguments' && { name: item.name }) });
}

function beginningOf(item: Item): Item {
  switch (item.type) {
    case 'reasoning':
      return { ...item, summary: [] };
    case 'message':
      return { ...item, status: 'in_progress', content: [] };
    default:
      return { ...item, status: 'in_progress', [item.type === 'function_call' ? 'arguments' : 'input']: '' };
  }
}
