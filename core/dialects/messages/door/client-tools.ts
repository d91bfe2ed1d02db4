import type { FunctionTool } from '../../../contract/canonical.ts';

const text = (description: string) => ({ type: 'string', description });
const whole = (description: string) => ({ type: 'integer', description });
const oneOf = (...commands: string[]) => ({ type: 'string', enum: commands, description: 'What to do.' });
const range = { type: 'array', items: { type: 'integer' }, description: 'First and last line to show, counted from 1; -1 is the end.' };
const path = text('Of the file or folder.');
const inserting = { insert_line: whole('The line after which to insert; 0 is the beginning.'), insert_text: text('What to insert.') };
const replacing = { old_str: text('The text to replace: it must stand there exactly once.'), new_str: text('What to put in its place.') };

/**
 * Tools whose schema only Anthropic's own models know, and which the client runs, by the prefix that their dated
 * versions share.
 */
const TOOLS: Record<string, { description: string; properties: Record<string, object>; required: string[] }> = {
  bash_: {
    description: 'Runs a command in a shell that stays open between calls.',
    properties: { command: text('The command to run.'), restart: { type: 'boolean', description: 'Starts the shell anew, in place of a command.' } },
    required: [],
  },
  text_editor_: {
    description: 'Shows, creates and edits text files.',
    properties: {
      command: oneOf('view', 'create', 'str_replace', 'insert'),
      path,
      file_text: text('The whole new file, for "create".'),
      view_range: range,
      ...replacing,
      ...inserting,
    },
    required: ['command', 'path'],
  },
  memory_: {
    description: 'Keeps notes across conversations, in files below /memories.',
    properties: {
      command: oneOf('view', 'create', 'str_replace', 'insert', 'delete', 'rename'),
      path,
      file_text: text('The whole new file, for "create".'),
      view_range: range,
      ...replacing,
      ...inserting,
      old_path: text('What to rename.'),
      new_path: text('Its new name.'),
    },
    required: ['command'],
  },
};

/** Describes a typed tool as a function for every other model; undefined if its provider runs it. */
export function clientTool(type: string, name: string): FunctionTool | undefined {
  const [, tool] = Object.entries(TOOLS).find(([prefix]) => new RegExp(`^${prefix}\\d+$`).test(type)) ?? [];
  if (!tool) return undefined;
  const { description, properties, required } = tool;
  return { type: 'function', name, description, parameters: { type: 'object', properties, required }, strict: false };
}
