import { json, type Reply, ScriptedProvider } from '../../support/scripted-provider.ts';

/** A Chat provider from a script: one reply per question; the last one repeats. Who asks for the models is told that there are none. */
export class ChatScript {
  readonly #provider: ScriptedProvider;
  #replies: Reply[] = [];
  #from = 0;

  private constructor(provider: ScriptedProvider) {
    this.#provider = provider;
  }

  static async start(): Promise<ChatScript> {
    const provider = await ScriptedProvider.start();
    const script = new ChatScript(provider);
    provider.script((response, asked) => {
      if (asked.method === 'GET') return json(404, {})(response, asked);
      const reply = script.#replies.length > 1 ? script.#replies.shift() : script.#replies[0];
      return reply?.(response, asked);
    });
    return script;
  }

  get base(): string {
    return this.#provider.base;
  }

  /** The bodies it got since it was scripted. */
  // biome-ignore lint/suspicious/noExplicitAny: tests look into bodies of any shape
  get asked(): any[] {
    return this.#provider.asked.slice(this.#from).map(({ body }) => body);
  }

  /** From now on these replies. */
  script(...replies: Reply[]): void {
    this.#from = this.#provider.asked.length;
    this.#replies = replies;
  }

  stop(): Promise<void> {
    return this.#provider.stop();
  }
}
