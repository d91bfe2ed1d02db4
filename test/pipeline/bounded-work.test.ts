import { expect } from 'chai';
import fc from 'fast-check';
import type { CanonicalRequest, Item, StreamEvent } from '../../core/contract/canonical.ts';
import type { Plugin } from '../../core/contract/plugin.ts';
import { MessagesAnswer } from '../../core/dialects/messages/door/answer.ts';
import { startExchange } from '../../core/fixtures/play-exchange.ts';
import { CallAssembler } from '../../core/kit/call-assembler.ts';
import { GrowingJson, isWhole } from '../../core/kit/growing-json.ts';
import { flattenRoot, inlineReferences } from '../../core/kit/json-schema.ts';
import { prepareStops, StopSearch } from '../../core/kit/stop-search.ts';
import { FreeNames } from '../../core/kit/tool-references.ts';
import { createPipeline } from '../../core/pipeline/create-pipeline.ts';
import { stopSequences } from '../../plugins/stop-sequences.ts';
import { thinkTags } from '../../plugins/think-tags.ts';
import { toolSearch } from '../../plugins/tool-search.ts';
import { xmlCalls } from '../../plugins/xml-calls.ts';

const FUNCTION = { type: 'function', name: 'f', parameters: {} } as const;

/** Streams a text through a plugin, and returns what comes out of it. */
async function streamed(plugin: Plugin, text: string, request: Partial<CanonicalRequest> = {}) {
  const exchange = startExchange();
  const pipeline = createPipeline([plugin], 'chat', 'translated');
  await pipeline.request.promise({ model: 'm', input: [], ...request }, exchange);
  const key = exchange.newKey();
  const message = { type: 'message', role: 'assistant' } as const;
  const events = pipeline.events.call(
    [
      { type: 'item.added', key, item: { ...message, content: [] } },
      { type: 'item.delta', key, channel: 'text', delta: text },
      { type: 'item.done', key, item: { ...message, content: [{ type: 'output_text', text }] } },
      { type: 'end', status: 'completed' },
    ],
    exchange,
  );
  const items = events.flatMap((event) => (event.type === 'item.done' ? event.item : []));
  const ofType = (type: Item['type']) => items.filter((item) => item.type === type);
  return {
    events,
    ofType,
    warnings: exchange.warnings,
    said: events.map((event) => ('channel' in event && event.channel === 'text' ? event.delta : '')).join(''),
  };
}

/** Counts how often JSON is parsed meanwhile. */
function parsesIn(run: () => void): number {
  const { parse } = JSON;
  let count = 0;
  JSON.parse = (text, reviver) => {
    count++;
    return parse(text, reviver);
  };
  try {
    run();
  } finally {
    JSON.parse = parse;
  }
  return count;
}

describe('arguments that arrive in pieces', () => {
  it('are known to be whole as soon as they are, wherever they are cut', () => {
    const value = fc.oneof(fc.dictionary(fc.string(), fc.jsonValue()), fc.array(fc.jsonValue()), fc.string());
    fc.assert(
      fc.property(value, fc.string({ maxLength: 3 }), fc.array(fc.nat(20), { minLength: 1 }), (given, behind, cuts) => {
        const text = JSON.stringify(given) + behind;
        const json = new GrowingJson();
        for (let at = 0, nth = 0; at < text.length; nth++) {
          const end = at + 1 + (cuts[nth % cuts.length] ?? 0);
          json.add(text.slice(at, end));
          at = end;
          expect(json.isWhole(text.slice(0, at))).to.equal(isWhole(text.slice(0, at)));
        }
      }),
    );
  });

  it('are parsed once, and not with every fragment that repeats the id and the name', () => {
    const assembler = new CallAssembler(startExchange());
    const events: StreamEvent[] = [];
    const piece = (json: string) => assembler.read([{ index: 0, id: 'call_1', function: { name: 'f', arguments: json } }], events);
    const parses = parsesIn(() => {
      piece('{"x":"');
      for (let nth = 0; nth < 1000; nth++) piece('a');
      piece('"}');
      piece(' ');
    });
    expect(parses).to.equal(1);
    expect(assembler.close(events).map(({ item }) => item.arguments)).to.deep.equal([`{"x":"${'a'.repeat(1000)}"} `]);
  });

  it('may come for the last of many calls first', () => {
    const assembler = new CallAssembler(startExchange());
    const events: StreamEvent[] = [];
    const many = 50_000;
    for (let index = 0; index < many; index++) assembler.read([{ index, id: `call_${index}`, function: { name: 'f', arguments: '' } }], events);
    assembler.read([{ index: many - 1, function: { arguments: '{}' } }], events);
    const added = events.flatMap((event) => (event.type === 'item.added' && event.item.type === 'function_call' ? event.item.call_id : []));
    expect([added.length, added[0], added.at(-1)]).to.deep.equal([many, 'call_0', `call_${many - 1}`]);
  });
});

