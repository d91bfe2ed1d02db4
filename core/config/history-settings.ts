import { dirname, join, resolve } from 'node:path';
import { z } from 'zod';
import { HOUR, LIMITS } from '../store/limits.ts';
import type { StoreChoice } from '../store/open-store.ts';
import { invalidSetting, readWord } from './read-values.ts';

export const HISTORY_STORES = ['memory', 'disk'] as const;

export interface HistoryFlags {
  historyStore?: string | undefined;
  historyDir?: string | undefined;
  historyTtlHours?: string | undefined;
  historyMaxEntries?: string | undefined;
  historyMaxMb?: string | undefined;
}

const MOST_HOURS = 87_600;
const MOST_ENTRIES = 100_000; // the index has an entry for each, and for thirty times as many calls
const MOST_MB = 1 << 20;

/** The field `history` of the config file. */
export const HistoryConfig = z.strictObject({
  /** Default `memory`: it ends with the process. */
  store: z.enum(HISTORY_STORES).optional(),
  /** The folder of `disk`, relative to the config file; default `history` in the state directory. */
  dir: z.string().min(1).optional(),
  /** Hours that an unused record is kept. */
  ttlHours: z.number().positive().max(MOST_HOURS).optional(),
  /** The number of responses. */
  maxEntries: z.int().min(1).max(MOST_ENTRIES).optional(),
  /** MiB of all responses together. */
  maxMb: z.number().positive().max(MOST_MB).optional(),
});

interface Sources {
  flags: HistoryFlags;
  values: NodeJS.ProcessEnv;
  config: z.output<typeof HistoryConfig> | undefined;
  configFile: string | undefined;
  stateDir: string | undefined;
  /** The working directory. */
  folder: string;
  notes: string[];
}

/** Reads the history's settings: flag over environment over file over default. Throws `config_invalid`. */
export function readHistory({ flags, values, config = {}, configFile, stateDir, folder, notes }: Sources): StoreChoice {
  const store =
    readWord(flags.historyStore, HISTORY_STORES, '--history-store') ??
    readWord(values['TAPLINE_HISTORY_STORE'], HISTORY_STORES, 'TAPLINE_HISTORY_STORE') ??
    config.store;
  const named = flags.historyDir || values['TAPLINE_HISTORY_DIR'];
  const configured = config.dir && resolve(configFile ? dirname(configFile) : folder, config.dir);
  const dir = named ? resolve(folder, named) : (configured ?? (stateDir && join(stateDir, 'history')));
  if (store !== 'disk' && (named || configured)) notes.push(`history: ${dir} is not used: the history is kept in memory; to use it, add --history-store disk`);
  const hours = readNumber(flags.historyTtlHours, '--history-ttl-hours', MOST_HOURS) ?? config.ttlHours;
  const entries = readNumber(flags.historyMaxEntries, '--history-max-entries', MOST_ENTRIES, true) ?? config.maxEntries;
  const mb = readNumber(flags.historyMaxMb, '--history-max-mb', MOST_MB) ?? config.maxMb;
  return {
    store: store ?? 'memory',
    dir,
    limits: {
      entries: entries ?? LIMITS.entries,
      bytes: mb === undefined ? LIMITS.bytes : Math.ceil(mb * (1 << 20)),
      ttl: hours === undefined ? LIMITS.ttl : Math.ceil(hours * HOUR),
    },
  };
}

function readNumber(text: string | undefined, name: string, most: number, whole = false): number | undefined {
  if (!text) return undefined;
  const number = (whole ? /^\d+$/ : /^\d+(\.\d+)?$/).test(text) ? Number(text) : 0;
  if (number > 0 && number <= most) return number;
  const least = whole ? 'a whole number from 1' : 'a number above 0';
  throw invalidSetting(name, `"${text}" is not ${least}, up to ${most}; to keep nothing, disable the plugin that keeps the history`);
}
