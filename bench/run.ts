// npm run bench [-- --rounds 5 --scale 1 --concurrency 1 --profile]
import { parseArgs } from 'node:util';
import { startTapline } from './gateway.ts';
import { measureMemory } from './memory.ts';
import { cpuOf, MEASURED, OTHERS, runScript, type Server, script, startServer, stopAll } from './processes.ts';
import { profile } from './profile.ts';

const { values } = parseArgs({
  options: {
    /** Each round measures all workloads, one after the other; the figures are medians over the rounds. */
    rounds: { type: 'string', default: '5' },
    /** Multiplies the number of requests, which by default take a second of CPU time. */
    scale: { type: 'string', default: '1' },
    /** Requests at a time; an agent sends one after the other. */
    concurrency: { type: 'string', default: '1' },
    /** Profiles the gateway in place of measuring it. */
    profile: { type: 'boolean', default: false },
  },
});

/** `requests` is high enough for more than a second of counted CPU time. */
const WORKLOADS = [
  { name: 'burst: 54 KB, 500 chunks', model: 'mock-c500', chunks: 500, requests: 1_000, target: 1.8 },
  { name: 'short: 54 KB, 2 chunks', model: 'mock-c2', chunks: 2, requests: 5_000, target: 4.2 },
];
type Workload = (typeof WORKLOADS)[number];
const STREAMS = 200;
const MOST_KB = 100;
const UNLOADED = 200;
const WARM_UP = 1_000;

interface Figures {
  cpuMs: number;
  firstMs: number;
}
interface Pair {
  tapline: Figures;
  pipe: Figures;
}

async function measure({ process, url }: Server, { model, requests }: Workload): Promise<Figures> {
  const count = Math.ceil(requests * Number(values.scale));
  const { firstMs } = await load(url, model, Math.min(UNLOADED, count), 1);
  const before = cpuOf(process);
  await load(url, model, count, Number(values.concurrency));
  return { cpuMs: (cpuOf(process) - before) / count, firstMs };
}

async function load(base: string, model: string, requests: number, concurrency: number): Promise<{ firstMs: number }> {
  const args = ['--url', `${base}/v1/responses`, '--model', model, '--requests', String(requests), '--concurrency', String(concurrency)];
  const { firstMs, failure } = (await runScript(OTHERS, [script(import.meta.resolve('./load.ts')), ...args])) as { firstMs: number; failure?: string };
  if (failure) throw new Error(failure);
  return { firstMs };
}

async function compare(upstream: string): Promise<void> {
  const pipe = await startServer(MEASURED, [script(import.meta.resolve('./pipe.ts')), upstream]);
  const tapline = await startTapline(upstream);
  const pairs = new Map<Workload, Pair[]>(WORKLOADS.map((workload) => [workload, []]));
  // lets Node compile all code before the first round
  for (const { model } of WORKLOADS) for (const { url } of [pipe, tapline]) await load(url, model, WARM_UP, 16);
  for (let round = 1; round <= Number(values.rounds); round++) {
    for (const [workload, measured] of pairs) {
      const pair = { pipe: await measure(pipe, workload), tapline: await measure(tapline, workload) };
      measured.push(pair);
      process.stderr.write(`round ${round}, ${workload.name}: ${(pair.tapline.cpuMs / pair.pipe.cpuMs).toFixed(2)}x\n`);
    }
  }
  const { open, left } = await measureMemory(upstream, STREAMS);
  const memory = `| memory of an open stream | ${open.toFixed(1)} KB (${left.toFixed(1)} when closed) | | | ≤ ${MOST_KB} KB | ${verdict(open <= MOST_KB)} |`;
  process.stdout.write(['| | Tapline | pipe | ratio | target | |', '|---|---|---|---|---|---|', ...[...pairs].flatMap(rows), memory, ''].join('\n'));
}

function rows([{ name, chunks, target }, pairs]: [Workload, Pair[]]): string[] {
  const of = (read: (pair: Pair) => number) => median(pairs.map(read));
  const ratios = pairs.map(({ tapline, pipe }) => tapline.cpuMs / pipe.cpuMs);
  const ratio = median(ratios);
  const spread = `${ratio.toFixed(2)}x (${Math.min(...ratios).toFixed(2)}–${Math.max(...ratios).toFixed(2)})`;
  const tapline = of((pair) => pair.tapline.cpuMs);
  const pipe = of((pair) => pair.pipe.cpuMs);
  const perChunk = (cpuMs: number) => `${((1000 * cpuMs) / chunks).toFixed(1)} µs`;
  const first = (pair: Pair, of: keyof Pair) => pair[of].firstMs;
  return [
    `| ${name}: CPU per request | ${tapline.toFixed(2)} ms | ${pipe.toFixed(2)} ms | ${spread} | ≤ ${target}x | ${verdict(ratio <= target)} |`,
    `| ${name}: CPU per chunk | ${perChunk(tapline)} | ${perChunk(pipe)} | | | |`,
    `| ${name}: first delta, unloaded | ${of((pair) => first(pair, 'tapline')).toFixed(2)} ms | ${of((pair) => first(pair, 'pipe')).toFixed(2)} ms | | | |`,
  ];
}

function verdict(met: boolean): string {
  return met ? 'met' : '**missed**';
}

function median(numbers: readonly number[]): number {
  return numbers.toSorted((one, other) => one - other)[numbers.length >> 1] ?? Number.NaN;
}

const { url: upstream } = await startServer(OTHERS, [script(import.meta.resolve('./mock-provider.ts'))]);
if (values.profile) {
  for (const { name, model, requests } of WORKLOADS)
    process.stdout.write(`\n${name}\n${await profile(upstream, model, Math.ceil(requests * Number(values.scale)))}\n`);
} else await compare(upstream);
stopAll();
