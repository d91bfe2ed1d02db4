import { z } from 'zod';
import type { Plugin, ProviderFailure } from '../core/contract/plugin.ts';
import { placesOf } from '../core/kit/body-paths.ts';
import { parseOptions } from '../core/kit/options.ts';

const Options = z.strictObject({
  /** The dotted path in a router's error body to the error of the provider behind it, as text or JSON. */
  raw: z.string().min(1).optional(),
  /** The dotted path in a router's error body to the name of that provider. */
  from: z.string().min(1).optional(),
});

/** Replaces the generic error of a router with the error of the provider behind it. */
export function innerError(options: z.input<typeof Options> = {}): Plugin {
  const { raw, from } = parseOptions('inner-error', Options, options);
  const failure = (failure: ProviderFailure): ProviderFailure | undefined => {
    const said = raw === undefined ? '' : messageIn(textAt(failure.body, raw));
    if (!said) return undefined;
    const who = from === undefined ? '' : textAt(failure.body, from);
    return { ...failure, message: who ? `[${who}] ${said}` : said };
  };
  return { name: 'inner-error', wire: { chat: { failure }, responses: { failure }, messages: { failure } } };
}

function textAt(body: unknown, path: string): string {
  if (typeof body !== 'object' || body === null) return '';
  const [place] = placesOf(body, path);
  const text = place?.[0][place[1]];
  return typeof text === 'string' ? text.trim() : '';
}

function messageIn(text: string): string {
  if (!text.startsWith('{')) return text;
  try {
    const { error, message } = JSON.parse(text) as { error?: { message?: unknown } | string | null; message?: unknown };
    const said = typeof error === 'string' ? error : (error?.message ?? message);
    return typeof said === 'string' ? said : '';
  } catch {
    return '';
  }
}
