import { type Content, textOf } from '../../../contract/canonical.ts';
import type { Exchange } from '../../../contract/exchange.ts';
import { checkBody, missing } from '../../check-body.ts';
import { markOrigin } from '../../origin.ts';
import { partNames } from './client-names.ts';
import { type DoorPart, partSchema } from './door-body.ts';

type Role = 'user' | 'assistant';
type DoorFile = Extract<DoorPart, { type: 'input_file' }>;
const DETAILS = ['auto', 'low', 'high', 'original'] as const;
const AUDIO: Content = { type: 'input_text', text: '[audio omitted: it is not translated]' };
const TEXT_FILE = /^data:text\/[^,]*;base64,/i;

/**
 * Decodes a message's content into canonical parts; a plain text stays one. A note stands for audio. Parts of unknown
 * types are left out with a warning: servers add some every few months.
 */
export function decodeContent(content: string | readonly { type: string }[], role: Role, path: string, exchange: Exchange): string | Content[] {
  if (typeof content === 'string') return content;
  return content.flatMap((part, at) => {
    const place = `${path}[${at}]`;
    if (part.type === 'input_audio') {
      exchange.warn({ param: place, reason: 'audio_is_not_translated' });
      return [AUDIO];
    }
    const schema = partSchema(part.type);
    if (!schema) {
      exchange.warn({ param: place, reason: `${part.type}_is_not_known` });
      return [];
    }
    checkBody(schema, part, place);
    return markOrigin(decodePart(part as DoorPart, role, place, exchange), place, partNames(part as DoorPart));
  });
}

/** Decodes content in a place where only text can stand. */
export function decodeText(content: string | readonly { type: string }[], path: string, exchange: Exchange): string {
  const parts = decodeContent(content, 'user', path, exchange);
  if (typeof parts === 'string') return parts;
  for (const [at, part] of parts.entries()) if (!('text' in part)) exchange.warn({ param: `${path}[${at}]`, reason: 'only_text_stands_here' });
  return textOf(parts);
}

function decodePart(part: DoorPart, role: Role, path: string, exchange: Exchange): Content {
  switch (part.type) {
    case 'image_url':
    case 'input_image':
      return decodeImage(part, path, exchange);
    case 'file':
      return decodeFile({ type: 'input_file', ...part.file }, `${path}.file`);
    case 'input_file':
      return decodeFile(part, path);
    case 'refusal':
      return role === 'assistant' ? { type: 'refusal', refusal: part.refusal } : { type: 'input_text', text: part.refusal };
    default:
      return { type: role === 'assistant' ? 'output_text' : 'input_text', text: part.text };
  }
}

/** Reads a URL that stands alone or in an object, and its detail inside or beside it. */
function decodeImage(part: Extract<DoorPart, { type: 'image_url' | 'input_image' }>, path: string, exchange: Exchange): Content {
  const { image_url: given } = part;
  const { url, detail: asked = part.detail } = typeof given === 'object' && given ? given : { url: given };
  const detail = DETAILS.find((each) => each === asked);
  if (asked != null && !detail) exchange.warn({ param: path, reason: 'unknown_detail' });
  const known = { type: 'input_image' as const, ...(detail && { detail }) };
  if (url == null) return part.type === 'input_image' && part.file_id ? { ...known, file_id: part.file_id } : missing(`${path}.image_url`);
  return { ...known, image_url: url };
}

/** Turns a file of plain text into text: few models take files. */
function decodeFile({ filename, file_data: data, file_url, file_id }: DoorFile, path: string): Content {
  if (!data && !file_url && !file_id) missing(`${path}.file_data`);
  if (!data || !TEXT_FILE.test(data)) {
    return { type: 'input_file', ...(filename && { filename }), ...(data && { file_data: data }), ...(file_url && { file_url }), ...(file_id && { file_id }) };
  }
  const text = Buffer.from(data.slice(data.indexOf(',') + 1), 'base64').toString();
  return { type: 'input_text', text: filename ? `${filename}:\n${text}` : text };
}
