// A Chat Completions provider for benchmarks: it writes prepared bytes to raw sockets, so that it costs far less than
// the gateway. The model's name sets the answer: "mock-c500" sends 500 text chunks in one write, "mock-c3-hold" sends
// three and never ends.
import net, { type AddressInfo, type Socket } from 'node:net';
import { CHUNK_TEXT } from './load-stream.ts';

const HEAD = 'HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\nconnection: keep-alive\r\n\r\n';
const MODELS = JSON.stringify({ object: 'list', data: [{ id: 'mock-c2', object: 'model' }] });
const LISTED = Buffer.from(`HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: ${MODELS.length}\r\nconnection: keep-alive\r\n\r\n${MODELS}`);
const answers = new Map<string, Buffer>();

const server = net.createServer({ noDelay: true }, (socket) => {
  let waiting = Buffer.alloc(0);
  socket.on('error', () => socket.destroy());
  socket.on('data', (bytes) => {
    waiting = waiting.length > 0 ? Buffer.concat([waiting, bytes]) : bytes;
    const end = waiting.indexOf('\r\n\r\n');
    if (end < 0) return;
    const head = waiting.toString('latin1', 0, end);
    const length = Number(/\r\ncontent-length: *(\d+)/i.exec(head)?.[1] ?? 0);
    if (waiting.length < end + 4 + length) return;
    answer(socket, head, waiting.subarray(end + 4));
    waiting = Buffer.alloc(0);
  });
});
server.listen({ port: 0, host: '127.0.0.1', backlog: 4096 }, () =>
  process.stdout.write(`listens on http://127.0.0.1:${(server.address() as AddressInfo).port}\n`),
);

function answer(socket: Socket, head: string, body: Buffer): void {
  if (head.startsWith('GET ')) return void socket.write(LISTED);
  const at = body.indexOf('"model":"') + 9;
  const model = body.toString('latin1', at, body.indexOf('"', at));
  let bytes = answers.get(model);
  if (!bytes) {
    bytes = stream(model);
    answers.set(model, bytes);
  }
  socket.write(bytes);
}

function stream(model: string): Buffer {
  const base = { id: 'chatcmpl-mock0000000000000001', object: 'chat.completion.chunk', created: 1_760_000_000, model, system_fingerprint: 'fp_mock' };
  const chunk = (delta: object, finish: string | null = null) => ({ ...base, choices: [{ index: 0, delta, logprobs: null, finish_reason: finish }] });
  const count = Number(/-c(\d+)/.exec(model)?.[1] ?? 2);
  const chunks = [chunk({ role: 'assistant', content: '' }), ...Array.from({ length: count }, () => chunk({ content: CHUNK_TEXT }))];
  if (model.endsWith('-hold')) return Buffer.from(HEAD + chunks.map((each) => frame(JSON.stringify(each))).join(''));
  const usage = { ...base, choices: [], usage: { prompt_tokens: 12_000, completion_tokens: count, total_tokens: 12_000 + count } };
  const events = [...chunks, chunk({}, 'stop'), usage].map((each) => frame(JSON.stringify(each)));
  return Buffer.from(`${HEAD + events.join('') + frame('[DONE]')}0\r\n\r\n`);
}

/** Sends each event as an HTTP chunk of its own, as providers do. */
function frame(data: string): string {
  const event = `data: ${data}\n\n`;
  return `${event.length.toString(16)}\r\n${event}\r\n`;
}
