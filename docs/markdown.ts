const WIDTH = 120;

/** Prose whose lines end before column 120; code and links stay whole. Lines after the first are indented as told. */
export function wrap(text: string, indent = ''): string {
  const lines = [''];
  for (const word of text.match(/(?:`[^`]*`|\[[^\]]*\]\([^)]*\)|[^\s`[]|[[`])+/g) ?? []) {
    const line = lines.at(-1) as string;
    if (line && line.length + 1 + word.length > WIDTH) lines.push(indent + word);
    else lines[lines.length - 1] = line ? `${line} ${word}` : word;
  }
  return lines.join('\n');
}

export function bullet(text: string): string {
  return wrap(`- ${text}`, '  ');
}

export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(head), `|${head.map(() => '---').join('|')}|`, ...rows.map(line)].join('\n');
}

export function code(words: readonly string[]): string {
  return words.map((word) => `\`${word}\``).join(', ');
}

/** `a, b and c` */
export function enumerate(words: readonly string[], last = 'and'): string {
  return words.length < 2 ? words.join() : `${words.slice(0, -1).join(', ')} ${last} ${words.at(-1)}`;
}
