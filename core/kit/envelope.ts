import { z } from 'zod';

const PREFIX = 'tl1.';
const LARGEST = 1 << 20;
const Sealed = z.looseObject({
  v: z.literal(1),
  kind: z.enum(['reasoning', 'compaction']).default('reasoning'),
  preset: z.string(),
  model: z.string(),
  text: z.string().optional(),
  encrypted_content: z.string().optional(),
});

/** The content of an envelope: one kind must not pass for the other. An envelope without a kind holds reasoning. */
type Kind = 'reasoning' | 'compaction';
interface Owner {
  preset: string;
  model: string;
}
/** Reasoning that only its provider can read, with its text if the provider wants that back word for word. */
export interface Opaque {
  text?: string | undefined;
  encrypted_content: string;
}

/**
 * Seals a text that a model must get back on a later turn, in a form that clients store without reading it: `tl1.` and
 * base64url of JSON. It needs no key and no state, since it hides nothing that the client has not seen. Returns
 * undefined if the envelope would exceed 1 MiB.
 */
export function seal(owner: Owner, text: string, kind: Kind = 'reasoning'): string | undefined {
  return write(owner, { ...(kind !== 'reasoning' && { kind }) }, { text });
}

/** Like `seal`, for reasoning that a provider sealed itself. */
export function sealOpaque(owner: Owner, opaque: Opaque): string | undefined {
  return write(owner, {}, opaque);
}

/** Returns the text if the same preset and model family sealed it. Anything else is foreign: undefined. */
export function unseal({ preset, model }: Owner, sealed: string, kind: Kind = 'reasoning'): string | undefined {
  const opened = read(sealed, kind);
  return opened && isOwn({ preset, model }, opened) ? opened.text : undefined;
}

/** Like `unseal`, for reasoning that a provider sealed itself. */
export function unsealOpaque(owner: Owner, sealed: string): Opaque | undefined {
  const opened = read(sealed, 'reasoning');
  if (opened?.encrypted_content === undefined || !isOwn(owner, opened)) return undefined;
  return { text: opened.text, encrypted_content: opened.encrypted_content };
}

/** True if one owner may read the other's envelopes: the same preset, and models of one family. */
export function isOwn({ preset, model }: Owner, other: Owner): boolean {
  return other.preset === preset && familyOf(other.model) === familyOf(model);
}

/** Returns the owner of an envelope; undefined if it is none of ours. */
export function sealedBy(sealed: string, kind: Kind): Owner | undefined {
  return read(sealed, kind);
}

function write({ preset, model }: Owner, kind: object, content: object): string | undefined {
  const sealed = PREFIX + Buffer.from(JSON.stringify({ v: 1, ...kind, preset, model, ...content })).toString('base64url');
  return sealed.length <= LARGEST ? sealed : undefined;
}

function read(sealed: string, kind: Kind): z.infer<typeof Sealed> | undefined {
  if (!sealed.startsWith(PREFIX) || sealed.length > LARGEST) return undefined;
  try {
    const opened = Sealed.safeParse(JSON.parse(Buffer.from(sealed.slice(PREFIX.length), 'base64url').toString())).data;
    return opened?.kind === kind ? opened : undefined;
  } catch {
    return undefined;
  }
}

/** `vendor/name-5.1` → `name`. */
function familyOf(model: string): string {
  return /^[a-z]+/i.exec(model.split('/').at(-1) ?? '')?.[0].toLowerCase() ?? model;
}
