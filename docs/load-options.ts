import { registerHooks } from 'node:module';
import type { z } from 'zod';
import { sourceOf } from './read-source.ts';

const QUERY = '?options';

/**
 * The schema of a plugin's options, or nothing where it takes none. A plugin keeps its schema to itself, so a second
 * copy of the module is loaded that exports it. Throws an Error that names the plugin whose schema is not called
 * `Options`.
 */
export async function loadOptions(name: string): Promise<z.core.$ZodObject | undefined> {
  const source = sourceOf('plugins', name);
  if (!/\bparseOptions\(/.test(source)) return undefined;
  if (!/^(?:export )?const Options = /m.test(source)) throw new Error(`plugins/${name}.ts: its schema is not called "Options"`);
  const hooks = registerHooks({
    load(url, context, next) {
      const loaded = next(url, context);
      return url.endsWith(QUERY) ? { ...loaded, source: `${loaded.source}\nexport { Options as schemaOfOptions };` } : loaded;
    },
  });
  try {
    const module = await import(new URL(`../plugins/${name}.ts${QUERY}`, import.meta.url).href);
    return module.schemaOfOptions as z.core.$ZodObject;
  } finally {
    hooks.deregister();
  }
}
