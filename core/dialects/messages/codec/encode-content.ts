import type { Content } from '../../../contract/canonical.ts';
import type { Exchange } from '../../../contract/exchange.ts';
import type { DocumentBlock, ImageBlock, TextBlock } from '../../../kit/messages-wire.ts';

type Block = TextBlock | ImageBlock | DocumentBlock;
type File = Extract<Content, { type: 'input_file' }>;

/**
 * Encodes texts, images and files. Blank texts are left out, since Messages refuses them; a note stands in for a file
 * that this provider cannot read, such as one that another provider keeps.
 */
export function encodeContent(content: string | readonly Content[], exchange: Exchange): Block[] {
  const parts = typeof content === 'string' ? [{ type: 'input_text' as const, text: content }] : content;
  return parts.flatMap((part): Block[] => {
    switch (part.type) {
      case 'input_image':
        return [encodeImage(part.image_url) ?? omitted('image', exchange)];
      case 'input_file':
        return [encodeFile(part) ?? omitted('file', exchange)];
      default: {
        const text = part.type === 'refusal' ? part.refusal : part.text;
        return text.trim() === '' ? [] : [{ type: 'text', text }];
      }
    }
  });
}

function encodeImage(url: string | null | undefined): ImageBlock | undefined {
  if (!url) return undefined;
  const { kind, data } = readDataUrl(url);
  if (data === undefined) return { type: 'image', source: { type: 'url', url } };
  return { type: 'image', source: { type: 'base64', media_type: kind === 'image/jpg' ? 'image/jpeg' : kind, data } };
}

function encodeFile({ filename, file_data: raw, file_url: url }: File): DocumentBlock | undefined {
  const title = filename ? { title: filename } : {};
  if (!raw) return url ? { type: 'document', source: { type: 'url', url }, ...title } : undefined;
  const { kind, data = raw } = readDataUrl(raw);
  if (kind === 'application/pdf' || isPdf(data)) return { type: 'document', source: { type: 'base64', media_type: 'application/pdf', data }, ...title };
  if (!kind.startsWith('text/') && kind !== 'application/json') return undefined;
  return { type: 'document', source: { type: 'text', media_type: 'text/plain', data: Buffer.from(data, 'base64').toString() }, ...title };
}

/** Splits `data:image/png;base64,…`; without data for any other URL. */
function readDataUrl(url: string): { kind: string; data?: string } {
  const [head = '', kind = ''] = /^data:([^;,]*)(?:;[^,]*)?,/i.exec(url.slice(0, 200)) ?? [];
  return head ? { kind: kind.toLowerCase(), data: url.slice(head.length) } : { kind: '' };
}

function isPdf(data: string): boolean {
  return data.startsWith('JVBERi0');
}

function omitted(kind: 'image' | 'file', exchange: Exchange): TextBlock {
  exchange.warn({ param: `input_${kind}`, reason: 'not_readable_by_this_provider' });
  return { type: 'text', text: `[${kind} omitted: this provider cannot read it]` };
}
