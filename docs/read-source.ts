import { readFileSync } from 'node:fs';

const ROOT = new URL('../', import.meta.url);

/** The text of a file that exports one factory. */
export function sourceOf(folder: 'plugins' | 'presets', name: string): string {
  return readFileSync(new URL(`${folder}/${name}.ts`, ROOT), 'utf8');
}

/** What stands above the exported factory. Throws an Error that names the file where nothing does. */
export function sentenceOf(folder: 'plugins' | 'presets', name: string): string {
  const comment = /\/\*\*((?:(?!\*\/)[\s\S])*)\*\/\nexport function/.exec(sourceOf(folder, name))?.[1];
  if (!comment) throw new Error(`${folder}/${name}.ts: there is no comment above its export`);
  return unfold(comment);
}

/** A comment's text in one line. */
export function unfold(comment: string): string {
  return comment.replaceAll(/\n\s*\*?\s*/g, ' ').trim();
}

/** The comment above what begins where this pattern first matches, or else behind its end. */
export function commentAt(source: string, pattern: RegExp): string {
  for (const { index, 0: match } of source.matchAll(pattern)) {
    const comment = commentAbove(source, index) || commentBehind(source.slice(0, endOf(source, index + match.length)));
    if (comment) return comment;
  }
  return '';
}

function commentAbove(source: string, at: number): string {
  const lines = source.slice(0, source.lastIndexOf('\n', at - 1)).split('\n');
  const above = lines.slice(lines.findLastIndex((line) => !/^\s*\/\/ /.test(line)) + 1);
  return above.map((line) => line.trim().slice(3)).join(' ');
}

/** In the last line of this text. */
function commentBehind(text: string): string {
  const line = text.slice(text.lastIndexOf('\n') + 1);
  return /[^:'"`/]\/\/ (.+)$/.exec(line)?.[1]?.trim() ?? '';
}

/** The end of the line in which all brackets are closed again. */
function endOf(source: string, from: number): number {
  let open = source[from - 1] === '(' ? 1 : 0;
  let at = from;
  for (; at < source.length; at++) {
    const rest = source.slice(at, at + 400);
    const skipped = /^(?:'(?:\\.|[^'\\\n])*'|`[^`]*`|\/\/[^\n]*)/.exec(rest)?.[0];
    if (skipped) at += skipped.length - 1;
    else if ('([{'.includes(source[at] ?? '')) open++;
    else if (')]}'.includes(source[at] ?? '')) open--;
    else if (source[at] === '\n' && open <= 0) break;
  }
  return at;
}
