import type { EndEvent, Logprob, Message, StreamEvent, Usage } from '../core/contract/canonical.ts';
import type { Exchange } from '../core/contract/exchange.ts';
import type { Plugin } from '../core/contract/plugin.ts';
import { HeldTokens } from '../core/kit/held-tokens.ts';
import { partialMarker } from '../core/kit/marker-scanner.ts';
import { perExchange } from '../core/kit/per-exchange.ts';

const CHARACTERS_PER_TOKEN = 4;
/** The number of stop sequences that Chat providers accept. */
const MOST = 4;

/**
 * Ends an answer where one of the client's stop sequences begins, and reports which one. Providers accept few of them
 * or none, and do not report the one they found.
 */
export function stopSequences(): Plugin {
  const scans = perExchange(() => ({ stops: [] as string[], scanner: undefined as Scanner | undefined }));

  return {
    name: 'stop-sequences',
    upstream: ['chat', 'responses'],
    request(request, exchange) {
      const stops = (request.stop ?? []).filter((stop) => stop !== '');
      if (stops.length > 0) Object.assign(scans(exchange), { stops, scanner: new Scanner(stops, exchange) });
      request.stop = null;
    },
    wire: {
      chat: {
        request(body, exchange) {
          // a provider that stops by itself does not report the sequence: only a Chat client need not know it
          const { stops } = scans(exchange);
          if (stops.length > 0 && exchange.client.dialect === 'chat') body['stop'] = stops.slice(0, MOST);
        },
      },
    },
    event(event, exchange) {
      return scans(exchange).scanner?.read(event);
    },
  };
}

/** A text: the part that may be shown, and the part behind it that may begin a stop sequence. */
interface OpenText {
  shown: string;
  held: string;
  /** The log probabilities of the tokens that are shown. */
  logprobs: Logprob[];
  tokens: HeldTokens;
}

type TextDelta = Extract<StreamEvent, { type: 'item.delta' }>;

class Scanner {
  readonly #stops: readonly string[];
  readonly #exchange: Exchange;
  readonly #open = new Map<number, OpenText>();
  #characters = 0;
  #found: string | undefined;

  constructor(stops: readonly string[], exchange: Exchange) {
    this.#stops = stops;
    this.#exchange = exchange;
  }

  read(event: StreamEvent): StreamEvent | readonly StreamEvent[] | undefined {
    if (this.#found !== undefined) return event.type === 'end' && !this.#exchange.asked.stream ? this.#end(this.#found, event) : [];
    if (event.type === 'item.delta') {
      this.#characters += event.delta.length;
      return event.channel === 'text' ? this.#delta(event) : undefined;
    }
    return event.type === 'item.done' && event.item.type === 'message' ? this.#done(event, event.item) : undefined;
  }

  #delta(event: TextDelta): StreamEvent | readonly StreamEvent[] | undefined {
    const text = this.#open.get(event.key) ?? openText();
    this.#open.set(event.key, text);
    const all = text.held + event.delta;
    const { at, stop } = this.#find(all);
    const shown = all.slice(0, at);
    text.held = all.slice(at);
    text.shown += shown;
    text.tokens.add(event.delta.length, event.logprobs);
    const logprobs = text.tokens.take(shown.length);
    if (logprobs) for (const each of logprobs) text.logprobs.push(each);
    if (stop !== undefined) return this.#stop(event.key, deltaOf(event.key, shown, logprobs), text, stop);
    if (shown === event.delta && all === shown) return undefined;
    return shown === '' ? [] : deltaOf(event.key, shown, logprobs);
  }

  /** Releases the held text: no more text follows, so it is no stop sequence. Scans a text that did not stream. */
  #done(event: Extract<StreamEvent, { type: 'item.done' }>, message: Message): readonly StreamEvent[] | undefined {
    const text = this.#open.get(event.key);
    if (text) return text.held === '' ? undefined : [deltaOf(event.key, text.held, text.tokens.take(text.held.length)), event];
    const written = typeof message.content === 'string' ? message.content : message.content.map((part) => ('text' in part ? part.text : '')).join('');
    const { at, stop } = this.#find(written);
    const shown = written.slice(0, at);
    return stop === undefined ? undefined : this.#stop(event.key, deltaOf(event.key, shown), { ...openText(), shown }, stop);
  }

  /**
   * Ends the answer at once for a client that streams, so the provider may stop; a client that waits gets the
   * provider's own usage.
   */
  #stop(key: number, last: TextDelta, { shown, logprobs }: OpenText, stop: string): readonly StreamEvent[] {
    this.#found = stop;
    const part = { type: 'output_text' as const, text: shown, ...(logprobs.length > 0 && { logprobs }) };
    const item: Message = { type: 'message', role: 'assistant', content: [part] };
    const events: StreamEvent[] = last.delta === '' ? [] : [last];
    events.push({ type: 'item.done', key, item });
    if (this.#exchange.asked.stream) events.push(this.#end(stop, { type: 'end', status: 'completed' }));
    return events;
  }

  #end(stop: string, end: EndEvent): EndEvent {
    if (end.status === 'failed') return end;
    return { type: 'end', status: 'completed', stop, usage: end.usage ?? this.#estimate() };
  }

  #estimate(): Usage {
    const tokens = (characters: number) => Math.ceil(characters / CHARACTERS_PER_TOKEN) || 0;
    const asked = Number(this.#exchange.client.headers['content-length'] ?? 0);
    return { input_tokens: tokens(asked), cached_tokens: 0, output_tokens: tokens(this.#characters), reasoning_tokens: 0, estimated: true };
  }

  /** Returns the position of the first stop sequence, or of the end of the text that may still become one. */
  #find(text: string): { at: number; stop?: string } {
    let found: { at: number; stop: string } | undefined;
    for (const stop of this.#stops) {
      const at = text.indexOf(stop);
      if (at >= 0 && (!found || at < found.at)) found = { at, stop };
    }
    const partial = partialMarker(text, this.#stops);
    return found && found.at <= partial ? found : { at: partial };
  }
}

function openText(): OpenText {
  return { shown: '', held: '', logprobs: [], tokens: new HeldTokens() };
}

function deltaOf(key: number, delta: string, logprobs?: Logprob[]): TextDelta {
  return { type: 'item.delta', key, channel: 'text', delta, ...(logprobs && { logprobs }) };
}
