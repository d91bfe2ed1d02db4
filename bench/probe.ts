// The benchmark preloads this into the gateway. It answers questions over IPC that only the process itself can answer.
import { Session } from 'node:inspector/promises';
import { setImmediate as turn } from 'node:timers/promises';

const session = new Session();
session.connect();

async function answer(question: unknown): Promise<unknown> {
  if (question === 'profile') {
    await session.post('Profiler.enable');
    await session.post('Profiler.setSamplingInterval', { interval: 200 });
    await session.post('Profiler.start');
    return 'started';
  }
  if (question === 'profiled') return (await session.post('Profiler.stop')).profile;
  for (let times = 0; times < 3; times++) {
    await turn(); // finalizers run between turns
    globalThis.gc?.();
  }
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

process.on('message', (question) => void answer(question).then((figure) => process.send?.(figure)));
