import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { z } from 'zod';
import { DIALECTS } from '../../core/contract/dialect.ts';
import { json, type Reply, sse } from './scripted-provider.ts';

const FIXTURES = new URL('../../fixtures/', import.meta.url);

const Headers = z.record(z.string(), z.string());
const Changes = z.record(z.string(), z.array(z.string()));
/** A file of `fixtures/requests`. */
const SharedRequest = z.strictObject({
  /** The path at the gateway; Responses' by default. */
  path: z.string().optional(),
  headers: Headers.optional(),
  body: z.record(z.string(), z.unknown()).optional(),
});
/** A field beside `like` replaces that part of the shared request, or that field of its body. */
const ClientRequest = z.strictObject({ like: z.string().optional(), ...SharedRequest.shape });
/** The file of a case: first the input, then the outcome. */
const ExchangeFile = z.strictObject({
  it: z.string(),
  /** The report it comes from. */
  from: z.string().optional(),
  /** The endpoint that is used (Chat's by default), and the user's config. */
  config: z
    .strictObject({
      upstream: z.enum(DIALECTS).optional(),
      lane: z.literal('translated').optional(),
      plugins: z.array(z.tuple([z.string(), z.unknown()])).optional(),
    })
    .optional(),
  /** The records that earlier exchanges left. */
  stored: z.record(z.string(), z.unknown()).optional(),
  request: ClientRequest,
  /** The path of a shared stream, or an answer in one piece; without it, the case has a stream of its own. */
  answer: z.union([z.string(), z.strictObject({ status: z.number(), headers: Headers.optional(), body: z.unknown() })]).optional(),
  upstream: z.unknown().optional(),
  client: z.strictObject({ status: z.number(), headers: Headers, body: z.unknown().optional() }).optional(),
  changes: Changes.default({}),
});

export interface Outcome {
  /** The body that the provider got; undefined if it was not asked. */
  upstream?: unknown;
  /** The answer that the client got: a body or a stream. */
  client: { status: number; headers: Record<string, string>; body?: unknown; stream?: string | undefined };
}
/** The paths of an outcome that change without a plugin, by the plugin's name. */
export type Changes = z.infer<typeof Changes>;

/**
 * A case in `fixtures/exchanges`: a client's request, the provider's answer, and the outcome of both. See
 * `fixtures/README.md`.
 */
export class RecordedExchange {
  readonly file: z.infer<typeof ExchangeFile>;
  readonly #name: string;

  /** `name` is a preset and a case: `zai/text`. */
  constructor(name: string) {
    this.#name = `exchanges/${name}`;
    const { data, error } = ExchangeFile.safeParse(JSON.parse(readFixture(`${this.#name}.json`)));
    if (error) throw new Error(`${this.#name}.json: ${z.prettifyError(error)}`);
    this.file = data;
  }

  get request() {
    const { like, ...own } = this.file.request;
    const shared = like === undefined ? {} : SharedRequest.parse(JSON.parse(readFixture(like)));
    if (!own.body && !shared.body) throw new Error(`${this.#name}.json: the request needs a \`body\` or a shared request (\`like\`)`);
    return { ...shared, ...own, body: { ...shared.body, ...own.body } };
  }

  get reply(): Reply {
    const { answer } = this.file;
    const own = this.#stream('upstream');
    if ((answer === undefined) === (own === undefined)) throw new Error(`${this.#name}: give \`answer\` or a file .upstream.sse, one of the two`);
    if (typeof answer === 'object') return json(answer.status, answer.body, answer.headers);
    return sse(own ?? readFixture(answer ?? ''));
  }

  get outcome(): Outcome {
    const { upstream, client = { status: 0, headers: {} } } = this.file;
    return { upstream, client: { ...client, stream: this.#stream('client') } };
  }

  /** The shared files that the case uses. */
  get shared(): string[] {
    const { request, answer } = this.file;
    return [request.like, answer].filter((path) => typeof path === 'string');
  }

  /** Writes this outcome in place of the recorded one. */
  record({ upstream, client: { stream, ...client } }: Outcome): void {
    Object.assign(this.file, { upstream, client });
    if (stream === undefined) rmSync(this.#url('.client.sse'), { force: true });
    else writeFileSync(this.#url('.client.sse'), stream);
    this.#write();
  }

  recordChanges(changes: Changes): void {
    this.file.changes = changes;
    this.#write();
  }

  #write(): void {
    const { it, config, stored, request, answer, upstream, client, changes } = this.file;
    writeFileSync(this.#url('.json'), `${JSON.stringify({ it, config, stored, request, answer, upstream, client, changes }, null, 2)}\n`);
  }

  #stream(side: 'client' | 'upstream'): string | undefined {
    const url = this.#url(`.${side}.sse`);
    return existsSync(url) ? readFileSync(url, 'utf8') : undefined;
  }

  #url(suffix: string): URL {
    return new URL(this.#name + suffix, FIXTURES);
  }
}

function readFixture(path: string): string {
  return readFileSync(new URL(path, FIXTURES), 'utf8');
}
