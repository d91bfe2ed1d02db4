import type { IncomingMessage } from 'node:http';
import { promisify } from 'node:util';
import { brotliDecompress, gunzip, inflate, zstdDecompress } from 'node:zlib';
import { GatewayError, messageOf } from '../contract/errors.ts';

const DECODERS = { gzip: promisify(gunzip), deflate: promisify(inflate), br: promisify(brotliDecompress), zstd: promisify(zstdDecompress) };
const DEEPEST = 200;
/** A value takes 2 bytes in a body and 50 in memory. Real bodies have one value in a hundred bytes and more. */
const MOST_VALUES = 1_000_000;
/** Compressed bodies that are unpacked at the same time: each may grow a thousandfold. */
const AT_ONCE = 2;
const UTF8 = new TextDecoder('utf-8', { fatal: true });

/**
 * Reads the JSON object a client sent. Throws `body_too_large` beyond `limit` unpacked bytes, or `invalid_request`.
 */
export async function readBody(request: IncomingMessage, limit: number): Promise<Record<string, unknown>> {
  const packed = await collect(request, limit);
  const encoding = request.headers['content-encoding'];
  if (encoding === undefined || encoding === 'identity') return read(packed);
  return inTurn(async () => read(await unpack(packed, encoding, limit)));
}

let unpacking = 0;
const waiting: (() => void)[] = [];

async function inTurn<Value>(run: () => Promise<Value>): Promise<Value> {
  if (unpacking >= AT_ONCE) await new Promise<void>((resolve) => waiting.push(resolve));
  else unpacking++;
  try {
    return await run();
  } finally {
    const next = waiting.shift();
    if (next) next();
    else unpacking--;
  }
}

function read(bytes: Buffer): Record<string, unknown> {
  const body = parse(bytes);
  if (typeof body !== 'object' || body === null || Array.isArray(body)) throw new GatewayError('invalid_request', 'the body must be a JSON object');
  checkShape(body, { values: 0 });
  return body as Record<string, unknown>;
}

async function collect(request: IncomingMessage, limit: number): Promise<Buffer> {
  if (Number(request.headers['content-length'] ?? 0) > limit) {
    request.resume(); // a client that is still writing could not read the answer
    throw tooLarge(limit);
  }
  let parts: Buffer[] = [];
  let size = 0;
  await new Promise<void>((resolve, reject) => {
    request.on('data', (part: Buffer) => {
      size += part.length;
      if (size <= limit) parts.push(part);
      else {
        parts = [];
        reject(tooLarge(limit));
      }
    });
    request.on('end', resolve).on('error', reject);
  });
  request.removeAllListeners('data'); // its listener would keep the parts as long as the request lives
  return parts.length === 1 ? (parts[0] as Buffer) : Buffer.concat(parts);
}

async function unpack(body: Buffer, encoding: string, limit: number): Promise<Buffer> {
  if (!Object.hasOwn(DECODERS, encoding)) {
    throw new GatewayError('invalid_request', `content-encoding: "${encoding}" is not one of ${Object.keys(DECODERS).join(', ')}`, { status: 415 });
  }
  try {
    return await DECODERS[encoding as keyof typeof DECODERS](body, { maxOutputLength: limit });
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE') throw tooLarge(limit);
    throw new GatewayError('invalid_request', `the body is not valid ${encoding}: ${messageOf(thrown)}`, { cause: thrown });
  }
}

function parse(body: Buffer): unknown {
  let text: string;
  try {
    text = UTF8.decode(body);
  } catch (cause) {
    throw new GatewayError('invalid_request', 'the body is not valid UTF-8', { cause });
  }
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new GatewayError('invalid_request', 'the body is not valid JSON', { cause });
  }
}

/**
 * Refuses a depth that JSON.parse survives but later code does not, more values than a real body has, and `__proto__`,
 * a key that is never meant well.
 */
function checkShape(value: object, seen: { values: number }, depth = 1): void {
  if (depth > DEEPEST) throw new GatewayError('invalid_request', `the body is nested deeper than ${DEEPEST} levels`);
  const keys = Array.isArray(value) ? [] : Object.keys(value);
  seen.values += Array.isArray(value) ? value.length : keys.length;
  if (seen.values > MOST_VALUES) throw new GatewayError('body_too_large', `the body has more than ${MOST_VALUES} values`);
  if (Array.isArray(value)) for (const inner of value) if (typeof inner === 'object' && inner !== null) checkShape(inner, seen, depth + 1);
  for (const key of keys) {
    if (key === '__proto__') throw new GatewayError('invalid_request', '"__proto__" is not allowed as a key', { param: '__proto__' });
    const inner = (value as Record<string, unknown>)[key];
    if (typeof inner === 'object' && inner !== null) checkShape(inner, seen, depth + 1);
  }
}

function tooLarge(limit: number): GatewayError {
  return new GatewayError('body_too_large', `the body is larger than ${limit} bytes; --body-limit raises the limit`);
}
