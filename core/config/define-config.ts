import { z } from 'zod';
import type { PluginOption } from '../contract/plugin.ts';
import type { Preset } from '../contract/preset.ts';
import { HistoryConfig } from './history-settings.ts';
import { LOG_FORMATS, LOG_LEVELS } from './log.ts';

const name = z.string().min(1);
/** A name, or a name and its options: JSON and YAML cannot call a factory. */
const Named = z.union([name, z.tuple([name]), z.tuple([name, z.record(z.string(), z.unknown())])]);
const isObject = (value: unknown): boolean => typeof value === 'object' && value !== null && !Array.isArray(value);
/** `readPlugins` checks it, because it can name file and place. */
const PluginObject = z.custom<PluginOption>(() => true);
const PresetObject = z.custom<Preset>(
  (value) => isObject(value) && 'endpoints' in (value as Preset) && 'plugins' in (value as Preset),
  "expected a preset: a name, or the object that a preset's factory returns",
);
const PluginEntry = z.union([Named, PluginObject]);
const milliseconds = z.int().nonnegative();

/** The fields of `proxy.config.*`. */
export const Config = z.strictObject({
  listen: z
    .strictObject({
      /** Default 127.0.0.1. Any other address but loopback needs a client key. */
      host: name.optional(),
      port: z.int().min(0).max(65_535).optional(),
      /** Names that a loopback gateway answers to, besides the loopback ones. */
      hosts: z.array(name).optional(),
      /** Web origins whose pages may send requests, besides the loopback ones. */
      origins: z.array(name).optional(),
    })
    .optional(),
  /** The provider: a preset, its name, or its name and options. */
  preset: z.union([PresetObject, Named]).optional(),
  /** Several providers instead of `preset`. The first is the default; the others answer `name/model` and their `routes`. */
  presets: z
    .array(z.union([PresetObject, Named]))
    .min(1)
    .optional(),
  /** Maps models to presets. The first match wins; a model may end in `*`. */
  routes: z.array(z.strictObject({ model: name, preset: name, as: name.optional() })).optional(),
  /** Your own plugins. One with the name of a preset's plugin replaces it. */
  plugins: z.array(PluginEntry).optional(),
  /** Names of plugins to leave out; `preset/plugin` for one preset. */
  disable: z.array(name).optional(),
  /** Milliseconds that a streaming client waits for the provider's status before it gets a 200. */
  commitAfter: milliseconds.optional(),
  /** Milliseconds that a handler's promise may take, unless the plugin has its own `timeout`. Default 10000; 0: no limit. */
  pluginTimeout: milliseconds.optional(),
  /** `translated`: use the canonical form even if the provider speaks the client's dialect. */
  lane: z.literal('translated').optional(),
  /** Refuse a request that would lose something, instead of a warning. */
  strict: z.boolean().optional(),
  /** The responses that the gateway keeps. */
  history: HistoryConfig.optional(),
  log: z.strictObject({ level: z.enum(LOG_LEVELS).optional(), format: z.enum(LOG_FORMATS).optional() }).optional(),
});

export type Config = z.input<typeof Config>;

/** Gives your editor the types of a config, and returns it unchanged. */
export function defineConfig(config: Config): Config {
  return config;
}
