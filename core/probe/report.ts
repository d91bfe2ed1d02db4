import { stringify } from 'yaml';
import type { Verdict } from './advise.ts';
import type { Advice } from './finding.ts';
import type { ProbeResult } from './run-probe.ts';

export interface Probed extends ProbeResult, Verdict {
  preset: string;
  endpoint: string;
  /** The plugins of the preset. */
  listed: readonly string[];
  /** Language of the config file to print `plugins:` for. */
  form: 'ts' | 'yaml';
}

const MARKS = { plain: ' ', quirk: '!', note: '·', unclear: '?' };

/** The findings as a table, for people. */
export function probeReport(probed: Probed): string {
  const { preset, endpoint, model, requests, tokens, findings, listed, plugins, unneeded } = probed;
  const missing = plugins.filter(({ plugin }) => !listed.includes(plugin));
  const rows = findings.map(({ seen, tried, did, advice }) => [
    `${MARKS[seen]} ${tried}`,
    did,
    advice.map(({ plugin }) => (listed.includes(plugin) ? `${plugin} (has it)` : plugin)).join(', '),
  ]);
  return `preset ${preset}, model ${model}, ${endpoint}
${requests} requests, ${tokens.prompt} tokens in and ${tokens.completion} out as the provider counts

${table([['  tried', 'the provider', 'plugin'], ...rows])}

${missing.length > 0 ? `The preset lacks, for proxy.config.${probed.form}:\n\n${pluginsBlock(missing, probed.form)}` : 'The preset has every plugin that was found to be needed.\n'}${
  unneeded.length > 0 ? `\nNot seen to be needed with this model: ${unneeded.join(', ')}. One model, asked once, proves little: another may need them.\n` : ''
}`;
}

/** The findings as JSON, for machines. */
export function probeJson({ form: _, ...probed }: Probed): string {
  return `${JSON.stringify(probed, null, 2)}\n`;
}

function table(rows: readonly string[][]): string {
  const widths = [0, 1].map((column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows.map(([tried = '', did = '', answer = '']) => `${tried.padEnd(widths[0] ?? 0)}  ${did.padEnd(widths[1] ?? 0)}  ${answer}`.trimEnd()).join('\n');
}

function pluginsBlock(plugins: readonly Advice[], form: Probed['form']): string {
  if (form === 'yaml') return stringify({ plugins: plugins.map(({ plugin, options }) => (options ? [plugin, options] : plugin)) });
  const camel = (name: string) => name.replaceAll(/-(\w)/g, (_, letter: string) => letter.toUpperCase());
  const imports = plugins.map(({ plugin }) => `import { ${camel(plugin)} } from 'tapline/plugins/${plugin}';\n`).join('');
  const entries = plugins.map(({ plugin, options }) => `  ${camel(plugin)}(${options ? literal(options) : ''}),\n`).join('');
  return `${imports}\nplugins: [\n${entries}],\n`;
}

/** A value as a literal of TypeScript. */
function literal(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(literal).join(', ')}]`;
  if (typeof value === 'object' && value !== null)
    return `{ ${Object.entries(value)
      .map(([name, each]) => `${name}: ${literal(each)}`)
      .join(', ')} }`;
  return typeof value === 'string' ? `'${value.replaceAll("'", "\\'")}'` : String(value);
}
