import { join } from 'node:path';
import type { Child } from '../../support/child.ts';
import { workFolder } from '../../support/folders.ts';
import { startServer } from './run-python.ts';

const script = (name: string): string => join(import.meta.dirname, name);

/** A real server that none of us wrote. */
export interface RealServer {
  /** The base to give as an upstream. */
  base: string;
  child: Child;
  stop(): Promise<void>;
}

/** llama.cpp's own server with a tiny model made on the spot, which greets, calls a tool where it has one, and ends its task. */
export async function startLlamaServer(context: number): Promise<RealServer> {
  const model = join(workFolder(), 'tiny.gguf');
  const maker = startServer('python', [script('tiny-model.py'), model]);
  if ((await maker.ended) !== 0) throw new Error(`no model could be made\n${maker.stderr}`);
  const child = startServer('python', [script('llama-server.py'), model, String(context)]);
  const url = await child.until(({ stdout }) => /listens on (http:\S+)/.exec(stdout)?.[1]);
  return { base: `${url}/v1`, child, stop: () => end(child) };
}

export async function end(child: Child): Promise<void> {
  child.kill();
  await child.ended;
}
