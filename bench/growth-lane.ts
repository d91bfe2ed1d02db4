import type { StreamEvent } from '../core/contract/canonical.ts';
import type { Dialect } from '../core/contract/dialect.ts';
import type { Plugin, PluginOption } from '../core/contract/plugin.ts';
import { chatCodec } from '../core/dialects/chat/codec/codec.ts';
import { chatFrontDoor } from '../core/dialects/chat/door/front-door.ts';
import type { Codec } from '../core/dialects/codec.ts';
import type { FrontDoor } from '../core/dialects/front-door.ts';
import { messagesCodec } from '../core/dialects/messages/codec/codec.ts';
import { messagesFrontDoor } from '../core/dialects/messages/door/front-door.ts';
import { responsesCodec } from '../core/dialects/responses/codec/codec.ts';
import { responsesFrontDoor } from '../core/dialects/responses/door/front-door.ts';
import { startExchange } from '../core/fixtures/play-exchange.ts';
import { createPipeline, type Pipeline } from '../core/pipeline/create-pipeline.ts';
import { resolvePlugins } from '../core/pipeline/resolve-plugins.ts';
import type { RunningExchange } from '../core/run/running-exchange.ts';
import { eventData } from '../core/upstreams/sse.ts';
import { openaiCompatible } from '../presets/openai-compatible.ts';

const DOORS: Record<Dialect, FrontDoor> = { chat: chatFrontDoor, messages: messagesFrontDoor, responses: responsesFrontDoor };
const CODECS: Record<Dialect, Codec> = { chat: chatCodec as Codec, messages: messagesCodec as Codec, responses: responsesCodec as Codec };
/** The bytes of one socket read. */
const READ = 64 << 10;

export interface LaneOptions {
  door?: Dialect;
  upstream?: Dialect;
  /** Plugins besides those of a plain preset. */
  plugins?: PluginOption;
}

/** The translated lane without its sockets: door, plugins and codec, as they are put together for a preset. */
export class GrowthLane {
  readonly #door: FrontDoor;
  readonly #codec: Codec;
  readonly #pipeline: Pipeline;
  readonly #options: Required<Pick<LaneOptions, 'door' | 'upstream'>>;

  constructor({ door = 'responses', upstream = 'chat', plugins }: LaneOptions = {}) {
    const all: Plugin[] = resolvePlugins({ preset: 'growth', listed: openaiCompatible().plugins, added: plugins });
    this.#door = DOORS[door];
    this.#codec = CODECS[upstream];
    this.#pipeline = createPipeline(all, upstream, 'translated');
    this.#options = { door, upstream };
  }

  /** Sends a client's body. Returns the characters that the provider would get. */
  async request(body: string): Promise<number> {
    const { wire } = await this.#ask(body);
    return JSON.stringify(wire).length;
  }

  /** Streams a provider's answer to a client's body. Returns the characters that the client would get. */
  async stream(body: string, sent: Buffer): Promise<number> {
    const { exchange, answer } = await this.#ask(body);
    const decoder = this.#codec.decoder(exchange, body.length);
    let written = 0;
    const emit = (events: StreamEvent[]) => {
      for (const event of this.#pipeline.events.call(events.splice(0), exchange)) answer.write(event);
      written += answer.take().length;
    };
    const events: StreamEvent[] = [{ type: 'start' }];
    emit(events);
    const feed = eventData((data) => {
      if (data === '[DONE]') decoder.end(true, events);
      else decoder.chunk(this.#pipeline.wireChunk.call(JSON.parse(data), exchange), events);
    });
    for (let at = 0; at < sent.length; at += READ) {
      feed(sent.subarray(at, at + READ));
      if (events.length > 0) emit(events);
    }
    feed(undefined);
    decoder.end(false, events);
    emit(events);
    return written + answer.body.length;
  }

  async #ask(body: string) {
    const { door: dialect, upstream } = this.#options;
    const exchange: RunningExchange = startExchange({ dialect, upstream });
    const parsed = JSON.parse(body) as Record<string, unknown>;
    exchange.ask(parsed);
    const request = this.#door.decode(parsed, exchange);
    const answer = this.#door.answer(request, exchange);
    exchange.decoded(request);
    await this.#pipeline.request.promise(request, exchange);
    const wire = this.#codec.encode(request, exchange);
    await this.#pipeline.wireRequest.promise(wire, exchange);
    return { exchange, answer, wire };
  }
}
