import { expect } from 'chai';
import type { Item } from '../../core/contract/canonical.ts';
import { chatCodec } from '../../core/dialects/chat/codec/codec.ts';
import type { Codec } from '../../core/dialects/codec.ts';
import { decode } from '../support/codec-bench.ts';
import { type Answered, type Pair, startPair } from '../support/pair.ts';
import { json, sse } from '../support/scripted-provider.ts';

// biome-ignore lint/suspicious/noExplicitAny: fragments of any shape
type Loose = any;
type Calls = [id: string, name: string, args: string][];

const DONE = 'data: [DONE]\n\n';
const HELLO = '{"choices":[{"delta":{"content":"Hello"}}]}';
const STOP = '{"choices":[{"delta":{},"finish_reason":"stop"}]}';
const HALF = { index: 0, id: 'a', function: { name: 'f', arguments: '{"x":' } };

function delta(delta: Loose, rest: object = {}): object {
  return { choices: [{ index: 0, delta, ...rest }] };
}
function finish(finish_reason: Loose = 'stop', rest: object = {}): object {
  return { choices: [{ index: 0, delta: {}, finish_reason }], ...rest };
}
function fragments(...tool_calls: Loose[]): object {
  return delta({ tool_calls });
}
function fragment(index: number | undefined, id: string | undefined, name?: string, args?: unknown): object {
  return { ...(index !== undefined && { index }), ...(id !== undefined && { id }), function: { name, arguments: args } };
}

function outline({ final }: Answered): Loose[] {
  return final.output.map((item: Loose) => {
    if (item.type === 'function_call') return [item.call_id, item.name, item.arguments];
    return [...item.summary, ...(item.content ?? [])].map((part) => part.text ?? part.refusal).join('|');
  });
}
function textsOf({ final }: Answered): string[] {
  return final.output.flatMap((item: Loose) => item.content ?? []).map((part: Loose) => part.text ?? part.refusal);
}
function callsOf({ final }: Answered): Calls {
  return final.output.filter(({ type }: Loose) => type === 'function_call').map((call: Loose) => [call.call_id, call.name, call.arguments]);
}
function doneOf({ events }: Answered): Loose[] {
  return events.filter(({ type }) => type === 'response.output_item.done').map(({ item }) => item);
}
function usageOf({ final: { usage } }: Answered): number[] {
  return [usage.input_tokens, usage.input_tokens_details.cached_tokens, usage.output_tokens, usage.output_tokens_details.reasoning_tokens, usage.total_tokens];
}

