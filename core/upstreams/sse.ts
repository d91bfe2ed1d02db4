import { StringDecoder } from 'node:string_decoder';
import { createParser } from 'eventsource-parser';
import { GatewayError } from '../contract/errors.ts';

/** The most characters of one event: anything larger is no answer. */
const LARGEST_EVENT = 64 << 20;

/**
 * Parses the bytes of a stream into the data and names of its events. The returned function takes bytes, and undefined
 * at the end of the stream. It throws `upstream_protocol` if an event grows beyond 64 MiB.
 */
export function eventData(onData: (data: string, name: string | undefined) => void, maxBufferSize = LARGEST_EVENT): (bytes: Buffer | undefined) => void {
  const utf8 = new StringDecoder('utf8');
  const parser = createParser({
    maxBufferSize,
    onEvent: ({ data, event }) => onData(data, event),
    onError: ({ type, field, value }) => {
      // some providers break off with a line `error: …` instead of an event
      if (field === 'error' && value) onData(value, 'error');
      if (type === 'max-buffer-size-exceeded') throw new GatewayError('upstream_protocol', 'the provider sent an event larger than 64 MiB');
    },
  });
  // a provider may leave out the last blank line
  return (bytes) => parser.feed(bytes ? utf8.write(bytes) : `${utf8.end()}\n\n`);
}
