import { StringDecoder } from 'node:string_decoder';
import { createParser } from 'eventsource-parser';
import { GatewayError } from '../contract/errors.ts';

/** Characters of one event; more is not an answer. */
const LARGEST_EVENT = 64 << 20;

/**
 * Turns the bytes of a stream into the data and names of its events; `feed(undefined)` is the end of it.
 * Throws `upstream_protocol` when one event grows beyond 64 MiB.
 */
export function eventData(onData: (data: string, name: string | undefined) => void, maxBufferSize = LARGEST_EVENT): (bytes: Buffer | undefined) => void {
  const utf8 = new StringDecoder('utf8');
  const parser = createParser({
    maxBufferSize,
    onEvent: ({ data, event }) => onData(data, event),
    onError: ({ type, field, value }) => {
      if (field === 'error' && value) onData(value, 'error'); // some break off with a line of its own in place of an event
      if (type === 'max-buffer-size-exceeded') throw new GatewayError('upstream_protocol', 'the provider sent an event larger than 64 MiB');
    },
  });
  return (bytes) => parser.feed(bytes ? utf8.write(bytes) : `${utf8.end()}\n\n`); // a provider may leave out the last blank line
}