describe('the Chat decoder', () => {
  let pair: Pair;
  const stream = (...chunks: (object | string)[]) => pair.ask([sse(...chunks)]);
  before(async () => {
    pair = await startPair({ preset: { plugins: [] } });
  });
  after(() => pair.stop());

  function expectFailed(answer: Answered, code: string): void {
    expect(answer.events.at(-1).type).to.equal('response.failed');
    expect(answer.events.filter(({ type }) => /completed|incomplete/.test(type))).to.deep.equal([]);
    expect(answer.line.error.code).to.equal(code);
  }

  describe('reads the frames of', () => {
    const FRAMES: Record<string, string> = {
      'a plain stream': `data: ${HELLO}\n\ndata: ${STOP}\n\n${DONE}`,
      'lines that end with CRLF': `data: ${HELLO}\r\n\r\ndata: ${STOP}\r\n\r\ndata: [DONE]\r\n\r\n`,
      'lines that end with CR': `data: ${HELLO}\r\rdata: ${STOP}\r\rdata: [DONE]\r\r`,
      comments: `: OPENROUTER PROCESSING\n\n:\ndata: ${HELLO}\n: keep-alive\n\n: x\n\ndata: ${STOP}\n\n${DONE}`,
      'a byte order mark': `\uFEFFdata: ${HELLO}\n\ndata: ${STOP}\n\n${DONE}`,
      'no space after the colon': `data:${HELLO}\n\ndata:${STOP}\n\ndata:[DONE]\n\n`,
      'other fields': `event: message\nid: 7\nretry: 10\ndata: ${HELLO}\n\nevent: chunk\ndata: ${STOP}\n\n${DONE}`,
      'an event of several lines': `data: {"choices":\ndata: [{"delta":{"content":"Hello"}}]}\n\ndata: ${STOP}\n\n${DONE}`,
      'no [DONE]': `data: ${HELLO}\n\ndata: ${STOP}\n\n`,
      'no line end after [DONE]': `data: ${HELLO}\n\ndata: ${STOP}\n\ndata: [DONE]`,
      'one line end after [DONE]': `data: ${HELLO}\n\ndata: ${STOP}\n\ndata: [DONE]\n`,
      'no line end after the last chunk': `data: ${HELLO}\n\ndata: ${STOP}`,
      'events without data': `event: ping\n\ndata: ${HELLO}\n\nid: 3\n\ndata: ${STOP}\n\n${DONE}`,
      'chunks after [DONE]': `data: ${HELLO}\n\ndata: ${STOP}\n\n${DONE}data: ${HELLO}\n\n`,
    };
    for (const [name, text] of Object.entries(FRAMES)) {
      it(name, async () => {
        const answer = await stream(text);
        expect(answer.events.at(-1).type).to.equal('response.completed');
        expect(textsOf(answer)).to.deep.equal(['Hello']);
        expect(answer.line.warnings).to.deep.equal([]);
      });
    }

    it('an answer in one piece to a client that streams', async () => {
      const message = { role: 'assistant', content: 'Hello', tool_calls: [{ id: 'a', type: 'function', function: { name: 'f', arguments: '{}' } }] };
      const answer = await pair.ask([json(200, { choices: [{ message, finish_reason: 'tool_calls' }], usage: { prompt_tokens: 1, completion_tokens: 2 } })]);
      expect(answer.events.at(-1).type).to.equal('response.completed');
      expect(outline({ ...answer, final: { output: answer.final.output.slice(1) } })).to.deep.equal([['a', 'f', '{}']]);
      expect(textsOf(answer)).to.deep.equal(['Hello']);
      expect(usageOf(answer)).to.deep.equal([1, 0, 2, 0, 3]);
    });
  });

  describe('at the end of a stream', () => {
    it('takes [DONE] without a finish reason for the end, when something came', async () => {
      const text = await stream(`data: ${HELLO}\n\n`, DONE);
      expect(text.events.at(-1).type).to.equal('response.completed');
      expect(textsOf(text)).to.deep.equal(['Hello']);
      const call = await stream(fragments(fragment(0, 'a', 'f', '{"x":1}')), finish(null), DONE);
      expect(call.events.at(-1).type).to.equal('response.completed');
      expect(callsOf(call)).to.deep.equal([['a', 'f', '{"x":1}']]);
    });

    it('fails at [DONE] without a finish reason when nothing came', async () => {
      expectFailed(await stream(delta({ role: 'assistant', content: '' }), DONE), 'stream_cut');
      expectFailed(await stream(DONE), 'stream_cut');
    });

    it('fails at [DONE] without a finish reason when only reasoning came', async () => {
      expectFailed(await stream(delta({ reasoning_content: 'Hm.' }), DONE), 'stream_cut');
    });

    it('fails at [DONE] without a finish reason when a call is half', async () => {
      const answer = await stream(fragments(HALF), DONE);
      expectFailed(answer, 'stream_cut');
      expect(doneOf(answer)).to.deep.equal([]);
    });

    it('fails when the stream ends with neither', async () => {
      for (const cut of [[], [delta({ content: 'Once' })], [fragments(fragment(0, 'a', 'f', '{"x":1}'))], [delta({ content: 'a' }), fragments(HALF)]]) {
        const answer = await stream(...cut);
        expectFailed(answer, 'stream_cut');
        expect(doneOf(answer).filter(({ type }) => type === 'function_call')).to.deep.equal([]);
      }
    });

    it('closes a text that ran into a cut only where another item began', async () => {
      expect(doneOf(await stream(delta({ content: 'Once' })))).to.deep.equal([]);
    });

    const REASONS: [status: string, reason: string | null, ...words: string[]][] = [
      ['completed', null, 'stop', 'end', 'eos', 'STOP', 'Stop', 'tool_calls', 'function_call', 'tool_use'],
      ['incomplete', 'max_output_tokens', 'length', 'max_tokens', 'model_length', 'MAX_TOKENS'],
      ['incomplete', 'content_filter', 'content_filter', 'sensitive', 'refusal'],
      ['failed', null, 'error', 'network_error', 'insufficient_system_resource', 'model_context_window_exceeded'],
    ];
    for (const [status, reason, ...words] of REASONS) {
      for (const word of words) {
        it(`takes the finish reason ${word} for ${reason ?? status}`, async () => {
          const answer = await stream(delta({ content: 'x' }), finish(word), DONE);
          expect(answer.events.at(-1).type).to.equal(`response.${status}`);
          expect(answer.final.incomplete_details?.reason ?? null).to.equal(reason);
          expect(answer.line.warnings).to.deep.equal([]);
        });
      }
    }

    it('says that a conversation is too long in the words clients know', async () => {
      const answer = await stream(finish('model_context_window_exceeded'), DONE);
      expect(answer.final.error.code).to.equal('context_length_exceeded');
    });

    it('completes on a finish reason nobody knows, with a warning', async () => {
      const answer = await stream(delta({ content: 'x' }), finish('because'), DONE);
      expect(answer.events.at(-1).type).to.equal('response.completed');
      expect(answer.line.warnings).to.deep.equal([{ param: 'finish_reason', reason: 'unknown' }]);
    });

    it('waits for a reason that is empty or null at first', async () => {
      const answer = await stream(delta({ content: 'x' }, { finish_reason: '' }), delta({ content: 'y' }, { finish_reason: null }), finish('length'), DONE);
      expect(answer.final.incomplete_details).to.deep.equal({ reason: 'max_output_tokens' });
      expect(answer.line.warnings).to.deep.equal([]);
    });

    it('keeps the first of two finish reasons', async () => {
      const answer = await stream(delta({ content: 'x' }), finish('length'), finish('stop'), DONE);
      expect(answer.events.at(-1).type).to.equal('response.incomplete');
    });

    it('completes calls whose finish reason is stop', async () => {
      const answer = await stream(fragments(fragment(0, 'a', 'f', '{}')), finish('stop'), DONE);
      expect(answer.events.at(-1).type).to.equal('response.completed');
      expect(callsOf(answer)).to.deep.equal([['a', 'f', '{}']]);
    });

    it('keeps a text and a call that come after a finish reason, with one warning', async () => {
      const answer = await stream(
        delta({ content: 'a' }),
        finish(),
        delta({ content: 'b' }),
        delta({ content: 'c' }),
        fragments(fragment(0, 'i', 'f', '{}')),
        DONE,
      );
      expect(answer.events.at(-1).type).to.equal('response.completed');
      expect(textsOf(answer)).to.deep.equal(['abc']);
      expect(callsOf(answer)).to.deep.equal([['i', 'f', '{}']]);
      expect(answer.line.warnings).to.deep.equal([{ param: 'finish_reason', reason: 'content_came_after_it' }]);
    });

    it('does not warn of empty deltas after a finish reason', async () => {
      const answer = await stream(delta({ content: 'a' }), finish(), delta({ role: 'assistant', content: '' }), finish('stop'), DONE);
      expect(answer.line.warnings).to.deep.equal([]);
    });

    it('marks half a call that ran into the limit as incomplete, and a whole one as completed', async () => {
      const answer = await stream(fragments(fragment(0, 'a', 'f', '{"x":1}'), fragment(1, 'b', 'g', '{"y":')), finish('length'), DONE);
      expect(answer.events.at(-1).type).to.equal('response.incomplete');
      expect(doneOf(answer).map(({ call_id, status }) => [call_id, status])).to.deep.equal([
        ['a', 'completed'],
        ['b', 'incomplete'],
      ]);
    });

    it('marks a call that ran into the limit before its arguments as incomplete', async () => {
      const answer = await stream(fragments(fragment(0, 'a', 'f', '')), finish('length'), DONE);
      expect(doneOf(answer).map(({ status }) => status)).to.deep.equal(['incomplete']);
    });

    it('marks a text that ran into the limit as incomplete', async () => {
      const answer = await stream(delta({ content: 'Once upon' }), finish('length'), DONE);
      expect(doneOf(answer).map(({ status }) => status)).to.deep.equal(['incomplete']);
    });
  });

  describe('finds usage', () => {
    const PLAIN = { prompt_tokens: 10, completion_tokens: 4, total_tokens: 14 };
    const STALE = { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 };
    const CASES: [where: string, chunks: object[]][] = [
      ['in the finish chunk', [finish('stop', { usage: PLAIN })]],
      [
        'in the finish chunk, there and at x_groq, and once more after it',
        [finish('stop', { usage: PLAIN, x_groq: { usage: PLAIN } }), { choices: [], usage: PLAIN }],
      ],
      ['in a second finish chunk', [finish('stop'), finish('stop', { usage: PLAIN })]],
      ['in a chunk without choices', [finish('stop', { usage: null }), { choices: [], usage: PLAIN }]],
      ['in a chunk whose choices are null', [finish('stop'), { choices: null, usage: PLAIN }]],
      ['in the choice', [{ choices: [{ delta: {}, finish_reason: 'stop', usage: PLAIN }] }]],
      ['in every chunk, of which the last counts', [{ ...delta({ content: 'y' }), usage: STALE }, finish('stop', { usage: PLAIN })]],
      ['before a chunk that says null again', [finish('stop', { usage: PLAIN }), { choices: [], usage: null }]],
    ];
    for (const [where, chunks] of CASES) {
      it(where, async () => {
        const answer = await stream(delta({ content: 'x' }), ...chunks, DONE);
        expect(usageOf(answer)).to.deep.equal([10, 0, 4, 0, 14]);
        expect(answer.line.usage).not.to.have.property('estimated');
      });
    }

    it('after the finish reason, without [DONE]', async () => {
      expect(usageOf(await stream(delta({ content: 'x' }), finish(), { choices: [], usage: PLAIN }))).to.deep.equal([10, 0, 4, 0, 14]);
    });

    it('of cached and reasoning tokens, under every name', async () => {
      for (const cached of [
        { prompt_tokens_details: { cached_tokens: 6 } },
        { prompt_cache_hit_tokens: 6, prompt_cache_miss_tokens: 4 },
        { cached_tokens: 6 },
      ]) {
        const usage = { ...PLAIN, ...cached, completion_tokens_details: { reasoning_tokens: 3 } };
        expect(usageOf(await stream(delta({ content: 'x' }), finish('stop', { usage }), DONE))).to.deep.equal([10, 6, 4, 3, 14]);
      }
    });

    it('that is not made of whole numbers, and makes it so', async () => {
      const usage = { prompt_tokens: 10.4, completion_tokens: -4, prompt_tokens_details: null, completion_tokens_details: { reasoning_tokens: null } };
      expect(usageOf(await stream(delta({ content: 'x' }), finish('stop', { usage }), DONE))).to.deep.equal([10, 0, 0, 0, 10]);
    });

    it('nowhere, and marks its own estimate in the log and in the header', async () => {
      const text = 'x'.repeat(400);
      const streamed = await stream(delta({ content: text }), finish(), DONE);
      expect(streamed.final.usage.output_tokens).to.equal(100);
      expect(streamed.final.usage.input_tokens).to.be.greaterThan(0);
      expect(streamed.line.usage.estimated).to.equal(true);
      const whole = await pair.ask([json(200, { choices: [{ message: { content: text }, finish_reason: 'stop' }] })], { stream: false });
      expect(whole.headers.get('x-tapline-usage')).to.equal('estimated');
      expect(whole.final.usage.output_tokens).to.equal(100);
      const told = await pair.ask([json(200, { choices: [{ message: { content: text }, finish_reason: 'stop' }], usage: PLAIN })], { stream: false });
      expect(told.headers.get('x-tapline-usage')).to.equal(null);
    });
  });

  describe('puts calls together from', () => {
    const TWO: Calls = [
      ['a', 'f', '{"x":1}'],
      ['b', 'g', '{"y":2}'],
    ];
    const CASES: { it: string; chunks: object[]; calls: Calls }[] = [
      { it: 'pieces with an index', chunks: [fragments(HALF), fragments(fragment(0, undefined, undefined, '1}'))], calls: [['a', 'f', '{"x":1}']] },
      {
        it: 'pieces without an index or an id',
        chunks: [fragments(fragment(undefined, 'a', 'f', '{"x":')), fragments(fragment(undefined, undefined, undefined, '1}'))],
        calls: [['a', 'f', '{"x":1}']],
      },
      {
        it: 'pieces that each repeat id and name',
        chunks: ['', '{"x"', ':1}', ''].map((args) => fragments(fragment(0, 'a', 'f', args))),
        calls: [['a', 'f', '{"x":1}']],
      },
      {
        it: 'pieces that each repeat the id, without an index',
        chunks: [
          fragments(fragment(undefined, 'a', 'f', '{"x":')),
          fragments(fragment(undefined, 'b', 'g', '{"y":')),
          fragments(fragment(undefined, 'a', undefined, '1}')),
          fragments(fragment(undefined, 'b', undefined, '2}')),
        ],
        calls: TWO,
      },
      {
        it: 'one id under a new index',
        chunks: [fragments(HALF), fragments(fragment(1, 'a', undefined, '1')), fragments(fragment(1, undefined, undefined, '}'))],
        calls: [['a', 'f', '{"x":1}']],
      },
      {
        it: 'a new id at a used index',
        chunks: [fragments(fragment(0, 'a', 'f', '{"x":1}')), fragments(fragment(0, 'b', 'g', '{"y":')), fragments(fragment(0, undefined, undefined, '2}'))],
        calls: TWO,
      },
      { it: 'whole calls that all have index 0', chunks: [fragments(fragment(0, 'a', 'f', '{"x":1}'), fragment(0, 'b', 'g', '{"y":2}'))], calls: TWO },
      {
        it: 'interleaved pieces that all have index 0, told apart by their ids',
        chunks: [
          fragments(fragment(0, 'a', 'f', '{"x":')),
          fragments(fragment(0, 'b', 'g', '{"y":')),
          fragments(fragment(0, 'a', '', '1}')),
          fragments(fragment(0, 'b', '', '2}')),
        ],
        calls: TWO,
      },
      {
        it: 'pieces whose id and name are empty',
        chunks: [fragments(fragment(0, 'a', 'f', '')), fragments(fragment(0, '', '', '{"x":')), fragments(fragment(0, '', '', '1}'))],
        calls: [['a', 'f', '{"x":1}']],
      },
      {
        it: 'pieces whose id is null',
        chunks: [fragments(HALF), fragments({ index: 0, id: null, type: null, function: { name: null, arguments: '1}' } })],
        calls: [['a', 'f', '{"x":1}']],
      },
      {
        it: 'a name split over chunks',
        chunks: [fragments(fragment(0, 'a', 'get_', '')), fragments(fragment(0, undefined, 'weather')), fragments(fragment(0, undefined, undefined, '{}'))],
        calls: [['a', 'get_weather', '{}']],
      },
      { it: 'arguments as an object', chunks: [fragments(fragment(0, 'a', 'f', { x: 1 }))], calls: [['a', 'f', '{"x":1}']] },
      { it: 'a whole call in one chunk', chunks: [fragments(fragment(0, 'a', 'f', '{"x":1}'))], calls: [['a', 'f', '{"x":1}']] },
      {
        it: 'a whole call in the finish chunk',
        chunks: [{ choices: [{ delta: { tool_calls: [HALF] }, finish_reason: null }] }, fragments({ index: 0, function: { arguments: '1}' } })],
        calls: [['a', 'f', '{"x":1}']],
      },
      {
        it: 'several whole calls in one chunk without an index',
        chunks: [fragments(fragment(undefined, 'a', 'f', '{"x":1}'), fragment(undefined, 'b', 'g', '{"y":2}'))],
        calls: TWO,
      },
      {
        it: 'several calls in one chunk without an index, continued by their place in it',
        chunks: [
          fragments(fragment(undefined, 'a', 'f', '{"x":'), fragment(undefined, 'b', 'g', '{"y":')),
          fragments(fragment(undefined, undefined, undefined, '1}'), fragment(undefined, undefined, undefined, '2}')),
        ],
        calls: TWO,
      },
      {
        it: 'an id that comes after the name',
        chunks: [fragments(fragment(0, '', 'f', '')), fragments(fragment(0, 'a', '', '{}'))],
        calls: [['a', 'f', '{}']],
      },
      {
        it: 'interleaved pieces',
        chunks: [
          fragments(fragment(0, 'a', 'f', '{"x"'), fragment(1, 'b', 'g', '{')),
          fragments(fragment(1, undefined, undefined, '"y":')),
          fragments(fragment(0, undefined, undefined, ':1}')),
          fragments(fragment(1, undefined, undefined, '2}')),
        ],
        calls: TWO,
      },
      { it: 'an index that starts at one', chunks: [fragments(fragment(1, 'a', 'f', '{"x":1}')), fragments(fragment(2, 'b', 'g', '{"y":2}'))], calls: TWO },
      { it: 'no arguments at all', chunks: [fragments({ index: 0, id: 'a', function: { name: 'f' } })], calls: [['a', 'f', '{}']] },
      { it: 'empty arguments', chunks: [fragments(fragment(0, 'a', 'f', ''))], calls: [['a', 'f', '{}']] },
      { it: 'arguments that are null', chunks: [fragments(fragment(0, 'a', 'f', null))], calls: [['a', 'f', '{}']] },
      { it: 'arguments that stay broken', chunks: [fragments(fragment(0, 'a', 'f', '{"x":'))], calls: [['a', 'f', '{"x":']] },
      {
        it: 'hostile names',
        chunks: [fragments(fragment(0, '__proto__', '__proto__', '{"__proto__":1}'))],
        calls: [['__proto__', '__proto__', '{"__proto__":1}']],
      },
    ];
    for (const { it: name, chunks, calls } of CASES) {
      it(name, async () => {
        const answer = await stream(...chunks, finish('tool_calls'), DONE);
        expect(answer.events.at(-1).type).to.equal('response.completed');
        expect(callsOf(answer)).to.deep.equal(calls);
        expect(answer.line.warnings).to.deep.equal([]);
        expect(new Set(answer.final.output.map(({ id }: Loose) => id)).size).to.equal(calls.length);
        for (const { type, output_index, arguments: whole } of answer.events) {
          if (type === 'response.function_call_arguments.done') expect(whole).to.equal(calls[output_index]?.[2]);
        }
      });
    }

    it('numbers for ids, which become text: the same one for all fragments of a call', async () => {
      const numbered = fragments({ ...fragment(0, 'a', 'f', '{"x"'), id: 7 } as never, { ...fragment(0, 'a', undefined, ':1}'), id: 7 } as never);
      const [call, ...others] = callsOf(await stream(numbered, finish('tool_calls'), DONE));
      expect(call?.[0]).to.match(/^call_\w+$/);
      expect(call?.slice(1)).to.deep.equal(['f', '{"x":1}']);
      expect(others).to.deep.equal([]);
    });

    it('two calls with one id, of which the second gets a fresh one', async () => {
      for (const second of [fragment(1, 'a', 'g', '{"y":2}'), fragment(undefined, 'a', 'g', '{"y":2}')]) {
        const answer = await stream(fragments(fragment(0, 'a', 'f', '{"x":1}')), fragments(second), finish('tool_calls'), DONE);
        const [first, other] = callsOf(answer);
        expect(first).to.deep.equal(['a', 'f', '{"x":1}']);
        expect(other?.slice(1)).to.deep.equal(['g', '{"y":2}']);
        expect(other?.[0]).to.match(/^call_\w+$/);
        expect(answer.line.warnings).to.deep.equal([{ param: 'tool_calls.id', reason: 'used_twice' }]);
      }
    });

    it('two calls of one function with one id and one form, in one chunk', async () => {
      const answer = await stream(fragments(fragment(0, 'a', 'f', '{"x":1}'), fragment(1, 'a', 'f', '{"x":2}')), finish('tool_calls'), DONE);
      expect(callsOf(answer).map(([, , args]) => args)).to.deep.equal(['{"x":1}', '{"x":2}']);
      expect(new Set(callsOf(answer).map(([id]) => id)).size).to.equal(2);
    });

    it('calls without an id, and makes ids up', async () => {
      const answer = await stream(
        fragments(fragment(undefined, undefined, 'f', '{"x":1}'), fragment(undefined, '', 'g', '{"y":')),
        fragments(fragment(undefined, undefined, undefined, '2}')),
        finish('tool_calls'),
        DONE,
      );
      expect(callsOf(answer).map(([, ...rest]) => rest)).to.deep.equal(TWO.map(([, ...rest]) => rest));
      const ids = callsOf(answer).map(([id]) => id);
      for (const id of ids) expect(id).to.match(/^call_\w+$/);
      expect(new Set(ids).size).to.equal(2);
      expect(answer.line.warnings).to.deep.equal(Array(2).fill({ param: 'tool_calls.id', reason: 'missing' }));
    });

    it('calls in an answer in one piece, without ids and with objects', async () => {
      const tool_calls = [{ function: { name: 'f', arguments: { x: 1 } } }, { id: '', function: { name: 'g', arguments: '' } }];
      const { final } = await pair.ask([json(200, { choices: [{ message: { content: null, tool_calls }, finish_reason: 'stop' }] })], { stream: false });
      expect(final.output.map((call: Loose) => [call.name, call.arguments])).to.deep.equal([
        ['f', '{"x":1}'],
        ['g', '{}'],
      ]);
      expect(new Set(final.output.map((call: Loose) => call.call_id)).size).to.equal(2);
    });

    it('words and calls, closing the words first', async () => {
      const answer = await stream(
        delta({ content: 'I look.', tool_calls: [HALF] }),
        fragments(fragment(0, undefined, undefined, '1}')),
        finish('tool_calls'),
        DONE,
      );
      expect(answer.final.output.map(({ type }: Loose) => type)).to.deep.equal(['message', 'function_call']);
    });

    it('calls between words', async () => {
      const answer = await stream(
        delta({ content: 'a' }),
        fragments(HALF),
        delta({ content: 'b' }),
        fragments(fragment(0, undefined, undefined, '1}')),
        finish(),
        DONE,
      );
      expect(textsOf(answer)).to.deep.equal(['a', 'b']);
      expect(callsOf(answer)).to.deep.equal([['a', 'f', '{"x":1}']]);
    });
  });

  describe('reads texts of', () => {
    const CASES: { it: string; chunks: object[]; items: [type: string, text: string][] }[] = [
      {
        it: 'content as a list of parts',
        chunks: [
          delta({
            content: [
              { type: 'text', text: 'a' },
              { type: 'text', text: 'b' },
            ],
          }),
        ],
        items: [['message', 'ab']],
      },
      {
        it: 'reasoning_content',
        chunks: [delta({ reasoning_content: 'hm' }), delta({ content: 'a' })],
        items: [
          ['reasoning', 'hm'],
          ['message', 'a'],
        ],
      },
      { it: 'reasoning', chunks: [delta({ reasoning: 'h' }), delta({ reasoning: 'm', content: '' })], items: [['reasoning', 'hm']] },
      { it: 'reasoning under both names, once', chunks: [delta({ reasoning: 'hm', reasoning_content: 'hm' })], items: [['reasoning', 'hm']] },
      { it: 'an empty reasoning_content beside reasoning', chunks: [delta({ reasoning: 'hm', reasoning_content: '' })], items: [['reasoning', 'hm']] },
      {
        it: 'reasoning that goes on after words',
        chunks: [delta({ reasoning: '1' }), delta({ content: 'a' }), delta({ reasoning: '2' }), delta({ content: 'b' })],
        items: [
          ['reasoning', '1'],
          ['message', 'a'],
          ['reasoning', '2'],
          ['message', 'b'],
        ],
      },
      { it: 'roles and nothing else', chunks: [delta({ role: 'assistant' }), delta({ role: 'assistant', content: '' }), delta({ content: null })], items: [] },
      {
        it: 'empty deltas between words',
        chunks: [delta({ content: 'a' }), delta({}), delta(null), delta({ content: [] }), delta({ reasoning: '' }), delta({ content: 'b' })],
        items: [['message', 'ab']],
      },
      { it: 'a refusal', chunks: [delta({ content: null, refusal: 'I ' }), delta({ refusal: 'must not.' })], items: [['message', 'I must not.']] },
      {
        it: 'an empty refusal on every chunk',
        chunks: [delta({ content: 'a', refusal: null }), delta({ content: 'b', refusal: '' })],
        items: [['message', 'ab']],
      },
      { it: 'any characters', chunks: [delta({ content: '"\\\n\u0000\u2028\ud83d\ude00' })], items: [['message', '"\\\n\u0000\u2028\ud83d\ude00']] },
    ];
    for (const { it: name, chunks, items } of CASES) {
      it(name, async () => {
        const answer = await stream(...chunks, finish(), DONE);
        expect(answer.final.output.map(({ type, content }: Loose) => [type, content.map((part: Loose) => part.text ?? part.refusal).join()])).to.deep.equal(
          items,
        );
        expect(answer.line.warnings).to.deep.equal([]);
      });
    }

    it('characters that are cut between two reads', async () => {
      const bytes = Buffer.from(`data: ${JSON.stringify(delta({ content: '\u{1f600}\u00e9' }))}\n\ndata: ${STOP}\n\n${DONE}`);
      const answer = await pair.ask([
        async (response) => {
          response.writeHead(200, { 'content-type': 'text/event-stream' });
          for (const byte of bytes) await new Promise((sent) => response.write(Buffer.of(byte), sent));
          response.end();
        },
      ]);
      expect(textsOf(answer)).to.deep.equal(['\u{1f600}\u00e9']);
    });

    it('a refusal as a part of its own kind', async () => {
      const { final } = await stream(delta({ refusal: 'No.' }), finish(), DONE);
      expect(final.output[0].content).to.deep.equal([{ type: 'refusal', refusal: 'No.' }]);
    });
  });

  describe('fails a stream that holds', () => {
    const ERRORS: Record<string, object | string> = {
      'an error object': { error: { message: 'no more tea', type: 'server_error', code: null } },
      'an error object beside choices': { choices: [{ delta: { content: '' }, finish_reason: 'error' }], error: { code: 502, message: 'no more tea' } },
      'an error as text': { error: 'no more tea' },
      'a flat error': { object: 'error', message: 'no more tea', type: 'internal_error', code: 500 },
      'a list with an error': [{ error: { code: 503, message: 'no more tea', status: 'UNAVAILABLE' } }],
      'success: false': { code: 1234, msg: 'no more tea', success: false },
      'an error event': `event: error\ndata: {"type":"error","error":{"type":"api_error","message":"no more tea"}}\n\n`,
    };
    for (const [name, chunk] of Object.entries(ERRORS)) {
      it(`${name}, even if [DONE] follows`, async () => {
        const answer = await stream(delta({ content: 'Once' }), chunk, delta({ content: ' more' }), finish(), DONE);
        expect(answer.events.at(-1).type).to.equal('response.failed');
        expect(answer.final.output).to.deep.equal([]);
        expect(doneOf(answer)).to.deep.equal([]);
        expect(answer.final.error.message).to.include('no more tea');
      });

      if (typeof chunk === 'string') continue;
      it(`${name}, in place of a whole answer`, async () => {
        const answer = await pair.ask([json(200, chunk)], { stream: false });
        expect(answer.status).to.be.within(400, 599);
        expect(answer.final.error.message).to.include('no more tea');
      });
    }

    it('an error of a kind that clients know', async () => {
      const KNOWN: [object, string][] = [
        [{ error: { code: 'context_length_exceeded', message: 'too long' } }, 'context_length_exceeded'],
        [{ error: { message: "This model's maximum context length is 8 tokens" } }, 'context_length_exceeded'],
        [{ error: { code: 'insufficient_quota', message: 'pay' } }, 'insufficient_quota'],
        [{ error: { code: 429, message: 'slow down' } }, 'rate_limit_exceeded'],
        [{ error: { type: 'overloaded_error', message: 'busy' } }, 'server_is_overloaded'],
        [{ error: { code: 'content_filter', message: 'no' } }, 'content_filter'],
      ];
      const told: [object, string][] = [];
      for (const [chunk] of KNOWN) told.push([chunk, (await stream(chunk, DONE)).final.error.code]);
      expect(told).to.deep.equal(KNOWN);
    });

    it('an error that is null is none', async () => {
      const answer = await stream({ ...delta({ content: 'a' }), error: null }, { ...finish(), error: null }, DONE);
      expect(answer.events.at(-1).type).to.equal('response.completed');
    });
  });

  describe('reads how likely tokens were', () => {
    const likely = (token: string, more: object = {}) => ({ token, logprob: -0.5, bytes: [...Buffer.from(token)], top_logprobs: [], ...more });
    const read = (token: string, more: object = {}) => ({ token, logprob: -0.5, bytes: [...Buffer.from(token)], ...more });
    const told = (text: Loose, ...tokens: object[]) => delta({ content: text }, { logprobs: { content: tokens, refusal: null } });
    const party = [likely('\\xf0\\x9f', { bytes: [240, 159] }), likely('\\x8e\\x89', { bytes: [142, 137] })] as const;
    const half = [read('\\xf0\\x9f', { bytes: [240, 159] }), read('\\x8e\\x89', { bytes: [142, 137] })] as const;
    const ROWS: Record<string, [chunks: object[], deltas: [string, Loose][], part: Loose]> = {
      'with the text they are of, others in their place too': [
        [told('Hel', likely('Hel')), told('lo', likely('l', { top_logprobs: [{ token: 'p', logprob: -2 }] }), likely('o')), finish()],
        [
          ['Hel', [read('Hel')]],
          ['lo', [read('l', { top_logprobs: [{ token: 'p', logprob: -2 }] }), read('o')]],
        ],
        { type: 'output_text', text: 'Hello', logprobs: [read('Hel'), read('l', { top_logprobs: [{ token: 'p', logprob: -2 }] }), read('o')] },
      ],
      'of half a character with the text that follows': [
        [told('', party[0]), told('🎉', party[1]), finish()],
        [['🎉', [...half]]],
        { type: 'output_text', text: '🎉', logprobs: [...half] },
      ],
      'of what no text follows at the end of the text': [
        [told('Hi', likely('Hi')), told('', likely('<end>')), finish()],
        [
          ['Hi', [read('Hi')]],
          ['', [read('<end>')]],
        ],
        { type: 'output_text', text: 'Hi', logprobs: [read('Hi'), read('<end>')] },
      ],
      'of a whole answer': [
        [{ choices: [{ index: 0, message: { content: 'Hi' }, logprobs: { content: [likely('H'), likely('i')] }, finish_reason: 'stop' }] }],
        [['Hi', [read('H'), read('i')]]],
        { type: 'output_text', text: 'Hi', logprobs: [read('H'), read('i')] },
      ],
      'of a refusal': [
        [delta({ refusal: 'No.' }, { logprobs: { content: null, refusal: [likely('No.')] } }), finish()],
        [['No.', [read('No.')]]],
        { type: 'refusal', refusal: 'No.', logprobs: [read('No.')] },
      ],
      'where it is told, and as next to impossible where no number is': [
        [delta({ content: 'Hel' }), told('lo', { token: 'lo', logprob: null }), finish()],
        [
          ['Hel', undefined],
          ['lo', [{ token: 'lo', logprob: -9999 }]],
        ],
        { type: 'output_text', text: 'Hello', logprobs: [{ token: 'lo', logprob: -9999 }] },
      ],
      'but not of thoughts or calls': [
        [
          delta({ content: '', reasoning_content: 'Hm.' }, { logprobs: { content: [likely('Hm.')] } }),
          told('Hi', likely('Hi')),
          delta({ content: null, tool_calls: [HALF] }, { logprobs: { content: [likely('f')] } }),
          delta({ tool_calls: [{ index: 0, function: { arguments: '1}' } }] }, { logprobs: { content: [likely('1}')] } }),
          finish(),
        ],
        [
          ['Hm.', undefined],
          ['Hi', [read('Hi')]],
          ['{"x":', undefined],
          ['1}', undefined],
        ],
        { type: 'output_text', text: 'Hi', logprobs: [read('Hi')] },
      ],
    };
    for (const [name, [chunks, deltas, part]] of Object.entries(ROWS)) {
      it(name, () => {
        const { events, items } = decode(chatCodec as Codec, chunks, true);
        expect(events.flatMap((event) => (event.type === 'item.delta' ? [[event.delta, event.logprobs]] : []))).to.deep.equal(deltas);
        const said = items.filter((item): item is Extract<Item, { type: 'message' }> => item.type === 'message');
        expect(said.map(({ content }) => content)).to.deep.equal([[part]]);
      });
    }
  });

  it('survives chunks of any shape', async () => {
    const ODD: (object | string)[] = [
      { choices: [null] },
      { choices: {} },
      { choices: 'x' },
      { choices: [{}] },
      { choices: [{ delta: 'x' }] },
      {},
      { usage: 'x' },
      { usage: { prompt_tokens: 'x' } },
      { id: 1, object: 2, model: {}, system_fingerprint: [] },
      delta({ content: 7 }),
      delta({ content: {} }),
      delta({ content: [null, 1, { type: 'image' }] }),
      delta({ reasoning_content: {} }),
      delta({ refusal: {} }),
      delta({ refusal: 7 }),
      delta({ annotations: {} }),
      delta({ annotations: 'x' }),
      delta({ tool_calls: {} }),
      delta({ tool_calls: 'x' }),
      delta({ tool_calls: [null] }),
      delta({ tool_calls: [] }),
      delta({}, { finish_reason: 7 }),
      delta({}, { finish_reason: {} }),
      ...[7, 'x', [], {}, { content: {} }, { content: 'x' }, { content: [null, 1, { token: 1 }] }, { content: [{ token: 'x', top_logprobs: {} }] }].map(
        (logprobs) => delta({ content: '' }, { logprobs }),
      ),
      delta(7, { logprobs: { content: [{ token: 'x', logprob: 0 }] } }),
    ];
    const harmed: string[] = [];
    for (const chunk of ODD) {
      const answer = await stream(delta({ content: 'Hel' }), chunk, delta({ content: 'lo' }), finish(), DONE);
      if (textsOf(answer).join('') !== 'Hello' || answer.events.at(-1).type !== 'response.completed') harmed.push(JSON.stringify(chunk));
    }
    expect(harmed).to.deep.equal([]);
  });
});
