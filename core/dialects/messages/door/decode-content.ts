import type { Content } from '../../../contract/canonical.ts';
import type { Exchange } from '../../../contract/exchange.ts';
import { markOrigin } from '../../origin.ts';
import { NAMES } from './client-names.ts';
import { type KnownBlock, readBlock } from './door-body.ts';

type Block<Type extends KnownBlock['type']> = Extract<KnownBlock, { type: Type }>;
type Source = Block<'document'>['source'];

/** Decodes texts and media of a block into parts; no parts for a block without either. */
export function decodeContent(block: KnownBlock, path: string, exchange: Exchange): Content[] {
  switch (block.type) {
    case 'text':
      return [said(block.text)];
    case 'image':
      return [markOrigin(image(block, `${path}.source`, exchange), path, block.source.type === 'file' ? {} : NAMES.image[block.source.type])];
    case 'document':
      return document(block, path, exchange);
    case 'search_result':
      return [
        said([`<search_result title="${block.title}" source="${block.source}">`, ...block.content.map(({ text }) => text), '</search_result>'].join('\n')),
      ];
    case 'tool_reference':
      return [said(`tool ${block.tool_name} is available`)];
    case 'server_tool_use':
      return [said(`[${block.name.replaceAll('_', ' ')}: ${queryOf(block.input)}]`)];
    case 'compaction':
      return block.content ? [said(block.content)] : [];
    default:
      return [];
  }
}

/** Writes the results of a tool that ran at its provider as text. */
export function resultText(type: string, content: unknown): string {
  const lines = [content].flat().map((found) => {
    const { title, url, text, stdout, stderr, error_code } = (found ?? {}) as Record<string, unknown>;
    return [title, url, text, stdout, stderr, error_code].filter((each) => typeof each === 'string' && each !== '').join(' ');
  });
  return [`[${type.replace('_tool_result', '').replaceAll('_', ' ')} result]`, ...lines.filter(Boolean)].join('\n');
}

function said(text: string): Content {
  return { type: 'input_text', text };
}

function queryOf(input: unknown): string {
  const { query, url } = (input ?? {}) as Record<string, unknown>;
  return String(query ?? url ?? JSON.stringify(input ?? {}));
}

function image({ source }: Block<'image'>, path: string, exchange: Exchange): Content {
  if (source.type === 'file') return elsewhere('image', path, exchange);
  if (source.type === 'url') return { type: 'input_image', image_url: source.url };
  return { type: 'input_image', image_url: `data:${source.media_type};base64,${source.data}` };
}

function document({ source, title, context, citations }: Block<'document'>, path: string, exchange: Exchange): Content[] {
  if (citations?.enabled && !exchange.warnings.some(({ reason }) => reason === 'no_citations'))
    exchange.warn({ param: `${path}.citations`, reason: 'no_citations' });
  const named = title ? ` title="${title}"` : '';
  const before = context ? [said(`<document_context${named}>${context}</document_context>`)] : [];
  if (source.type === 'text') return [...before, said(`<document${named}>\n${source.data}\n</document>`)];
  if (source.type !== 'content')
    return [...before, markOrigin(file(source, title, `${path}.source`, exchange), path, source.type === 'file' ? {} : NAMES.document[source.type])];
  const inner = typeof source.content === 'string' ? [said(source.content)] : source.content.flatMap(partOf);
  function partOf(raw: { type: string }, at: number): Content[] {
    const place = `${path}.source.content.${at}`;
    const block = readBlock(raw, place);
    return block ? decodeContent(block, place, exchange) : [];
  }
  return [...before, said(`<document${named}>`), ...inner, said('</document>')];
}

function file(source: Exclude<Source, { type: 'text' | 'content' }>, title: string | null | undefined, path: string, exchange: Exchange): Content {
  if (source.type === 'file') return elsewhere('document', path, exchange);
  if (source.type === 'url') return { type: 'input_file', file_url: source.url };
  const filename = title || (source.media_type === 'application/pdf' ? 'document.pdf' : 'document');
  return { type: 'input_file', filename, file_data: `data:${source.media_type};base64,${source.data}` };
}

/** Puts a note in the place of a file that another provider keeps, or that has a source of an unknown kind. */
export function elsewhere(kind: string, path: string, exchange: Exchange): Content {
  exchange.warn({ param: path, reason: 'kept_by_another_provider' });
  return said(`[${kind} omitted: it is kept by another provider]`);
}
