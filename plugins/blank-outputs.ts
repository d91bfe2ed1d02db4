import type { Plugin } from '../core/contract/plugin.ts';

interface Block {
  type?: unknown;
  content?: unknown;
}

/** Sends the empty output of a tool as an empty string, for providers whose Messages API refuses an empty list. */
export function blankOutputs(): Plugin {
  return {
    name: 'blank-outputs',
    upstream: 'messages',
    wire: {
      messages: {
        request({ messages }) {
          if (!Array.isArray(messages)) return;
          for (const message of messages as ({ content?: unknown } | null)[]) {
            if (Array.isArray(message?.content)) for (const block of message.content as (Block | null)[]) if (isBlank(block)) block.content = '';
          }
        },
      },
    },
  };
}

function isBlank(block: Block | null): block is Block {
  return block?.type === 'tool_result' && Array.isArray(block.content) && block.content.length === 0;
}
