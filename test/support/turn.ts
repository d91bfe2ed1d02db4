/** What a scripted model does in one turn, in this order, whatever the dialect. */
export interface Turn {
  thinking?: string;
  text?: string;
  /** The names of offered tools; the input of a custom tool is its `input`. */
  calls?: { name: string | RegExp; input: object }[];
  /** The connection ends before the turn does. */
  cut?: true;
}

/** How a scripted platform refuses. */
export interface Refusal {
  status: number;
  /** The word of its dialect. */
  type: string;
  message: string;
  headers?: Record<string, string>;
}

/** Decides by what it is asked, where requests may come in any order. */
// biome-ignore lint/suspicious/noExplicitAny: bodies of any dialect
export type Director = (body: any) => Turn;

/** What a matrix needs of a scripted provider. */
export interface TurnProvider {
  /** The base to give as an upstream. */
  readonly base: string;
  /** The bodies it was asked with, refused ones too. */
  // biome-ignore lint/suspicious/noExplicitAny: tests look into bodies of any dialect
  readonly asked: any[];
  /** What was wrong with requests: whoever sent them has a fault. */
  readonly refused: string[];
  /** Forgets what was, and plays this from now on; the last repeats. */
  script(...turns: (Turn | Refusal | Director)[]): void;
  stop(): Promise<void>;
}

/** In pieces that split words and escapes. */
export function pieces(text: string): string[] {
  return text.match(/[\s\S]{1,7}/gu) ?? [];
}
