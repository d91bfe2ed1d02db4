import type { Plugin } from '../contract/plugin.ts';

const BY_MODEL = Symbol('by model');

/** Marks a plugin that a preset lists for some models only: for any other the preset has to list it itself. */
export function byModel(plugin: Plugin): Plugin {
  return { ...plugin, [BY_MODEL]: true } as Plugin;
}

export function isByModel(plugin: Plugin): boolean {
  return BY_MODEL in plugin;
}
