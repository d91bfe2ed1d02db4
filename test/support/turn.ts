/** One turn of a scripted model, in this order, in any dialect. */
export interface Turn {
  thinking?: string;
  text?: string;
  /** The names of offered tools; the input of a custom tool is its `input`. */
  calls?: { name: string | RegExp; input: object }[];
  /** The connection ends before the turn does. */
  cut?: true;
}

/** A refusal of a scripted platform. */
export interface Refusal {
  status: number;
  /** The error type in its dialect. */
  type: string;
  message: string;
  headers?: Record<string, string>;
}

/** Chooses the turn by the request, for tests whose requests arrive in any order. */
// biome-ignore lint/suspicious/noExplicitAny: bodies of any dialect
export type Director = (body: any) => Turn;

/** The parts of a scripted provider that a matrix needs. */
export interface TurnProvider {
  /** The base to give as an upstream. */
  readonly base: string;
  /** The bodies of all requests, including refused ones. */
  // biome-ignore lint/suspicious/noExplicitAny: tests look into bodies of any dialect
  readonly asked: any[];
  /** The reasons of all refusals: any of them is a fault of the sender. */
  readonly refused: string[];
  /** Forgets all requests, and plays these turns from now on; the last one repeats. */
  script(...turns: (Turn | Refusal | Director)[]): void;
  stop(): Promise<void>;
}

/** Cuts a text into pieces that split words and escapes. */
export function pieces(text: string): string[] {
  return text.match(/[\s\S]{1,7}/gu) ?? [];
}
