/** Writes a line: words, or fields and words. Never log a body or a secret. */
export interface LogLine {
  (words: string): void;
  (fields: object, words?: string): void;
}

/**
 * A plugin's log. Write one line per event that a user would look for and that only the plugin knows.
 * @example exchange.log.warn({ tool: item.name }, 'the model called a tool that it was not offered');
 */
export interface Log {
  readonly trace: LogLine;
  readonly debug: LogLine;
  readonly info: LogLine;
  readonly warn: LogLine;
  readonly error: LogLine;
  /** Ask before you collect data that only a debug line needs. */
  isLevelEnabled(level: string): boolean;
  /** Returns a log that adds these fields to every line. */
  child(fields: Record<string, unknown>): Log;
}
