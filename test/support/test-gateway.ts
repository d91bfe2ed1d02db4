import type http from 'node:http';
import type { AddressInfo } from 'node:net';
import { Writable } from 'node:stream';
import { codexModels } from '../../core/clients/codex/codex-models.ts';
import { createLog } from '../../core/config/log.ts';
import type { Clock } from '../../core/contract/clock.ts';
import { CountingClock } from '../../core/fixtures/counting-clock.ts';
import { createGateway, type Gateway, type GatewayOptions } from '../../core/gateway/create-gateway.ts';
import { createRedactor } from '../../core/gateway/redactor.ts';
import { createServer, type ServerOptions } from '../../core/server/app.ts';

interface Options extends Partial<Pick<GatewayOptions, 'plugins' | 'disable' | 'commitAfter' | 'secrets' | 'store' | 'lane' | 'strict' | 'routes'>> {
  preset: GatewayOptions['preset'];
  clock?: Clock;
  access?: Partial<ServerOptions['access']>;
  bodyLimit?: number;
  /** A server that already listens, and passes its requests on: binding a port costs more than an exchange. */
  front?: http.Server;
}

export interface TestGateway {
  gateway: Gateway;
  server: http.Server;
  /** The address, without a trailing slash. */
  url: string;
  /** The log, line by line. */
  lines: Record<string, unknown>[];
  post(body: unknown, headers?: Record<string, string>, path?: string): Promise<Response>;
  stop(): Promise<void>;
}

/** Starts a gateway in this process on a free port; its clock stands still unless one is given. */
export async function startGateway({ preset, clock = new CountingClock(), access, bodyLimit = 32 << 20, front, ...options }: Options): Promise<TestGateway> {
  const lines: Record<string, unknown>[] = [];
  const destination = new Writable({
    write(chunk, _, done) {
      lines.push(JSON.parse(String(chunk)));
      done();
    },
  });
  const log = createLog({
    level: 'trace',
    format: 'json',
    redact: createRedactor([...[preset].flat().map(({ apiKey }) => apiKey), ...(options.secrets ?? [])]),
    destination,
  });
  const gateway = await createGateway({ ...options, preset, clock, log });
  const server = createServer(gateway, {
    access: { loopback: true, hosts: [], origins: [], ...access },
    bodyLimit,
    version: '0.0.0',
    lists: { models: codexModels },
  });
  if (front) front.removeAllListeners('request').on('request', (request, response) => server.emit('request', request, response));
  else await listen(server);
  const url = `http://127.0.0.1:${((front ?? server).address() as AddressInfo).port}`;
  return {
    gateway,
    server,
    url,
    lines,
    post: (body, headers = {}, path = '/v1/responses') =>
      fetch(url + path, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...headers },
        body: typeof body === 'string' ? body : JSON.stringify(body),
      }),
    async stop() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await gateway.stop();
    },
  };
}

/** Listens on a free port of this machine. */
export async function listen(server: http.Server): Promise<http.Server> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return server;
}

/** Returns the events of a stream, except `[DONE]`. */
// biome-ignore lint/suspicious/noExplicitAny: tests look into events of any shape
export function eventsOf(stream: string): any[] {
  return stream
    .split('\n\n')
    .map((block) => block.split('\n').find((line) => line.startsWith('data: ')))
    .flatMap((line) => (line && line !== 'data: [DONE]' ? [JSON.parse(line.slice(6))] : []));
}
