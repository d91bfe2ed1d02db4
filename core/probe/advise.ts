import type { Advice, Finding } from './finding.ts';

/** The fields that were tried, and the two that every provider knows. */
const FIELDS =
  'model messages stream stream_options max_tokens max_completion_tokens temperature top_p stop response_format tools tool_choice parallel_tool_calls reasoning_effort'.split(
    ' ',
  );

/** Never listed as unneeded: all presets of Chat have them, or they do more than the probe tries. */
const KEPT = ['developer-to-system', 'drop-params', 'max-tokens'];

export interface Verdict {
  /** One entry per plugin, in the order they were found. */
  plugins: Advice[];
  /** Plugins of the preset's own that no finding needs. */
  unneeded: string[];
}

/** The plugins that make up for what was found; `listed` are the preset's. */
export function advise(findings: readonly Finding[], listed: readonly string[]): Verdict {
  const plugins = new Map<string, Advice>();
  for (const { plugin, options } of findings.flatMap(({ advice }) => advice)) {
    const known = plugins.get(plugin)?.options;
    plugins.set(plugin, { plugin, ...(options && { options: merge(known, options) }) });
  }
  if (plugins.has('allow-params')) allowOnly(plugins);
  const plain = new Set(findings.filter(({ seen }) => seen === 'plain').flatMap(({ about }) => about));
  const doubtful = new Set(findings.filter(({ seen }) => seen === 'quirk').flatMap(({ about }) => about));
  return {
    plugins: [...plugins.values()],
    unneeded: listed.filter((name) => plain.has(name) && !KEPT.includes(name) && !doubtful.has(name) && !plugins.has(name)),
  };
}

/** Merges options: lists are joined, the choices of `tool-choice` become one. */
function merge(known: Record<string, unknown> | undefined, more: Record<string, unknown>): Record<string, unknown> {
  if (!known) return more;
  const both = Object.entries(more).map(([name, value]) => {
    const before = known[name];
    if (!Array.isArray(before) || !Array.isArray(value)) return [name, value];
    return [name, name === 'choices' ? [Object.assign({}, ...before, ...value)] : [...new Set([...before, ...value])]];
  });
  return { ...known, ...Object.fromEntries(both) };
}

/** Leaves `drop-params` out: fields that `allow-params` does not list are not sent, so none is left to drop. */
function allowOnly(plugins: Map<string, Advice>): void {
  const dropped = (plugins.get('drop-params')?.options?.['params'] ?? []) as string[];
  const limit = plugins.get('max-tokens')?.options?.['field'];
  const unknown = [...dropped, ...(limit === 'max_tokens' ? ['max_completion_tokens'] : limit ? ['max_tokens'] : [])];
  plugins.set('allow-params', { plugin: 'allow-params', options: { params: FIELDS.filter((field) => !unknown.includes(field)) } });
  plugins.delete('drop-params');
}
