import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import type { CanonicalRequest, Item } from '../../core/contract/canonical.ts';
import type { Codec } from '../../core/dialects/codec.ts';
import { responsesCodec } from '../../core/dialects/responses/codec/codec.ts';
import { failureToError, readFailure } from '../../core/upstreams/failure.ts';
import { decode as decodeWith, encode as encodeWith, spoilt } from '../support/codec-bench.ts';

// biome-ignore lint/suspicious/noExplicitAny: events of any shape
type Loose = any;

const codec = responsesCodec as Codec;
const encode = (request: Partial<CanonicalRequest>) => encodeWith(codec, request) as { body: Loose; warnings: string[] };
const decode = (chunks: Loose[], marked = false) => decodeWith(codec, chunks, marked);

const added = (item: object, output_index?: number) => ({ type: 'response.output_item.added', output_index, item });
const done = (item: object, output_index?: number) => ({ type: 'response.output_item.done', output_index, item });
const said = (delta: unknown, more: object = {}) => ({ type: 'response.output_text.delta', delta, ...more });
const completed = (response: object = {}, type = 'response.completed') => ({ type, response });
const message = (text: string, more: object = {}) => ({
  type: 'message',
  role: 'assistant',
  content: [{ type: 'output_text', text, annotations: [] }],
  ...more,
});
const call = (call_id: string | undefined, json: unknown, more: object = {}) => ({ type: 'function_call', call_id, name: 'f', arguments: json, ...more });
const HELLO: Item = { type: 'message', role: 'assistant', content: [{ type: 'output_text', text: 'Hello' }] };

