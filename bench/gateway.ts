import { MEASURED, type Server, script, startServer } from './processes.ts';

export interface Probed extends Server {
  /** Sends a question to the probe inside the gateway. */
  probe(question: 'heap' | 'profile' | 'profiled'): Promise<unknown>;
}

const MAIN = script(import.meta.resolve('../core/cli/main.ts'));
const serve = (upstream: string) => ['serve', '--no-config', '--preset', 'openai-compatible', '--upstream', `${upstream}/v1`, '--port', '0'];

/** Tapline in the form its users run, with its log discarded. */
export function startTapline(upstream: string): Promise<Server> {
  return startServer(MEASURED, [MAIN, ...serve(upstream)]);
}

/** Tapline with a module that reads its heap and profiles it. */
export async function startProbed(upstream: string): Promise<Probed> {
  const args = ['--expose-gc', '--import', script(import.meta.resolve('./probe.ts')), MAIN, ...serve(upstream)];
  const server = await startServer(MEASURED, args, { stdio: ['ignore', 'pipe', 'ignore', 'ipc'] });
  const probe = (question: string) =>
    new Promise<unknown>((resolve) => {
      server.process.once('message', resolve).send(question);
    });
  return { ...server, probe };
}
