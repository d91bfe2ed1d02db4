/** Writes a line: words, or fields and words. No body and no secret belongs into one. */
export interface LogLine {
  (words: string): void;
  (fields: object, words?: string): void;
}

/**
 * Where a plugin says what nobody else can: one line per event that a user would look for.
 *
 * @example
 * exchange.log.warn({ tool: item.name }, 'the model called a tool that it was not offered');
 */
export interface Log {
  readonly trace: LogLine;
  readonly debug: LogLine;
  readonly info: LogLine;
  readonly warn: LogLine;
  readonly error: LogLine;
  /** Ask before you gather what only a debug line needs. */
  isLevelEnabled(level: string): boolean;
  child(fields: Record<string, unknown>): Log;
}
