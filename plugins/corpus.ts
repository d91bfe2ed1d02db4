import { createHash } from 'node:crypto';
import { appendFile, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import type { Item } from '../core/contract/canonical.ts';
import type { ChatMessage } from '../core/contract/chat-wire.ts';
import type { Exchange } from '../core/contract/exchange.ts';
import type { Plugin } from '../core/contract/plugin.ts';
import { parseOptions } from '../core/kit/options.ts';
import { perExchange } from '../core/kit/per-exchange.ts';
import { transcriptOf } from '../core/kit/transcript.ts';

const Options = z.strictObject({
  /**
   * The folder of the files, one per day (UTC). They hold whole conversations and the output of tools: keep the folder
   * private.
   */
  dir: z.string().min(1).default('.tapline-corpus'),
});

/** The turn in progress: its place in the conversation, and its new messages. */
interface Turn {
  conversation: string | undefined;
  parent: string | null;
  /** The fingerprint of everything before the answer. */
  fingerprint: string;
  /** The new messages as JSON, without the brackets: a body must not be held while its answer streams. */
  said: string;
  answer: Item[];
}

/**
 * Writes each completed turn to a file as OpenAI messages: only the new ones, with the id of their conversation. It is
 * off unless you list it, and warns at start.
 */
export function corpus(options: z.input<typeof Options> = {}): Plugin {
  const { dir } = parseOptions('corpus', Options, options);
  const turns = perExchange<{ now?: Turn }>(() => ({}));
  let written: Promise<void> = Promise.resolve(); // one line after the other, whichever exchange ends first

  return {
    name: 'corpus',
    before: 'codex-client', // after the history, and before every plugin that rewrites messages
    start: () => process.emitWarning(`${dir} will hold prompts, arguments and outputs of tools: treat it as sensitive`, { code: 'CORPUS' }),
    async request({ input, instructions, prompt_cache_key: thread }, exchange) {
      const messages = transcriptOf(input);
      const prints = fingerprints(digest(thread ?? ''), messages);
      const { known, kept } = await lastKnown(messages, prints, exchange);
      const system: ChatMessage[] = known === 0 && instructions ? [{ role: 'system', content: instructions }] : [];
      const said = [...system, ...messages.slice(known)].map((message) => JSON.stringify(message)).join();
      turns(exchange).now = { conversation: kept?.conversation, parent: kept?.response ?? null, fingerprint: prints.at(-1) ?? '', said, answer: [] };
    },
    event(event, exchange) {
      if (event.type === 'item.done') turns(exchange).now?.answer.push(event.item);
    },
    async complete({ id }, exchange) {
      const { now } = turns(exchange);
      if (!now) return;
      const answer = transcriptOf(now.answer);
      const conversation = now.conversation ?? id;
      const { model, clock, store } = exchange;
      const head = { conversation_id: conversation, response_id: id, parent_response_id: now.parent, timestamp_unix_ms: clock.now(), model };
      const messages = [now.said, ...answer.map((message) => JSON.stringify(message))].filter(Boolean).join();
      const line = `${JSON.stringify(head).slice(0, -1)},"messages":[${messages}]}\n`;
      const file = join(dir, `corpus-${new Date(clock.now()).toISOString().slice(0, 10)}.jsonl`);
      const writing = written.then(() => append(dir, file, line));
      written = writing.catch(() => {});
      await writing;
      const print = fingerprints(now.fingerprint, answer).at(-1) ?? '';
      await store.put('turns', `corpus-${print}`, JSON.stringify({ conversation, response: id }));
    },
  };
}

const Known = z.object({ conversation: z.string(), response: z.string() });

/** Returns how many of the messages an earlier turn has written, and which turn that was. */
async function lastKnown(messages: readonly ChatMessage[], prints: readonly string[], { store }: Exchange) {
  for (let known = messages.length; known > 0; known--) {
    if (messages[known - 1]?.role !== 'assistant') continue;
    const { data } = Known.safeParse(await store.get('turns', `corpus-${prints[known]}`));
    if (data) return { known, kept: data };
  }
  return { known: 0, kept: undefined };
}

/**
 * Returns a fingerprint of everything up to each message, without thinking, because not every client sends it again.
 */
function fingerprints(start: string, messages: readonly ChatMessage[]): string[] {
  const prints = [start];
  for (const { reasoning_content: _, ...message } of messages) prints.push(digest(`${prints.at(-1)}${JSON.stringify(message)}`));
  return prints;
}

const digest = (text: string): string => createHash('sha256').update(text).digest('hex').slice(0, 32);

async function append(dir: string, file: string, line: string): Promise<void> {
  await mkdir(dir, { recursive: true, mode: 0o700 });
  await appendFile(file, line, { mode: 0o600 });
}
