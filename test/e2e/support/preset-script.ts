import type { PresetProvider, Turn } from '../../support/preset-provider.ts';

/** What a scripted provider thinks before each turn: of more than one line, and not of ASCII only. */
export const THOUGHTS = ['A file first:\n  so be it. 🤔', 'Now look at it,\nand at the rest.', 'It is all there.'] as const;
/** A call as Codex offers it. */
export const shell = (cmd: string) => ({ name: 'exec_command', arguments: { cmd } });
/** A call as Claude Code offers it. */
export const bash = (command: string) => ({ name: 'Bash', arguments: { command, description: 'Does it.' } });
/** A call, two calls side by side, an answer; thoughts before each. */
export const task = (run: (command: string) => { name: string; arguments: object }): Turn[] => [
  { reasoning: THOUGHTS[0], text: 'I write it.', calls: [run('printf "there and back" > out.txt')] },
  { reasoning: THOUGHTS[1], calls: [run('cat out.txt'), run('echo "and the rest"')] },
  { reasoning: THOUGHTS[2], text: 'All done.' },
];
/** All that was asked, as text to look into. */
export const saidTo = ({ asked }: PresetProvider, nth: number): string => JSON.stringify(asked[nth]?.body.messages);
