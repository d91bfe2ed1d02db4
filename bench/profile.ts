import { writeFileSync } from 'node:fs';
import type { Profiler } from 'node:inspector';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startProbed } from './gateway.ts';
import { OTHERS, runScript, script } from './processes.ts';

/**
 * Profiles the gateway under a load. Returns the functions with the most time of their own, and the path of the
 * profile.
 */
export async function profile(upstream: string, model: string, requests: number): Promise<string> {
  const gateway = await startProbed(upstream);
  const url = `${gateway.url}/v1/responses`;
  const load = (count: number) =>
    runScript(OTHERS, [script(import.meta.resolve('./load.ts')), '--url', url, '--model', model, '--requests', String(count), '--concurrency', '1']);
  await load(requests);
  await gateway.probe('profile');
  await load(requests);
  const profiled = (await gateway.probe('profiled')) as Profiler.Profile;
  gateway.process.kill();
  const file = join(tmpdir(), `tapline-${model}.cpuprofile`);
  writeFileSync(file, JSON.stringify(profiled));
  return [file, ...selfTimes(profiled)].join('\n');
}

function selfTimes({ nodes, samples = [], timeDeltas = [] }: Profiler.Profile): string[] {
  const names = new Map(nodes.map(({ id, callFrame }) => [id, nameOf(callFrame)]));
  const times = new Map<string, number>();
  for (const [at, id] of samples.entries()) {
    const name = names.get(id) ?? '';
    if (name !== '(idle)' && !name.includes('node:inspector')) times.set(name, (times.get(name) ?? 0) + (timeDeltas[at] ?? 0));
  }
  const busy = [...times.values()].reduce((sum, time) => sum + time, 0);
  const most = [...times].sort(([, one], [, other]) => other - one).slice(0, 30);
  return most.map(([name, time]) => `${((100 * time) / busy).toFixed(1).padStart(5)} %  ${name}`);
}

function nameOf({ functionName, url, lineNumber }: { functionName: string; url: string; lineNumber: number }): string {
  return `${functionName || '(anonymous)'}${url ? `  ${url.split('/').slice(-3).join('/')}:${lineNumber + 1}` : ''}`;
}
