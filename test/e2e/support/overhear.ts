import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** A way to the gateway that remembers what passed. */
export interface Overheard {
  /** The base to give to a client instead of the gateway's. */
  url: string;
  /** Each request with its answer, such as `GET /v1/models 200`, by connection. */
  passed(): string[];
  stop(): Promise<void>;
}

/** Passes bytes both ways, so that also an upgrade is seen as it is: some of what clients ask is in no log of the gateway. */
export async function overhear(gateway: string): Promise<Overheard> {
  const { hostname, port } = new URL(gateway);
  const open = new Set<Socket>();
  const heard: { asked: string; answered: string }[] = [];
  const server = createServer((client) => {
    const upstream = connect(Number(port), hostname);
    const both = { asked: '', answered: '' };
    heard.push(both);
    client.on('data', (bytes) => {
      both.asked += bytes.toString('latin1');
    });
    upstream.on('data', (bytes) => {
      both.answered += bytes.toString('latin1');
    });
    for (const [socket, other] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      open.add(socket);
      socket.on('error', () => other.destroy()).on('close', () => open.delete(socket));
      socket.pipe(other);
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    passed: () => heard.flatMap(pairs),
    async stop() {
      for (const socket of open) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** A body cannot be taken for a head: no JSON has a line's end in it, no event a status. */
function pairs({ asked, answered }: { asked: string; answered: string }): string[] {
  const statuses = [...answered.matchAll(/HTTP\/1\.1 (\d{3}) [^\r\n]*\r\n/g)].map(([, status]) => status);
  return [...asked.matchAll(/([A-Z]+ \/\S*) HTTP\/1\.1\r\n/g)].map(([, line], at) => `${line} ${statuses[at] ?? 'unanswered'}`);
}
