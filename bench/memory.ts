import { startProbed } from './gateway.ts';
import { Client, requestBytes } from './load-stream.ts';

export interface Memory {
  /** Kilobytes of heap and buffers that one open stream keeps, after a forced collection. */
  open: number;
  /** The kilobytes that are left of each stream when all are closed. */
  left: number;
}

/** Measures streams that have sent their first text and wait for more, as an agent's streams do for minutes. */
export async function measureMemory(upstream: string, streams: number): Promise<Memory> {
  const gateway = await startProbed(upstream);
  const url = new URL('/v1/responses', gateway.url);
  const request = requestBytes(url, 'mock-c3-hold');
  const open = async () => {
    const clients = Array.from({ length: streams }, () => new Client(url, request));
    await Promise.all(clients.map((client) => client.ask({ untilText: true })));
    return clients;
  };
  const heap = async () => Number(await gateway.probe('heap'));
  const closed = async (clients: Client[]) => {
    for (const client of clients) client.close();
    await new Promise((resolve) => setTimeout(resolve, 500));
    return heap();
  };
  await closed(await open()); // loads code, pools and caches before the first figure
  const before = await closed(await open());
  const clients = await open();
  const during = await heap();
  const after = await closed(clients);
  gateway.process.kill();
  const each = (bytes: number) => bytes / 1000 / streams;
  return { open: each(during - before), left: each(after - before) };
}
