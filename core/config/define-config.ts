import { z } from 'zod';
import type { PluginOption } from '../contract/plugin.ts';
import type { Preset } from '../contract/preset.ts';
import { HistoryConfig } from './history-settings.ts';
import { LOG_FORMATS, LOG_LEVELS } from './log.ts';

const name = z.string().min(1);
/** A name, or a name and its options: how JSON and YAML name what a script would call. */
const Named = z.union([name, z.tuple([name]), z.tuple([name, z.record(z.string(), z.unknown())])]);
const isObject = (value: unknown): boolean => typeof value === 'object' && value !== null && !Array.isArray(value);
/** Checked when the list is put together, where more is known of it than its shape. */
const PluginObject = z.custom<PluginOption>(() => true);
const PresetObject = z.custom<Preset>(
  (value) => isObject(value) && 'endpoints' in (value as Preset) && 'plugins' in (value as Preset),
  'expected a preset: its name, or what its factory returns',
);
const PluginEntry = z.union([Named, PluginObject]);
const milliseconds = z.int().nonnegative();

/** `proxy.config.*`, and what it may hold. */
export const Config = z.strictObject({
  listen: z
    .strictObject({
      /** Default 127.0.0.1; any other needs a client key. */
      host: name.optional(),
      port: z.int().min(0).max(65_535).optional(),
      /** Names besides the loopback ones that a loopback gateway answers to. */
      hosts: z.array(name).optional(),
      /** Web origins besides the loopback ones whose pages may ask. */
      origins: z.array(name).optional(),
    })
    .optional(),
  /** A provider: a preset, its name, or its name and options. */
  preset: z.union([PresetObject, Named]).optional(),
  /** Several providers at once, in place of `preset`: the first is the default, the others answer `name/model` and what `routes` sends them. */
  presets: z
    .array(z.union([PresetObject, Named]))
    .min(1)
    .optional(),
  /** Which preset answers which models; the first that matches holds, and a model may end in `*`. */
  routes: z.array(z.strictObject({ model: name, preset: name, as: name.optional() })).optional(),
  /** Your own plugins; one with a preset's name takes that one's place. */
  plugins: z.array(PluginEntry).optional(),
  /** Names of plugins to leave out; `preset/plugin` for one preset. */
  disable: z.array(name).optional(),
  /** Milliseconds a streaming client waits for the provider's status before it gets its 200. */
  commitAfter: milliseconds.optional(),
  /** Milliseconds that a plugin's handler may take when it returns a promise, unless the plugin states its own; default 10000, 0 waits for ever. */
  pluginTimeout: milliseconds.optional(),
  /** `translated`: through the canonical form, also where the provider speaks the client's dialect. */
  lane: z.literal('translated').optional(),
  /** Whether a request that would lose something on its way is refused in place of warned about. */
  strict: z.boolean().optional(),
  /** What is kept across exchanges. */
  history: HistoryConfig.optional(),
  log: z.strictObject({ level: z.enum(LOG_LEVELS).optional(), format: z.enum(LOG_FORMATS).optional() }).optional(),
});

export type Config = z.input<typeof Config>;

/** Types a config for your editor; returns it as it is. */
export function defineConfig(config: Config): Config {
  return config;
}
