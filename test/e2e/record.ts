import { mkdirSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join, resolve } from 'node:path';
import { homeFolder, workFolder } from '../support/folders.ts';
import { catalogue, EVERYTHING } from './support/codex-on-zai.ts';
import { type CodexOptions, type CodexVersion, runCodex } from './support/run-codex.ts';

/**
 * `node test/e2e/record.ts FOLDER [VERSION…]`: runs the real Codex against a provider from a script and writes the last request of each
 * scenario to FOLDER, scrubbed and trimmed, in the form of a case of `fixtures/exchanges`. See `fixtures/clients/VERSIONS.md`.
 */
const VERSIONS: readonly CodexVersion[] = ['0.169', '0.110'];
/** Longer texts are the client's own prompts, and no business of a fixture. */
const LONGEST_TEXT = 160;
const FILLER = 'Filler.';
/** Of a request's headers, what the gateway may look at. */
const HEADERS = /^(x-codex-(beta-features|window-id)|x-client-request-id|session[-_]id|thread-id|conversation_id|accept|originator|user-agent|x-openai-.*)$/;
const ID = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g;

interface Scenario {
  /** What the model answers first; then it ends with text. */
  item?: object;
  options?: () => Partial<CodexOptions>;
  versions?: readonly CodexVersion[];
}

const call = (name: string, values: object, more: object = {}) => ({
  type: 'function_call',
  id: 'fc_1',
  call_id: 'call_1',
  name,
  arguments: JSON.stringify(values),
  ...more,
});
const echo = { message: 'there and back' };
const changed = (changes: object) => () => ({ overrides: { model_catalog_json: catalogue(changes) } });
const withServer = (changes?: object) => () => ({ config: EVERYTHING, ...(changes && changed(changes)()) });
const SCENARIOS: Record<string, Scenario> = {
  text: {},
  command: { item: call('exec_command', { cmd: 'echo recorded' }) },
  mcp: { item: call('echo', echo, { namespace: 'mcp__everything' }), options: withServer(), versions: ['0.169'] },
  'mcp-flat': { item: call('mcp__everything__echo', echo), options: withServer(), versions: ['0.110'] },
  'apply-patch': {
    item: { type: 'custom_tool_call', call_id: 'call_1', name: 'apply_patch', input: '*** Begin Patch\n*** Add File: a.txt\n+new\n*** End Patch' },
    options: changed({}),
  },
  'tool-search': {
    item: { type: 'tool_search_call', call_id: 'call_1', execution: 'client', arguments: { query: 'echo' } },
    options: withServer({ supports_search_tool: true }),
    versions: ['0.169'],
  },
  lite: { item: call('exec_command', { cmd: 'echo recorded' }), options: changed({ use_responses_lite: true }), versions: ['0.169'] },
  review: { options: () => ({ command: ['review'] }) },
};

interface Recorded {
  headers: IncomingHttpHeaders;
  body: unknown;
}

/** Keeps what Codex sends, and answers with one item, then with text. */
class Recorder {
  readonly requests: Recorded[] = [];
  readonly #server: Server;
  #items: object[] = [];

  private constructor(server: Server) {
    this.#server = server;
  }

  static async start(): Promise<Recorder> {
    const server = createServer();
    const recorder = new Recorder(server);
    server.on('request', async (request, response) => {
      const parts: Buffer[] = [];
      for await (const part of request) parts.push(part as Buffer);
      if (request.method !== 'POST') return void response.writeHead(404).end();
      recorder.requests.push({ headers: request.headers, body: JSON.parse(Buffer.concat(parts).toString()) });
      response.writeHead(200, { 'content-type': 'text/event-stream' }).end(recorder.#next());
    });
    await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
    return recorder;
  }

  get config(): string {
    const { port } = this.#server.address() as AddressInfo;
    return `model = "glm-5.3"\nmodel_provider = "recorder"\n[model_providers.recorder]\nname = "Recorder"\nbase_url = "http://127.0.0.1:${port}/v1"\nwire_api = "responses"\n`;
  }

  script(item: object | undefined): void {
    this.requests.length = 0;
    this.#items = item ? [item] : [];
  }

  stop(): void {
    this.#server.closeAllConnections();
    this.#server.close();
  }

  #next(): string {
    const item = this.#items.shift() ?? { type: 'message', role: 'assistant', content: [{ type: 'output_text', text: 'Recorded.' }] };
    const events = [
      { type: 'response.output_item.done', item },
      { type: 'response.completed', response: { id: 'resp_1' } },
    ];
    return events.map((event) => `data: ${JSON.stringify(event)}\n\n`).join('');
  }
}