describe('markup in a text', () => {
  it('makes 64 thoughts at most, and the rest of the text stays', async () => {
    const block = '<think>x</think>y';
    const { ofType, said, events } = await streamed(thinkTags(), `a${block.repeat(1000)}`);
    expect(ofType('reasoning')).to.have.length(64);
    expect(said).to.equal(`a${'y'.repeat(64)}${block.repeat(1000 - 64)}`);
    expect(JSON.stringify(events).length).to.be.below(10 * 1000 * block.length);
  });

  it('makes 128 calls at most, and the rest of the text stays', async () => {
    const block = '<tool_call>{"name":"f","arguments":{}}</tool_call>';
    const { ofType, said } = await streamed(xmlCalls(), block.repeat(130), { tools: [FUNCTION] });
    expect(ofType('function_call')).to.have.length(128);
    expect(said).to.equal(block.repeat(2));
  });

  it('that names no declared tool is one piece of text', async () => {
    const { events, said } = await streamed(xmlCalls(), '<tool_call>{"name":"other"}</tool_call> '.repeat(1000), { tools: [FUNCTION] });
    expect(events.filter(({ type }) => type === 'item.delta')).to.have.length(1);
    expect(said).to.have.length(40_000);
  });
});

describe('stop sequences', () => {
  it('are found as in the whole text, wherever it is cut', () => {
    const word = fc.stringMatching(/^[abc]{1,5}$/);
    fc.assert(
      fc.property(fc.array(word, { minLength: 1, maxLength: 4 }), fc.array(word, { maxLength: 8 }), (stops, pieces) => {
        const search = new StopSearch(prepareStops(stops));
        let text = '';
        for (const piece of pieces) {
          text += piece;
          const found = search.read(piece);
          expect(found).to.deep.equal(searched(text, stops));
          if (found.stop !== undefined) return;
        }
      }),
    );
  });

  it('that are too long, or too many, are left out with a warning', async () => {
    const long = 'b'.repeat(5_000);
    const { said, warnings } = await streamed(stopSequences(), `${long} <70> <3>`, {
      stop: [long, ...Array.from({ length: 100 }, (_, at) => `<${at}>`)],
    });
    expect(said === `${long} <70> `).to.equal(true);
    expect(warnings).to.deep.equal([
      { param: 'stop', reason: 'longer_than_4096' },
      { param: 'stop', reason: 'only_64_are_searched' },
    ]);
  });
});

/** The plain way: the first sequence in the text, unless an earlier one may still be about to come. */
function searched(text: string, stops: readonly string[]): { held: number; stop?: string } {
  let at = text.length;
  let stop: string | undefined;
  for (const each of stops) if (text.includes(each) && text.indexOf(each) < at) [at, stop] = [text.indexOf(each), each];
  const begun = Array.from(text, (_, from) => from).find((from) => stops.some((each) => each.length > text.length - from && each.startsWith(text.slice(from))));
  if (stop !== undefined && at <= (begun ?? text.length)) return { held: text.length - at, stop };
  return { held: text.length - (begun ?? text.length) };
}

describe('many of a kind', () => {
  it('tools of one name get numbers in turn', () => {
    const names = new FreeNames(['f', 'f_3']);
    expect(['f', 'f', 'f', 'g', 'f_3'].map((name) => names.take(name))).to.deep.equal(['f_2', 'f_4', 'f_5', 'g', 'f_3_2']);
  });

  it('calls that a client of Messages gets one after the other, though they are all open at once', () => {
    const exchange = startExchange({ dialect: 'messages' });
    const answer = new MessagesAnswer({ model: 'm', input: [] }, exchange);
    const many = 20_000;
    const item = (key: number) => ({ type: 'function_call' as const, call_id: `c${key}`, name: 'f', arguments: '' });
    for (let key = 0; key < many; key++) answer.write({ type: 'item.added', key, item: item(key) });
    for (let key = 0; key < many; key++) answer.write({ type: 'item.done', key, item: { ...item(key), arguments: '{}' } });
    answer.write({ type: 'end', status: 'completed' });
    expect(JSON.parse(answer.body).content.map(({ id }: { id: string }) => id)).to.deep.equal(Array.from({ length: many }, (_, at) => `c${at}`));
  });

  it('searches that find the same namespace join its tools, each once', async () => {
    const found = (...names: string[]): Item => ({
      type: 'tool_search_output',
      call_id: 'c',
      tools: [{ type: 'namespace', name: 'n', tools: names.map((name) => ({ type: 'function', name })) }],
    });
    const request: CanonicalRequest = { model: 'm', input: [found('a', 'b'), found('b', 'c'), found('a')] };
    await createPipeline([toolSearch()], 'chat', 'translated').request.promise(request, startExchange());
    expect(request.tools).to.deep.equal([{ type: 'namespace', name: 'n', tools: ['a', 'b', 'c'].map((name) => ({ type: 'function', name })) }]);
  });

  it('references to one large schema are cut where the copies become too many', () => {
    const properties = (count: number, schema: object) => Object.fromEntries(Array.from({ length: count }, (_, at) => [`k${at}`, schema]));
    const { cut, schema } = inlineReferences({
      type: 'object',
      properties: properties(500, { $ref: '#/$defs/large' }),
      $defs: { large: { type: 'object', properties: properties(1000, { type: 'string' }) } },
    });
    expect(cut).to.equal(true);
    expect(JSON.stringify(schema).length).to.be.below(1_000_000);
  });

  it('branches of a schema with the same property keep each of its forms once', () => {
    const branch = (type: string) => ({ type: 'object', properties: { x: { type } }, required: ['x'] });
    expect(flattenRoot({ anyOf: [branch('string'), branch('number'), branch('string')] }).schema).to.deep.equal({
      type: 'object',
      properties: { x: { anyOf: [{ type: 'string' }, { type: 'number' }] } },
      required: ['x'],
    });
  });
});
