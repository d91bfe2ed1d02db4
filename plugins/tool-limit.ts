import { z } from 'zod';
import type { Exchange } from '../core/contract/exchange.ts';
import type { Plugin } from '../core/contract/plugin.ts';
import { parseOptions } from '../core/kit/options.ts';

const Options = z.strictObject({
  /** The number of tools that the provider accepts. */
  most: z.int().positive().default(128),
});
/** A tool, or the choice of one: the name is flat, or nested in `function`. */
type Named = { name?: unknown; function?: { name?: unknown } | null } | null;

/** Offers only as many tools as the provider accepts: the first ones, and the one that must be called. */
export function toolLimit(options: z.input<typeof Options> = {}): Plugin {
  const { most } = parseOptions('tool-limit', Options, options);
  const request = (body: { tools?: unknown; tool_choice?: unknown }, exchange: Exchange): void => {
    const { tools, tool_choice: choice } = body;
    if (!Array.isArray(tools) || tools.length <= most) return;
    const forced = nameOf(choice as Named);
    const beyond = forced === undefined ? undefined : tools.slice(most).find((tool) => nameOf(tool) === forced);
    body.tools = beyond ? [...tools.slice(0, most - 1), beyond] : tools.slice(0, most);
    exchange.warn({ param: 'tools', reason: `only_${most}_of_${tools.length}_are_offered` });
  };

  return { name: 'tool-limit', wire: { chat: { request }, responses: { request }, messages: { request } } };
}

function nameOf(named: Named | undefined): unknown {
  return typeof named === 'object' ? (named?.function?.name ?? named?.name) : undefined;
}