async function record(recorder: Recorder, target: string, version: CodexVersion, name: string, { item, options }: Scenario): Promise<void> {
  const [home, folder] = [homeFolder(), workFolder()];
  const { config = '', ...more } = options?.() ?? {};
  recorder.script(item);
  const { exitCode, stderr } = await runCodex('say hello', { version, home, folder, config: recorder.config + config, ...more });
  const last = recorder.requests.at(-1);
  if (exitCode !== 0 || !last) throw new Error(`Codex ${version}, ${name}: it ended with ${exitCode}\n${stderr}`);
  const scrub = scrubber(home, folder);
  const headers = Object.fromEntries(Object.entries(last.headers).filter(([header]) => HEADERS.test(header)));
  const exact = /codex_exec\/([\d.]+)/.exec(last.headers['user-agent'] ?? '')?.[1] ?? version;
  const place = join(target, `codex-${exact}-${name}.json`);
  mkdirSync(target, { recursive: true });
  const request = { headers: scrub(headers), body: scrub(last.body) };
  writeFileSync(place, `${JSON.stringify({ it: `TODO: what ${name} shows`, request }, null, 2)}\n`);
  process.stdout.write(`${place}: the last of ${recorder.requests.length} requests\n`);
}

/** Takes out what tells of this machine and of this moment; the same id stays the same id. */
function scrubber(home: string, folder: string): (value: unknown) => unknown {
  const ids = new Map<string, string>();
  const numbered = (id: string): string => {
    const known = ids.get(id) ?? `00000000-0000-7000-8000-${String(ids.size + 1).padStart(12, '0')}`;
    ids.set(id, known);
    return known;
  };
  const text = (told: string): string => {
    const plain = told.replaceAll(home, '/home/dev/.codex').replaceAll(folder, '/home/dev/project').replaceAll(ID, numbered);
    return plain.replace(/^(codex_\w+\/\S+) \([^)]*\) \S+/, '$1 (Linux; x86_64) dumb').replace(/\d{4}-\d\d-\d\d/g, '2026-01-01');
  };
  const scrub = (value: unknown, key = ''): unknown => {
    if (typeof value === 'string') return isOwn(value, key) ? FILLER : text(value);
    if (Array.isArray(value)) return value.map((each) => scrub(each));
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(Object.entries(value).flatMap(([name, each]) => (MACHINE.has(name) ? [] : [[name, scrub(each, name)]])));
  };
  return (value) => scrub(value);
}

/** Says where, when and on what it ran, and nothing the gateway reads. */
const MACHINE = new Set(['x-codex-turn-metadata', 'turn_started_at_unix_ms']);

/** Prompts, descriptions and what surrounds the user's words; a grammar and a picture are kept whole. */
function isOwn(text: string, key: string): boolean {
  if (key === 'definition' || key === 'image_url' || key === 'input' || key === 'arguments') return false;
  return text.length > LONGEST_TEXT || /^\s*<\w+[ >]/.test(text);
}

const [target, ...wanted] = process.argv.slice(2);
const unknown = wanted.find((version) => !(VERSIONS as readonly string[]).includes(version));
if (!target || unknown) {
  process.stderr.write(`usage: node test/e2e/record.ts FOLDER [${VERSIONS.join(' | ')}]…\n`);
  process.exit(1);
}
const recorder = await Recorder.start();
try {
  for (const version of VERSIONS.filter((each) => wanted.length === 0 || wanted.includes(each)))
    for (const [name, scenario] of Object.entries(SCENARIOS))
      if (scenario.versions?.includes(version) ?? true) await record(recorder, resolve(target), version, name, scenario);
} finally {
  recorder.stop();
}
