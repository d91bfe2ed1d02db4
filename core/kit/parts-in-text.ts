import type { Content } from '../contract/canonical.ts';
import { parseJson } from './parse-json.ts';

type Loose = Record<string, unknown>;
const TEXTS = new Set<unknown>(['input_text', 'output_text', 'text']);
const IMAGE = /^data:image\/[^,]*;base64,/i;

/**
 * Reads an output that is a list of parts, or the result of an MCP tool, written as JSON text: Codex before 0.169 sends
 * images so, and as text they cost a token for every few characters (CLIProxyAPI#4699). Undefined for an output
 * without an image.
 */
export function partsInText(output: string): Content[] | undefined {
  if (!/^\s*[[{]/.test(output) || !/"(input_)?image/.test(output)) return undefined;
  const given = parseJson(output);
  const { content, ...rest } = (Array.isArray(given) ? { content: given } : (given ?? {})) as Loose;
  if (!Array.isArray(content) || !content.some((part) => imageIn(part))) return undefined;
  const parts = content.map((part): Content => {
    const url = imageIn(part);
    if (url) return { type: 'input_image', image_url: url };
    const { type, text } = (part ?? {}) as Loose;
    return said(TEXTS.has(type) && typeof text === 'string' ? text : JSON.stringify(part));
  });
  return Object.keys(rest).length > 0 ? [...parts, said(JSON.stringify(rest))] : parts;
}

/** The data URL of an image in any dialect's form. A link stays text: nobody asked for it to be followed. */
function imageIn(part: unknown): string | undefined {
  const { type, image_url: given, data, mimeType, source } = (part ?? {}) as Loose;
  if (type === 'input_image' || type === 'image_url') {
    const url = typeof given === 'object' && given !== null ? (given as Loose)['url'] : given;
    return typeof url === 'string' && IMAGE.test(url) ? url : undefined;
  }
  if (type !== 'image') return undefined;
  const { media_type: kind = mimeType, data: bytes = data } = (source ?? {}) as Loose;
  return typeof bytes === 'string' && typeof kind === 'string' ? `data:${kind};base64,${bytes}` : undefined;
}

function said(text: string): Content {
  return { type: 'input_text', text };
}