describe('the Responses codec', () => {
  describe('writes', () => {
    it('what the request has, without what is kept at a provider, and asks for the reasoning it needs back', () => {
      const request = {
        instructions: 'Be brief.',
        parallel_tool_calls: false,
        reasoning: { effort: 'low', summary: 'auto' },
        max_output_tokens: 50,
        service_tier: 'auto',
        prompt_cache_key: 'k',
        include: ['file_search_call.results', 'message.output_text.logprobs'],
        temperature: null,
        store: true,
        tools: [{ type: 'custom' as const, name: 'c' }],
        tool_choice: 'auto' as const,
      };
      const { body } = encode({ ...request, stream: true, ...({ client_metadata: { session: 's' }, surprise: 1 } as object) });
      const { include, temperature: _, store: __, ...passed } = request;
      expect(body).to.deep.equal({
        model: 'm',
        input: [{ type: 'message', role: 'user', content: 'hi' }],
        ...passed,
        include: [...include, 'reasoning.encrypted_content'],
        store: false,
        stream: true,
      });
    });

    it('items without ids of ours, and no reasoning that the provider did not seal', () => {
      const { body } = encode({
        input: [
          { type: 'message', role: 'assistant', id: 'msg_1', status: 'completed', content: 'x', phase: 'commentary' },
          { type: 'reasoning', id: 'rs_1', summary: [] },
          { type: 'reasoning', id: 'rs_2', status: 'completed', summary: [], content: [{ type: 'reasoning_text', text: 'raw' }], encrypted_content: 'S' },
          { type: 'function_call', id: 'fc_1', call_id: 'a', name: 'f', namespace: 'n', arguments: '{}' },
          { type: 'local_shell_call_output', id: 'a', output: 'x' },
          { type: 'local_shell_call_output', id: 'b', call_id: 'a', output: 'x' },
          { type: 'additional_tools', id: 'at_1', tools: [] },
        ],
      });
      expect(body.input).to.deep.equal([
        { type: 'message', role: 'assistant', status: 'completed', content: 'x', phase: 'commentary' },
        { type: 'reasoning', summary: [], encrypted_content: 'S' },
        { type: 'function_call', call_id: 'a', name: 'f', namespace: 'n', arguments: '{}' },
        { id: 'a', type: 'local_shell_call_output', output: 'x' },
        { type: 'local_shell_call_output', call_id: 'a', output: 'x' },
        { type: 'additional_tools', tools: [] },
      ]);
    });

    it('no choice where there are no tools, a name for each schema, and says what it has no field for', () => {
      const { body, warnings } = encode({
        tools: [],
        tool_choice: 'auto',
        text: { verbosity: 'low', format: { type: 'json_schema', schema: {} } },
        stop: ['x'],
        seed: 0,
        top_k: 4,
        frequency_penalty: 1,
      });
      expect(body).not.to.have.any.keys('tools', 'tool_choice', 'stop');
      expect(body.text).to.deep.equal({ verbosity: 'low', format: { name: 'response', type: 'json_schema', schema: {} } });
      expect(warnings).to.deep.equal(['stop', 'top_k', 'frequency_penalty'].map((param) => `${param}: not_in_responses`));
    });

    it('how many likely tokens are to be told, unless it is none', () => {
      expect(encode({ top_logprobs: 2 }))
        .to.deep.include({ warnings: [] })
        .and.have.nested.property('body.top_logprobs', 2);
      expect(encode({ top_logprobs: 0 }).body).not.to.have.property('top_logprobs');
    });

    it('no conversation that nobody expanded', () => {
      expect(() => encode({ previous_response_id: 'resp_1' }))
        .to.throw()
        .with.property('code', 'previous_response_not_found');
    });
  });

  describe('reads', () => {
    const ITEMS: Record<string, [chunks: Loose[], items: Loose[], streamed: string, warnings?: string[]]> = {
      'items that stream': [
        [
          added({ type: 'message', id: 'msg_1', content: [] }, 0),
          said('Hel', { output_index: 0 }),
          said('lo', { output_index: 0 }),
          done(message('Hello', { id: 'msg_1' }), 0),
          completed(),
        ],
        [HELLO],
        'Hello',
      ],
      'items that are found by their id': [
        [
          added({ type: 'message', id: 'a' }),
          added({ type: 'message', id: 'b' }),
          said('Hel', { item_id: 'b' }),
          said('x', { item_id: 'a' }),
          done(message('Hello', { id: 'b' })),
          done(message('x', { id: 'a' })),
          completed(),
        ],
        [{ ...HELLO, content: [{ type: 'output_text', text: 'x' }] }, HELLO],
        'Helxlo',
      ],
      'items without any place, one at a time': [
        [
          added({ type: 'message' }),
          said('Hello'),
          done(message('Hello')),
          added({ type: 'function_call', call_id: 'a', name: 'f' }),
          done(call('a', '{"x":1}')),
          completed(),
        ],
        [HELLO, call('a', '{"x":1}')],
        'Hello{"x":1}',
      ],
      'items that were not announced': [[done(message('Hello'), 0), done(call('a', '{}'), 1), completed()], [HELLO, call('a', '{}')], 'Hello{}'],
      'items that are listed at the end only': [[completed({ output: [message('Hello'), call('a', '{}')] })], [HELLO, call('a', '{}')], 'Hello{}'],
      'items of which the end lists one more': [
        [done(message('Hello', { id: 'a' }), 0), completed({ output: [message('Hello', { id: 'a' }), call('a', '{}', { id: 'b' })] })],
        [HELLO, call('a', '{}')],
        'Hello{}',
      ],
      'a text that was never whole': [[added({ type: 'message' }, 0), said('Hello', { output_index: 0 }), completed({ output: [] })], [HELLO], 'Hello'],
      'a call that was never whole': [
        [added(call('a', ''), 0), { type: 'response.function_call_arguments.delta', output_index: 0, delta: '{}' }, completed()],
        [call('a', '{}')],
        '{}',
      ],
      'deltas of a message that nobody announced': [[said('Hel', { output_index: 0 }), said('lo', { output_index: 0 }), completed()], [HELLO], 'Hello'],
      'deltas of a call that nobody announced, once it is whole': [
        [{ type: 'response.function_call_arguments.delta', output_index: 0, delta: '{"x"' }, done(call('a', '{"x":1}'), 0), completed()],
        [call('a', '{"x":1}')],
        '{"x":1}',
      ],
      'a message whose content is one part': [[done({ type: 'message', content: { type: 'output_text', text: 'Hello' } }, 0), completed()], [HELLO], 'Hello'],
      'a custom call': [
        [
          added({ type: 'custom_tool_call', call_id: 'a', name: 'n' }, 0),
          { type: 'response.custom_tool_call_input.delta', output_index: 0, delta: 'x' },
          done({ type: 'custom_tool_call', call_id: 'a', name: 'n', input: 'xy' }, 0),
          completed(),
        ],
        [{ type: 'custom_tool_call', call_id: 'a', name: 'n', input: 'xy' }],
        'xy',
      ],
      'reasoning without a summary': [
        [
          done({ type: 'reasoning', id: 'rs', status: 'completed', content: [{ type: 'reasoning_text', text: 'Hm.' }], encrypted_content: 'S' }, 0),
          completed(),
        ],
        [{ type: 'reasoning', summary: [], content: [{ type: 'reasoning_text', text: 'Hm.' }], encrypted_content: 'S' }],
        'Hm.',
      ],
      'a call without an id, and two with one': [
        [done(call(undefined, '{}'), 0), done(call('a', ''), 1), done(call('a', { x: 1 }), 2), completed()],
        [call('call_0002', '{}'), call('a', '{}'), call('call_0003', '{"x":1}')],
        '{}{}{"x":1}',
        ['call_id: missing', 'call_id: used_twice'],
      ],
      'calls of the provider itself, as it tells them': [
        [
          added({ type: 'web_search_call', id: 'ws_1', status: 'in_progress' }, 0),
          { type: 'response.web_search_call.searching', output_index: 0 },
          done({ type: 'web_search_call', id: 'ws_1', status: 'completed', action: { query: 'x' } }, 0),
          completed(),
        ],
        [{ type: 'web_search_call', action: { query: 'x' } }],
        '',
      ],
    };
    for (const [name, [chunks, items, streamed, warnings = []]] of Object.entries(ITEMS)) {
      it(name, () => {
        const decoded = decode(chunks);
        expect(decoded.items).to.deep.equal(items);
        expect(decoded.events.flatMap((event) => (event.type === 'item.delta' ? event.delta : '')).join('')).to.equal(streamed);
        expect(decoded.events.filter(({ type }) => type === 'item.added')).to.have.length(items.length);
        expect(decoded.end).to.include({ status: 'completed' });
        expect(decoded.warnings).to.deep.equal(warnings);
      });
    }

    describe('how likely tokens were', () => {
      const likely = (token: string) => ({ token, logprob: -1, bytes: [1], top_logprobs: [{ token: 'x', logprob: -3, bytes: [120] }] });
      const hasLogprobs = (text: string, ...logprobs: object[]) => ({
        ...HELLO,
        content: [{ type: 'output_text', text, ...(logprobs.length > 0 && { logprobs }) }],
      });
      const whole = { type: 'message', content: [{ type: 'output_text', text: 'Hello', logprobs: [likely('Hel'), likely('lo')] }] };
      const both = [likely('Hel'), likely('lo')];
      const ROWS: Record<string, [chunks: Loose[], deltas: [string, Loose][], item: Loose]> = {
        'with each delta, and of the whole text': [
          [said('Hel', { output_index: 0, logprobs: [likely('Hel')] }), said('lo', { output_index: 0, logprobs: [likely('lo')] }), done(whole, 0), completed()],
          [
            ['Hel', [likely('Hel')]],
            ['lo', [likely('lo')]],
          ],
          hasLogprobs('Hello', ...both),
        ],
        'of a text that did not stream': [[completed({ output: [whole] })], [['Hello', both]], hasLogprobs('Hello', ...both)],
        'of a text whose end does not repeat them': [
          [
            said('Hel', { output_index: 0, logprobs: [likely('Hel')] }),
            said('lo', { output_index: 0, logprobs: [likely('lo')] }),
            done(message('Hello'), 0),
            completed(),
          ],
          [
            ['Hel', [likely('Hel')]],
            ['lo', [likely('lo')]],
          ],
          hasLogprobs('Hello', ...both),
        ],
        'of a text that was never whole': [[said('Hello', { output_index: 0, logprobs: both }), completed()], [['Hello', both]], hasLogprobs('Hello', ...both)],
        'nowhere where nobody tells': [[said('Hello', { output_index: 0, logprobs: [] }), completed()], [['Hello', undefined]], HELLO],
      };
      for (const [name, [chunks, deltas, item]] of Object.entries(ROWS)) {
        it(name, () => {
          const { events, items } = decode(chunks);
          expect(events.flatMap((event) => (event.type === 'item.delta' ? [[event.delta, event.logprobs]] : []))).to.deep.equal(deltas);
          expect(items).to.deep.equal([item]);
        });
      }
    });

    it('what only the event at the end of a text says, once', () => {
      const whole = (type: string, more: object) => ({ type: `response.${type}.done`, output_index: 0, ...more });
      const tool = { type: 'custom_tool_call', call_id: 'c', name: 'f' };
      const cases: [begun: object, chunks: object[], ended: object, items: object][] = [
        [call('c', ''), [whole('function_call_arguments', { arguments: '{"a":1}' })], call('c', ''), { arguments: '{"a":1}' }],
        [call('c', ''), [whole('function_call_arguments', { arguments: '{"a":1}' })], call('c', undefined), { arguments: '{"a":1}' }],
        [call('c', ''), [whole('function_call_arguments', { arguments: { a: 1 } })], call('c', ''), { arguments: '{"a":1}' }],
        [
          call('c', ''),
          [
            { type: 'response.function_call_arguments.delta', output_index: 0, delta: '{"a"' },
            whole('function_call_arguments', { arguments: '{"a":1}' }),
            whole('function_call_arguments', { arguments: '{"a":1}' }),
          ],
          call('c', '{"a":1}'),
          { arguments: '{"a":1}' },
        ],
        [tool, [whole('custom_tool_call_input', { input: 'ls' })], tool, { input: 'ls' }],
        [message('', { content: [] }), [whole('output_text', { text: 'Hello' })], message('Hello'), { content: HELLO.content }],
        [message('', { content: [] }), [whole('refusal', { refusal: 'No.' })], message('', { content: [{ type: 'refusal', refusal: 'No.' }] }), {}],
      ];
      for (const [begun, chunks, ended, item] of cases) {
        const { items, events } = decode([added(begun, 0), ...chunks, done(ended, 0), completed()]);
        expect(items).to.have.lengthOf(1);
        expect(items[0]).to.deep.include(item);
        const early = events.slice(
          0,
          events.findIndex(({ type }: Loose) => type === 'item.done'),
        );
        const streamed = early.map((event: Loose) => event.delta ?? '').join('');
        expect(streamed).to.equal((items[0] as Loose).arguments ?? (items[0] as Loose).input ?? streamed);
      }
      const unfinished = decode([added(call('c', ''), 0), whole('function_call_arguments', { arguments: '{"a":1}' }), completed()]);
      expect(unfinished.items).to.deep.equal([{ type: 'function_call', call_id: 'c', name: 'f', arguments: '{"a":1}' }]);
    });

    it('parts of a summary by their place, and a refusal', () => {
      const { events, items } = decode([
        { type: 'response.reasoning_summary_text.delta', output_index: 0, summary_index: 0, delta: 'a' },
        { type: 'response.reasoning_summary_text.delta', output_index: 0, summary_index: 1, delta: 'b' },
        { type: 'response.refusal.delta', output_index: 1, content_index: 0, delta: 'No.' },
        completed(),
      ]);
      expect(events.flatMap((event) => (event.type === 'item.delta' ? [[event.channel, event.part, event.delta]] : []))).to.deep.equal([
        ['summary', undefined, 'a'],
        ['summary', 1, 'b'],
        ['refusal', undefined, 'No.'],
      ]);
      expect(items[1]).to.deep.include({ content: [{ type: 'refusal', refusal: 'No.' }] });
    });

    it('each citation once, whether it streamed or not', () => {
      const cite = (url: string) => ({ type: 'url_citation', url });
      const whole = { type: 'message', content: [{ type: 'output_text', text: 'Hello', annotations: [cite('a'), cite('b')] }] };
      const { events } = decode([
        said('Hello', { output_index: 0 }),
        { type: 'response.output_text.annotation.added', output_index: 0, annotation: cite('a') },
        done(whole, 0),
        completed(),
      ]);
      expect(events.flatMap((event) => (event.type === 'item.note' ? event.note['url'] : []))).to.deep.equal(['a', 'b']);
    });

    const ENDS: [chunk: object, end: object][] = [
      [completed(), { status: 'completed' }],
      [completed({}, 'response.done'), { status: 'completed' }],
      [completed({ status: 'incomplete' }), { status: 'incomplete', reason: 'max_output_tokens' }],
      [completed({ incomplete_details: { reason: 'max_output_tokens' } }, 'response.incomplete'), { status: 'incomplete', reason: 'max_output_tokens' }],
      [completed({ incomplete_details: { reason: 'content_filter' } }, 'response.incomplete'), { status: 'incomplete', reason: 'content_filter' }],
      [{ object: 'response', status: 'completed', output: [], error: null }, { status: 'completed' }],
      [
        { object: 'response', status: 'incomplete', output: [] },
        { status: 'incomplete', reason: 'max_output_tokens' },
      ],
    ];
    for (const [chunk, end] of ENDS) {
      it(`the end ${JSON.stringify(chunk)}`, () => expect(decode([chunk]).end).to.deep.include(end));
    }

    it('an item that is open when tokens run out as incomplete', () => {
      const { items } = decode([
        done(message('Hello'), 0),
        added(call('a', ''), 1),
        { type: 'response.function_call_arguments.delta', output_index: 1, delta: '{"x"' },
        completed({}, 'response.incomplete'),
      ]);
      expect(items).to.deep.equal([HELLO, call('a', '{"x"', { status: 'incomplete' })]);
    });

    const CUTS: Record<string, [chunks: Loose[], marked: boolean, code: string | undefined]> = {
      'nothing at all': [[], false, 'stream_cut'],
      'nothing but [DONE]': [[], true, 'stream_cut'],
      'whole items, and the connection closes': [[done(message('Hello'), 0)], false, 'stream_cut'],
      'whole items, and [DONE]': [[done(message('Hello'), 0)], true, undefined],
      'half an item, and [DONE]': [[done(message('Hello'), 0), added(call('a', ''), 1)], true, 'stream_cut'],
    };
    for (const [name, [chunks, marked, code]] of Object.entries(CUTS)) {
      it(`${name}: ${code ?? 'complete'}`, () => expect(decode(chunks, marked).end?.error?.code).to.equal(code));
    }

    const USAGES: [told: object, usage: number[]][] = [
      [{ input_tokens: 10, input_tokens_details: { cached_tokens: 4 }, output_tokens: 5, output_tokens_details: { reasoning_tokens: 2 } }, [10, 4, 5, 2]],
      [{ input_tokens: 10, input_tokens_details: { cached_tokens: 40 }, output_tokens: 5 }, [50, 40, 5, 0]],
      [{ input_tokens: 10, output_tokens: 5.4, input_tokens_details: null }, [10, 0, 5, 0]],
    ];
    for (const [told, usage] of USAGES) {
      it(`the usage ${JSON.stringify(told)}`, () => {
        const { end } = decode([completed({ usage: told })]);
        expect(end?.usage && [end.usage.input_tokens, end.usage.cached_tokens, end.usage.output_tokens, end.usage.reasoning_tokens]).to.deep.equal(usage);
      });
    }

    it('no usage as one that is estimated', () => {
      expect(decode([done(message('eight ch'), 0), completed()]).end?.usage).to.deep.include({ input_tokens: 100, output_tokens: 2, estimated: true });
    });

    it('what only reports, repeats, or is not known as nothing, so that it holds off no limit', () => {
      const types = [
        'response.created',
        'response.queued',
        'codex.rate_limits',
        'keepalive',
        'response.metadata',
        'response.content_part.added',
        'response.output_text.done',
        'x',
      ];
      expect(decode(types.map((type) => ({ type, response: {}, output_index: 0 }))).events.map(({ type }) => type)).to.deep.equal(['end']);
    });

    it('nothing after the end', () => {
      const { events } = decode([done(message('Hello'), 0), completed(), said('x', { output_index: 0 }), completed()], true);
      expect(events.filter(({ type }) => type === 'end')).to.have.length(1);
      expect(events.at(-1)?.type).to.equal('end');
    });

    it('a stream in which any one field is anything, without failing itself', () => {
      for (const file of ['openai-responses/text', 'lmstudio-responses/reasoning-tools']) {
        const stream = readFileSync(new URL(`../../fixtures/wire/${file}.sse`, import.meta.url), 'utf8');
        const chunks = [...stream.matchAll(/^data: (.*)$/gm)]
          .map(([, data = '']) => JSON.parse(data))
          .filter(({ type }, at, all) => type !== all[at - 1]?.type);
        for (const spoiltChunks of spoilt(chunks)) expect(decode(spoiltChunks).events.filter(({ type }) => type === 'end')).to.have.length(1);
      }
    });
  });

  const CODES: [code: string, told: string][] = [
    ['context_length_exceeded', 'context_length_exceeded'],
    ['insufficient_quota', 'quota_exhausted'],
    ['usage_not_included', 'quota_exhausted'],
    ['rate_limit_exceeded', 'rate_limited'],
    ['server_is_overloaded', 'upstream_overloaded'],
    ['slow_down', 'upstream_overloaded'],
    ['invalid_prompt', 'content_filtered'],
    ['cyber_policy', 'content_filtered'],
    ['server_error', 'upstream_failed'],
  ];
  for (const [code, told] of CODES) {
    it(`tells of ${code} in a response or an event as ${told}`, () => {
      for (const chunk of [
        { type: 'response.failed', response: { status: 'failed', error: { code, message: 'x' } } },
        { type: 'error', code, message: 'x', param: null },
        { type: 'error', error: { code, message: 'x' } },
      ])
        expect(failureToError(readFailure(200, chunk))).to.include({ code: told, message: 'x' });
    });
  }

  const FAILURES: [chunk: object, isFailure: boolean][] = [
    [{ type: 'error', code: 'server_error', message: 'x' }, true],
    [{ type: 'response.failed', response: { error: { code: 'server_error', message: 'x' } } }, true],
    [{ object: 'response', status: 'failed', error: { code: 'x' } }, true],
    [{ object: 'response', status: 'cancelled', error: null }, true],
    [{ error: { message: 'x' } }, true],
    [{ success: false, code: 1, msg: 'x' }, true],
    [{ detail: 'no' }, true],
    [{ object: 'response', status: 'completed', error: null }, false],
    [{ type: 'response.created', response: {} }, false],
    [{ type: 'response.completed', response: {} }, false],
  ];
  for (const [chunk, isFailure] of FAILURES) {
    it(`takes ${JSON.stringify(chunk)} for ${isFailure ? 'a failure' : 'an answer'}`, () => expect(codec.isFailure(chunk)).to.equal(isFailure));
  }
});
