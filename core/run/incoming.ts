/** A client's body, which is released once taken: a stream lives for minutes, and a Codex body has 50 KB and more. */
export class Incoming {
  #body: Record<string, unknown> | undefined;

  constructor(body: Record<string, unknown>) {
    this.#body = body;
  }

  take(): Record<string, unknown> {
    const body = this.#body ?? {};
    this.#body = undefined;
    return body;
  }
}
