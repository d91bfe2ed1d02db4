import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { ChatChunk, ChatDelta, ChatMessage, ChatRequest, ChatTool } from '../core/contract/chat-wire.ts';
import type { Preset } from '../core/contract/preset.ts';
import { reasoningContent } from '../plugins/reasoning-content.ts';
import { chatBasics } from './chat-basics.ts';

const MODEL = 'tapline-demo';
const COMMAND = 'echo tapline-demo';
/** The shell tools that coding agents offer, by the argument that takes the command. */
const SHELLS: Record<string, (command: string) => object> = {
  exec_command: (cmd) => ({ cmd }),
  shell_command: (command) => ({ command }),
  shell: (command) => ({ command: ['bash', '-lc', command] }),
  local_shell: (command) => ({ command: ['bash', '-lc', command] }),
  Bash: (command) => ({ command, description: 'Prints a greeting' }),
  bash: (command) => ({ command, description: 'Prints a greeting' }),
};

/**
 * A scripted provider on this machine, for a look around without a key: it thinks, talks, and runs one harmless
 * command when asked to run or list something.
 */
export function demo(options: Partial<Preset> = {}): Preset {
  let server: Server | undefined;
  return {
    name: 'demo',
    title: 'Demo, built in',
    known: 'documented',
    endpoints: {},
    models: [{ id: MODEL, contextWindow: 128_000, maxOutput: 8_192, input: ['text'] }],
    modelsFrom: { date: '2026-11', source: 'its script' },
    plugins: chatBasics({ reasoning: reasoningContent() }),
    async start() {
      const started = createServer((request, response) => void answer(request, response).catch(() => response.destroy()));
      server = started;
      await new Promise<void>((resolve, reject) => started.once('error', reject).listen(0, '127.0.0.1', resolve));
      return { chat: `http://127.0.0.1:${(started.address() as AddressInfo).port}/v1` };
    },
    stop() {
      server?.closeAllConnections();
      server?.close();
    },
    ...options,
  };
}

async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  if (request.method === 'GET') return void json(response, { object: 'list', data: [{ id: MODEL, object: 'model' }] });
  if (!request.url?.endsWith('/chat/completions')) {
    response.writeHead(404, { 'content-type': 'application/json' });
    return void response.end('{"error":{"message":"the demo serves /chat/completions only"}}');
  }
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  const body = JSON.parse(Buffer.concat(parts).toString()) as ChatRequest;
  const deltas = play(body);
  const finish = deltas.some(({ tool_calls }) => tool_calls) ? 'tool_calls' : 'stop';
  const asked = Math.ceil(JSON.stringify(body.messages).length / 4);
  const usage = { prompt_tokens: asked, completion_tokens: deltas.length, total_tokens: asked + deltas.length };
  const head = { id: `chatcmpl-demo-${body.messages.length}`, created: Math.floor(Date.now() / 1000), model: body.model };
  if (!body.stream) {
    const message = { role: 'assistant', ...fold(deltas) };
    return void json(response, { ...head, object: 'chat.completion', choices: [{ index: 0, message, finish_reason: finish }], usage });
  }
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  const send = (chunk: ChatChunk) => response.write(`data: ${JSON.stringify({ ...head, object: 'chat.completion.chunk', ...chunk })}\n\n`);
  for (const [at, delta] of deltas.entries()) send({ choices: [{ index: 0, delta: at === 0 ? { role: 'assistant', ...delta } : delta, finish_reason: null }] });
  send({ choices: [{ index: 0, delta: {}, finish_reason: finish }] });
  if (body.stream_options?.include_usage) send({ choices: [], usage });
  response.end('data: [DONE]\n\n');
}

function play({ messages, tools = [] }: ChatRequest): ChatDelta[] {
  const last = messages.at(-1);
  if (last?.role === 'tool') return [...words('reasoning_content', 'The command has run.'), ...words('content', `The command printed:\n${textOf(last)}`)];
  const asked = textOf(messages.findLast(({ role }) => role === 'user'));
  const shell = (tools as Partial<ChatTool>[]).map((tool) => tool.function?.name ?? '').find((name) => Object.hasOwn(SHELLS, name));
  if (shell && /\b(run|list)\b/i.test(asked)) {
    const call = { name: shell, arguments: JSON.stringify(SHELLS[shell]?.(COMMAND)) };
    return [
      ...words('reasoning_content', 'A harmless command will do.'),
      { tool_calls: [{ index: 0, id: `call_demo_${messages.length}`, type: 'function', function: call }] },
    ];
  }
  const hello = 'Hello! I am the demo provider that is built into Tapline: a script, no model. Set a real provider up and I am gone.';
  return [...words('reasoning_content', 'Somebody wants to see whether this works.'), ...words('content', hello)];
}

function words(field: 'content' | 'reasoning_content', text: string): ChatDelta[] {
  return (text.match(/\S+\s*/g) ?? []).map((word) => ({ [field]: word }));
}

function fold(deltas: readonly ChatDelta[]): ChatDelta {
  const join = (field: 'content' | 'reasoning_content') => deltas.map((delta) => delta[field] ?? '').join('');
  const calls = deltas.flatMap(({ tool_calls }) => tool_calls ?? []);
  return { content: join('content') || null, reasoning_content: join('reasoning_content'), ...(calls.length > 0 && { tool_calls: calls }) };
}

function textOf(message: ChatMessage | undefined): string {
  if (typeof message?.content === 'string') return message.content;
  return (message?.content ?? []).map((part) => (part.type === 'text' ? part.text : '')).join('\n');
}

function json(response: ServerResponse, body: object): void {
  response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}
