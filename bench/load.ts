// Requests streams, a given number at a time, and prints { requests, firstMs, failure } as JSON. It runs in a process
// of its own, because its work must not count.
import { parseArgs } from 'node:util';
import { CHUNK_TEXT, Client, requestBytes } from './load-stream.ts';

const { values } = parseArgs({
  options: {
    url: { type: 'string', default: '' },
    model: { type: 'string', default: 'mock-c2' },
    requests: { type: 'string', default: '100' },
    concurrency: { type: 'string', default: '1' },
  },
});
const url = new URL(values.url);
const total = Number(values.requests);
const first: number[] = [];
let started = 0;
let expected = 0;

async function askAll(client: Client): Promise<void> {
  while (started < total) {
    const keep = started++ === 0;
    const { firstMs, bytes, text } = await client.ask({ keep });
    if (keep) check(text);
    if (keep) expected = bytes;
    first.push(firstMs);
    // only the framing may differ between two answers
    if (expected > 0 && Math.abs(bytes - expected) > expected * 0.05) throw new Error(`an answer of ${bytes} bytes, the first had ${expected}`);
  }
}

/** Checks the first stream as a whole: every chunk must be there, and an end. */
function check(text: string): void {
  const chunks = Number(/-c(\d+)/.exec(values.model)?.[1]);
  const unframed = text.replaceAll(/\r\n[0-9a-f]+\r\n/g, ''); // no event has a carriage return
  const deltas = unframed.split('\n').filter((line) => line.startsWith('data: ') && /"(delta|content)":" the quick brown"/.test(line)).length;
  if (deltas !== chunks) throw new Error(`${deltas} deltas of "${CHUNK_TEXT}", ${chunks} were sent`);
  if (!/event: response\.completed|\[DONE\]/.test(unframed)) throw new Error('the stream has no end');
}

const request = requestBytes(url, values.model);
const clients = Array.from({ length: Math.min(total, Number(values.concurrency)) }, () => new Client(url, request));
const failure = await Promise.all(clients.map(askAll)).then(
  () => undefined,
  (thrown: Error) => thrown.message,
);
for (const client of clients) client.close();
first.sort((one, other) => one - other);
process.stdout.write(`${JSON.stringify({ requests: first.length, firstMs: first[first.length >> 1] ?? 0, failure })}\n`);
