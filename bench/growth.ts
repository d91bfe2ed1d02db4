// npm run bench:growth [-- WORD …]
import { ROWS, type Row } from './growth-rows.ts';

const SIZES = [256 << 10, 512 << 10, 1 << 20];
/** The exponent of n; a little above one, for what sorting and the collector of garbage take. */
const MOST_GROWTH = 1.2;
/** Milliseconds of CPU for one megabyte. */
const MOST_MS = 250;
/** Below so many milliseconds the exponent is noise. */
const NOISE = 10;
/** Milliseconds from which an input is not run again. */
const LONG = 1_500;

interface Figure {
  bytes: number;
  ms: number;
  /** The characters of the result. */
  result: number;
}

const collectGarbage = (globalThis as { gc?: () => void }).gc ?? (() => {});

async function measure(row: Row): Promise<Figure[]> {
  const figures: Figure[] = [];
  for (const bytes of SIZES) {
    const figure = await fastest(await row.make(bytes), bytes);
    figures.push(figure);
    if (figure.ms > LONG) break;
  }
  return figures;
}

/** The fastest of several runs: what else the machine does only adds to the time. */
async function fastest(run: () => Promise<number> | number, bytes: number): Promise<Figure> {
  const figure = { bytes, ms: Number.POSITIVE_INFINITY, result: 0 };
  let total = 0;
  for (let round = 0; total < LONG && (round < 3 || (round < 12 && total < 60)); round++) {
    collectGarbage();
    const from = process.cpuUsage();
    figure.result = await run();
    const { user, system } = process.cpuUsage(from);
    const ms = (user + system) / 1000;
    total += ms;
    figure.ms = Math.min(figure.ms, ms);
  }
  return figure;
}

function exponentOf([first, ...others]: readonly Figure[]): number {
  const last = others.at(-1);
  if (!first || !last) return Number.POSITIVE_INFINITY;
  return Math.log(Math.max(last.ms, NOISE) / Math.max(first.ms, NOISE)) / Math.log(last.bytes / first.bytes);
}

const words = process.argv.slice(2);
let missed = 0;
process.stdout.write(
  `| input | ${SIZES.map((bytes) => `${bytes >> 10} KB`).join(' | ')} | exponent | result | |\n|---|${SIZES.map(() => '---|').join('')}---|---|---|\n`,
);
for (const row of ROWS.filter(({ name }) => words.length === 0 || words.some((word) => name.includes(word)))) {
  const figures = await measure(row);
  const exponent = exponentOf(figures);
  const last = figures.at(-1);
  const met = exponent <= MOST_GROWTH && last !== undefined && last.ms <= MOST_MS;
  if (!met) missed++;
  const times = SIZES.map((_, at) => (figures[at] ? `${figures[at].ms.toFixed(0)} ms` : ''));
  process.stdout.write(
    `| ${row.name} | ${times.join(' | ')} | ${exponent.toFixed(2)} | ${((last?.result ?? 0) / (last?.bytes ?? 1)).toFixed(1)}x | ${met ? '' : '**missed**'} |\n`,
  );
}
if (missed > 0) {
  process.stderr.write(`${missed} missed: at most an exponent of ${MOST_GROWTH}, and ${MOST_MS} ms of CPU\n`);
  process.exit(1);
}
