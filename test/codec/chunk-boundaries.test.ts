import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { isDeepStrictEqual } from 'node:util';
import { expect } from 'chai';
import type { StreamEvent } from '../../core/contract/canonical.ts';
import type { ChatChunk } from '../../core/contract/chat-wire.ts';
import type { Plugin } from '../../core/contract/plugin.ts';
import { chatCodec } from '../../core/dialects/chat/codec/codec.ts';
import type { Codec } from '../../core/dialects/codec.ts';
import { messagesCodec } from '../../core/dialects/messages/codec/codec.ts';
import { responsesCodec } from '../../core/dialects/responses/codec/codec.ts';
import { eventData } from '../../core/upstreams/sse.ts';
import { thinkingChunks } from '../../plugins/thinking-chunks.ts';
import { testExchange } from '../support/test-exchange.ts';

const UPDATE = process.env['UPDATE_FIXTURES'] === '1';
const WIRE = new URL('../../fixtures/wire/', import.meta.url);
/** By the folder: what reads a provider's own shape before the codec does. */
const SHAPES: Record<string, Plugin> = { mistral: thinkingChunks() };

describe('a stream of a provider is read the same wherever it is cut', () => {
  const streams = readdirSync(WIRE, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.sse'));

  for (const file of streams.sort()) {
    const bytes = readFileSync(new URL(file, WIRE));
    const codec = codecOf(file);
    const decode = (reads: readonly Buffer[]) => read(codec, SHAPES[file.split('/')[0] ?? ''], reads);
    const recorded = new URL(file.replace(/\.sse$/, '.events.json'), WIRE);

    it(`${file}: in one piece`, () => {
      const events = decode([bytes]);
      if (UPDATE) writeFileSync(recorded, `${JSON.stringify(events, null, 2)}\n`);
      expect(events).to.deep.equal(eventsIn(recorded));
    });

    it(`${file}: in two pieces, cut at every byte`, () => {
      const expected = eventsIn(recorded);
      const different = bytes.findIndex((_, at) => !isDeepStrictEqual(decode([bytes.subarray(0, at), bytes.subarray(at)]), expected));
      expect(different, 'the byte it was cut at').to.equal(-1);
    });

    it(`${file}: byte by byte`, () => {
      expect(decode(Array.from(bytes, (byte) => Buffer.of(byte)))).to.deep.equal(eventsIn(recorded));
    });
  }
});

/** By the folder, which is named after a provider; Chat's unless it says otherwise. */
function codecOf(file: string): Codec {
  if (file.startsWith('anthropic')) return messagesCodec as Codec;
  return (/^[a-z]+-responses\b/.test(file) ? responsesCodec : chatCodec) as Codec;
}

/** What the upstream makes of these reads, as JSON has it. */
function read(codec: Codec, shape: Plugin | undefined, reads: readonly Buffer[]): unknown {
  const events: StreamEvent[] = [];
  const exchange = testExchange();
  const decoder = codec.decoder(exchange, 0);
  const plain = (chunk: ChatChunk) => shape?.wire?.chat?.chunk?.(chunk, exchange) ?? chunk;
  const feed = eventData((data) => (data === '[DONE]' ? decoder.end(true, events) : decoder.chunk(plain(JSON.parse(data)), events)));
  for (const read of reads) feed(read);
  feed(undefined);
  decoder.end(false, events);
  return JSON.parse(JSON.stringify(events));
}

function eventsIn(file: URL): unknown {
  return JSON.parse(readFileSync(file, 'utf8'));
}
