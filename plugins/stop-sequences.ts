import type { EndEvent, Logprob, Message, StreamEvent, Usage } from '../core/contract/canonical.ts';
import type { Exchange } from '../core/contract/exchange.ts';
import type { Plugin } from '../core/contract/plugin.ts';
import { HeldTokens } from '../core/kit/held-tokens.ts';
import { perExchange } from '../core/kit/per-exchange.ts';
import { prepareStops, StopSearch } from '../core/kit/stop-search.ts';

const CHARACTERS_PER_TOKEN = 4;
/** The number of stop sequences that Chat providers accept. */
const MOST = 4;
/** The number of stop sequences that are searched, and their characters: each costs time for every character. */
const MOST_SEARCHED = 64;
const LONGEST = 4_096;

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
      const stops = searchable(request.stop ?? [], exchange);
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

/** No real sequence is nearly as long, and no client sends nearly as many. */
function searchable(given: readonly string[], exchange: Exchange): string[] {
  const filled = given.filter((stop) => stop !== '');
  const short = filled.filter(({ length }) => length <= LONGEST);
  if (short.length < filled.length) exchange.warn({ param: 'stop', reason: `longer_than_${LONGEST}` });
  if (short.length > MOST_SEARCHED) exchange.warn({ param: 'stop', reason: `only_${MOST_SEARCHED}_are_searched` });
  return short.slice(0, MOST_SEARCHED);
}

/** A text: the part that may be shown, and the part behind it that may begin a stop sequence. */
interface OpenText {
  shown: string;
  held: string;
  search: StopSearch;
  /** The log probabilities of the tokens that are shown. */
  logprobs: Logprob[];
  tokens: HeldTokens;
}

type TextDelta = Extract<StreamEvent, { type: 'item.delta' }>;

class Scanner {
  readonly #stops: ReturnType<typeof prepareStops>;
  readonly #exchange: Exchange;
  readonly #open = new Map<number, OpenText>();
  #characters = 0;
  #found: string | undefined;

  constructor(stops: readonly string[], exchange: Exchange) {
    this.#stops = prepareStops(stops);
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
    const text = this.#open.get(event.key) ?? openText(this.#stops);
    this.#open.set(event.key, text);
    const all = text.held + event.delta;
    const { held, stop } = text.search.read(event.delta);
    const at = all.length - held;
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
    const { held, stop } = new StopSearch(this.#stops).read(written);
    const shown = written.slice(0, written.length - held);
    return stop === undefined ? undefined : this.#stop(event.key, deltaOf(event.key, shown), { ...openText([]), shown }, stop);
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
}

function openText(stops: ReturnType<typeof prepareStops>): OpenText {
  return { shown: '', held: '', search: new StopSearch(stops), logprobs: [], tokens: new HeldTokens() };
}

function deltaOf(key: number, delta: string, logprobs?: Logprob[]): TextDelta {
  return { type: 'item.delta', key, channel: 'text', delta, ...(logprobs && { logprobs }) };
}
