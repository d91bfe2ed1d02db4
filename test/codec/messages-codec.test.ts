import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import type { CanonicalRequest, FunctionTool, Item } from '../../core/contract/canonical.ts';
import type { ModelFacts } from '../../core/contract/facts.ts';
import type { Codec } from '../../core/dialects/codec.ts';
import { messagesCodec } from '../../core/dialects/messages/codec/codec.ts';
import type { MessagesRequest } from '../../core/kit/messages-wire.ts';
import { failureToError, readFailure } from '../../core/upstreams/failure.ts';
import { decode as decodeWith, encode as encodeWith, spoilt } from '../support/codec-bench.ts';

// biome-ignore lint/suspicious/noExplicitAny: events of any shape
type Loose = any;

const codec = messagesCodec as Codec;
const encode = (request: Partial<CanonicalRequest>, facts?: Omit<ModelFacts, 'id'>) =>
  encodeWith(codec, request, facts) as { body: MessagesRequest; warnings: string[] };
const decode = (chunks: Loose[], marked = false) => decodeWith(codec, chunks, marked);

const user = (content: Loose): Item => ({ type: 'message', role: 'user', content });
const assistant = (content: Loose): Item => ({ type: 'message', role: 'assistant', content });
const call = (call_id: string, json = '{}'): Item => ({ type: 'function_call', call_id, name: 'f', arguments: json });
const output = (call_id: string, text: Loose): Item => ({ type: 'function_call_output', call_id, output: text });
const TOOL: FunctionTool = { type: 'function', name: 'f' };

const start = (index: number | undefined, content_block: object) => ({ type: 'content_block_start', index, content_block });
const delta = (index: number | undefined, delta: object) => ({ type: 'content_block_delta', index, delta });
const stop = (index?: number) => ({ type: 'content_block_stop', index });
const text = (index: number, ...texts: string[]) => [
  start(index, { type: 'text', text: '' }),
  ...texts.map((each) => delta(index, { type: 'text_delta', text: each })),
  stop(index),
];
const toolUse = (index: number, id: string | undefined, ...json: string[]) => [
  start(index, { type: 'tool_use', id, name: 'f', input: {} }),
  ...json.map((partial_json) => delta(index, { type: 'input_json_delta', partial_json })),
  stop(index),
];
const finish = (stop_reason = 'end_turn', more: object = {}) => [{ type: 'message_delta', delta: { stop_reason, ...more } }, { type: 'message_stop' }];

describe('the Messages codec', () => {
  describe('writes', () => {
    it('what is said before the conversation as system, and what is said later as a reminder', () => {
      const { body } = encode({
        instructions: 'Be brief.',
        input: [
          { type: 'message', role: 'system', content: 'You read.' },
          { type: 'message', role: 'developer', content: [{ type: 'input_text', text: 'Files.' }] },
          user('Read.'),
          { type: 'message', role: 'developer', content: 'Now.' },
        ],
      });
      expect(body.system).to.deep.equal(['Be brief.', 'You read.', 'Files.'].map((text) => ({ type: 'text', text })));
      expect(body.messages).to.deep.equal([
        {
          role: 'user',
          content: [
            { type: 'text', text: 'Read.' },
            { type: 'text', text: '<system-reminder>\nNow.\n</system-reminder>' },
          ],
        },
      ]);
    });

    const CONVERSATIONS: Record<string, [input: Item[], roles: string[], warnings: string[]]> = {
      'nothing but instructions: the user begins': [[], ['user: (continue)'], ['input: the_user_must_begin']],
      'an assistant that begins': [[assistant('Hello'), user('hi')], ['user: (continue)', 'assistant: Hello', 'user: hi'], ['input: the_user_must_begin']],
      'blank texts, which are refused there': [[user('hi'), assistant(' \n'), user([{ type: 'input_text', text: '' }])], ['user: hi'], []],
      'what the model is to go on with, without space at its end': [[user('hi'), assistant('So \n')], ['user: hi', 'assistant: So'], []],
      'a refusal': [[user('hi'), assistant([{ type: 'refusal', refusal: 'No.' }]), user('ok')], ['user: hi', 'assistant: No.', 'user: ok'], []],
      'a call id that was used twice': [
        [user('hi'), call('a'), output('a', '1'), call('a'), output('a', '2')],
        ['user: hi', 'assistant: a', 'user: a=1', 'assistant: a', 'user: a=2'],
        [],
      ],
      'a user who speaks before the output comes': [
        [user('hi'), call('a'), user('Wait.'), output('a', '1')],
        ['user: hi', 'assistant: a', 'user: a=1 + Wait.'],
        [],
      ],
      'an output ahead of its call': [[user('hi'), output('a', '1'), call('a')], ['user: hi', 'assistant: a', 'user: a=1'], []],
      'text between a call and its output': [
        [user('hi'), call('a'), assistant('Wait.'), output('a', '1')],
        ['user: hi', 'assistant: a + Wait.', 'user: a=1'],
        [],
      ],
      'an item of another kind': [
        [user('hi'), { type: 'custom_tool_call', call_id: 'c', name: 'n', input: '' }],
        ['user: hi'],
        ['input[1]: custom_tool_call_not_in_messages'],
      ],
    };
    for (const [name, [input, roles, warnings]] of Object.entries(CONVERSATIONS)) {
      it(name, () => {
        const encoded = encode({ input });
        const told = encoded.body.messages.map(({ role, content }) => {
          const blocks = (content as Loose[]).map((block) => block.text ?? block.id ?? `${block.tool_use_id}=${block.content}`);
          return `${role}: ${blocks.join(' + ')}`;
        });
        expect(told).to.deep.equal(roles);
        expect(encoded.warnings).to.deep.equal(warnings);
      });
    }

    const INPUTS: [json: string, input: unknown][] = [
      ['{"a":{"b":[1]}}', { a: { b: [1] } }],
      ['', {}],
      ['{"a":', { input: '{"a":' }],
      ['"text"', { input: '"text"' }],
      ['[1]', { input: '[1]' }],
      ['null', {}],
    ];
    for (const [json, input] of INPUTS) {
      it(`arguments ${json || 'that are empty'} as an object`, () => {
        const { body } = encode({ input: [user('hi'), call('a', json), output('a', 'x')] });
        expect((body.messages as Loose)[1].content[0].input).to.deep.equal(input);
      });
    }

    it('the most the model can say, where the client sets no limit', () => {
      expect(encode({}, { maxOutput: 64_000 }).body.max_tokens).to.equal(64_000);
      expect(encode({}).body.max_tokens).to.equal(32_000);
      expect(encode({ max_output_tokens: 7 }, { maxOutput: 64_000 }).body.max_tokens).to.equal(7);
    });

    const CHOICES: [choice: Loose, parallel: boolean | undefined, sent: Loose][] = [
      [undefined, undefined, undefined],
      ['auto', true, { type: 'auto' }],
      ['none', false, { type: 'none' }],
      ['required', undefined, { type: 'any' }],
      [{ type: 'function', name: 'f' }, false, { type: 'tool', name: 'f', disable_parallel_tool_use: true }],
      [undefined, false, { type: 'auto', disable_parallel_tool_use: true }],
      [{ type: 'allowed_tools', mode: 'required', tools: [{ type: 'function', name: 'f' }] }, undefined, { type: 'any' }],
    ];
    for (const [tool_choice, parallel_tool_calls, sent] of CHOICES) {
      it(`the choice ${JSON.stringify(tool_choice)}, parallel calls ${parallel_tool_calls}`, () => {
        const { body } = encode({
          tools: [TOOL, { ...TOOL, name: 'g' }],
          ...(tool_choice && { tool_choice }),
          ...(parallel_tool_calls !== undefined && { parallel_tool_calls }),
        });
        expect(body.tool_choice).to.deep.equal(sent);
        expect(body.tools?.map(({ name }) => name)).to.deep.equal(tool_choice?.type === 'allowed_tools' ? ['f'] : ['f', 'g']);
      });
    }

    it('the tools that the history calls, once each and out of reach, where the request has none', () => {
      const input = [user('hi'), call('a'), output('a', '1'), { ...call('b'), name: 'g' } as Item, call('c'), user('Sum up.')];
      const none: Partial<CanonicalRequest>[] = [
        {},
        { tools: [], tool_choice: 'auto', parallel_tool_calls: false },
        { tools: [{ type: 'custom', name: 'c' }] },
        { tools: [TOOL], tool_choice: { type: 'allowed_tools', mode: 'auto', tools: [] } },
      ];
      for (const request of none) {
        const { body } = encode({ ...request, input });
        expect(body.tools).to.deep.equal(['f', 'g'].map((name) => ({ name, input_schema: { type: 'object', properties: {} } })));
        expect(body.tool_choice).to.deep.equal({ type: 'none' });
      }
      expect(encode({ tools: [{ ...TOOL, name: 'h' }], input }).body.tools?.map(({ name }) => name)).to.deep.equal(['h']);
    });

    it('no choice where there are no tools, and no tool of another kind', () => {
      const { body, warnings } = encode({ tools: [{ type: 'custom', name: 'c' }], tool_choice: 'auto' });
      expect(body).not.to.have.any.keys('tools', 'tool_choice');
      expect(warnings).to.deep.equal(['tools[0]: custom_not_in_messages']);
    });

    it("a tool's schema as an object, without the name of its dialect", () => {
      const { body } = encode({ tools: [TOOL, { ...TOOL, name: 'g', strict: true, parameters: { $schema: 'x', properties: { a: {} } } }] });
      expect(body.tools).to.deep.equal([
        { name: 'f', input_schema: { type: 'object', properties: {} } },
        { name: 'g', input_schema: { type: 'object', properties: { a: {} } }, strict: true },
      ]);
    });

    const EFFORTS: [effort: string, limit: number | undefined, maxOutput: number | undefined, max: number, thinking: Loose, warnings: string[]][] = [
      ['none', undefined, undefined, 32_000, { type: 'disabled' }, []],
      ['minimal', undefined, undefined, 32_000, { type: 'enabled', budget_tokens: 1_024 }, []],
      ['low', undefined, undefined, 32_000, { type: 'enabled', budget_tokens: 2_048 }, []],
      ['medium', undefined, undefined, 32_000, { type: 'enabled', budget_tokens: 8_192 }, []],
      ['high', undefined, undefined, 32_768, { type: 'enabled', budget_tokens: 24_576 }, []],
      ['xhigh', undefined, undefined, 40_960, { type: 'enabled', budget_tokens: 32_768 }, []],
      ['max', undefined, undefined, 73_728, { type: 'enabled', budget_tokens: 65_536 }, []],
      ['max', undefined, 50_000, 50_000, { type: 'enabled', budget_tokens: 41_808 }, []],
      ['high', 4_000, undefined, 4_000, { type: 'enabled', budget_tokens: 2_976 }, []],
      ['medium', 8_000, undefined, 8_000, { type: 'enabled', budget_tokens: 6_000 }, []],
      ['low', 2_048, undefined, 2_048, { type: 'enabled', budget_tokens: 1_024 }, []],
      ['high', 1_024, undefined, 1_024, undefined, ['reasoning.effort: too_few_output_tokens']],
      ['turbo', undefined, undefined, 32_000, undefined, ['reasoning.effort: unknown']],
    ];
    for (const [effort, limit, maxOutput, max, thinking, warnings] of EFFORTS) {
      it(`effort ${effort}${limit ? ` within ${limit} tokens` : ''}${maxOutput ? ` of a model that can say ${maxOutput}` : ''}`, () => {
        const encoded = encode({ reasoning: { effort }, ...(limit && { max_output_tokens: limit }) }, maxOutput ? { maxOutput } : {});
        expect(encoded.body.max_tokens).to.equal(max);
        expect(encoded.body.thinking).to.deep.equal(thinking);
        expect(encoded.warnings).to.deep.equal(warnings);
      });
    }

    it('no wish to think on in a turn whose thoughts are missing, and says so', () => {
      const encoded = encode({ reasoning: { effort: 'low' }, input: [user('hi'), call('a'), output('a', '1')] });
      expect(encoded.body.thinking).to.deep.equal({ type: 'disabled' });
      expect(encoded.warnings).to.deep.equal(['reasoning.effort: the_thoughts_of_this_turn_are_missing']);
      const thought: Item = { type: 'reasoning', summary: [], encrypted_content: 'D' };
      expect(encode({ reasoning: { effort: 'low' }, input: [user('hi'), thought, call('a'), output('a', '1')] }).body.thinking).to.include({ type: 'enabled' });
    });

    it('a temperature in its range, strictness only of a tool with a schema, and the usual name of a kind of image', () => {
      const image = { type: 'input_image' as const, image_url: 'data:image/jpg;base64,/9j/' };
      const { body, warnings } = encode({ temperature: 1.5, tools: [{ ...TOOL, strict: true }], input: [user([image])] });
      expect(body.temperature).to.equal(1);
      expect(body.tools?.[0]).not.to.have.property('strict');
      expect(body.messages[0]?.content).to.deep.equal([{ type: 'image', source: { type: 'base64', media_type: 'image/jpeg', data: '/9j/' } }]);
      expect(warnings).to.deep.equal(['temperature: at_most_1']);
    });

    it('the version of the dialect in each request', () => expect(codec.headers).to.deep.equal({ 'anthropic-version': '2023-06-01' }));

    it('nothing that does not go with thinking', () => {
      const { body, warnings } = encode({
        reasoning: { effort: 'low' },
        temperature: 0.2,
        top_k: 5,
        tools: [TOOL],
        tool_choice: { type: 'function', name: 'f' },
        parallel_tool_calls: false,
      });
      expect(body).not.to.have.any.keys('temperature', 'top_k');
      expect(body.tool_choice).to.deep.equal({ type: 'auto', disable_parallel_tool_use: true });
      expect(warnings).to.deep.equal(['temperature: not_while_thinking', 'top_k: not_while_thinking', 'tool_choice: not_while_thinking']);
    });

    it('thoughts that were signed, thoughts that are hidden, and none that are neither', () => {
      const summary = [{ type: 'summary_text' as const, text: 'Hm.' }];
      const { body } = encode({
        input: [
          user('hi'),
          { type: 'reasoning', summary },
          { type: 'reasoning', summary, encrypted_content: 'S' },
          { type: 'reasoning', summary: [], encrypted_content: 'D' },
          assistant('ok'),
          user('?'),
        ],
      });
      expect(body.messages[1]?.content).to.deep.equal([
        { type: 'thinking', thinking: 'Hm.', signature: 'S' },
        { type: 'redacted_thinking', data: 'D' },
        { type: 'text', text: 'ok' },
      ]);
    });

    it('the texts it ends at, but for blank ones, and says what it has no field for', () => {
      const { body, warnings } = encode({
        stop: ['END', '\n'],
        seed: 7,
        presence_penalty: 1,
        frequency_penalty: 0,
        top_logprobs: 2,
        service_tier: 'priority',
        text: { format: { type: 'json_object' } },
      });
      expect(body.stop_sequences).to.deep.equal(['END']);
      expect(body.system).to.have.length(1);
      expect(warnings).to.deep.equal([
        'text.format: only_in_the_prompt',
        'stop: blank',
        'service_tier: not_in_messages',
        'seed: not_in_messages',
        'presence_penalty: not_in_messages',
        'top_logprobs: not_in_messages',
      ]);
      expect(encode({ include: ['message.output_text.logprobs'] }).warnings).to.deep.equal(['include: not_in_messages']);
    });

    it('no conversation that nobody expanded', () => {
      expect(() => encode({ previous_response_id: 'resp_1' }))
        .to.throw()
        .with.property('code', 'previous_response_not_found');
    });
  });

  describe('reads', () => {
    it('a text of several blocks as one message, with the pages it cites', () => {
      const cite = (url?: string) => delta(1, { type: 'citations_delta', citation: { type: 'web_search_result_location', url, title: 'T', cited_text: 'x' } });
      const { events, items } = decode([
        ...text(0, 'See '),
        start(1, { type: 'text', text: '', citations: [] }),
        cite('https://example.com/'),
        cite(),
        delta(1, { type: 'text_delta', text: 'here' }),
        stop(1),
        ...text(2, '.'),
        ...finish(),
      ]);
      expect(items).to.deep.equal([{ type: 'message', role: 'assistant', content: [{ type: 'output_text', text: 'See here.' }] }]);
      expect(events.filter(({ type }) => type === 'item.note')).to.deep.equal([
        { type: 'item.note', key: 0, note: { type: 'url_citation', url: 'https://example.com/', title: 'T', start_index: 4, end_index: 8 } },
      ]);
    });

    it('a text behind a call as another message', () => {
      const { items } = decode([...text(0, 'a'), ...toolUse(1, 'c', '{}'), ...text(2, 'b'), ...finish('tool_use')]);
      expect(items.map(({ type }) => type)).to.deep.equal(['message', 'function_call', 'message']);
    });

    it('signed, silent and hidden thoughts, and nothing where there is nothing', () => {
      const { items } = decode([
        start(0, { type: 'thinking', thinking: '', signature: '' }),
        delta(0, { type: 'thinking_delta', thinking: 'Hm.' }),
        delta(0, { type: 'signature_delta', signature: 'Sig' }),
        stop(0),
        start(1, { type: 'thinking', thinking: '', signature: '' }),
        delta(1, { type: 'signature_delta', signature: 'Silent' }),
        stop(1),
        start(2, { type: 'redacted_thinking', data: 'Data' }),
        stop(2),
        start(3, { type: 'thinking', thinking: '' }),
        stop(3),
        ...text(4, 'Yes'),
        ...finish(),
      ]);
      expect(items.slice(0, -1)).to.deep.equal([
        { type: 'reasoning', summary: [{ type: 'summary_text', text: 'Hm.' }], encrypted_content: 'Sig' },
        { type: 'reasoning', summary: [{ type: 'summary_text', text: '' }], encrypted_content: 'Silent' },
        { type: 'reasoning', summary: [], encrypted_content: 'Data' },
      ]);
    });

    const CALLS: Record<string, [blocks: Loose[], calls: [string, string][], warnings: string[]]> = {
      'calls in fragments': [
        [...toolUse(0, 'a', '', '{"x"', ':1}'), ...toolUse(1, 'b', '{}')],
        [
          ['a', '{"x":1}'],
          ['b', '{}'],
        ],
        [],
      ],
      'a call without arguments': [[...toolUse(0, 'a')], [['a', '{}']], []],
      'a call whose input came at once': [[start(0, { type: 'tool_use', id: 'a', name: 'f', input: { x: 1 } }), stop(0)], [['a', '{"x":1}']], []],
      'a call without an id': [[...toolUse(0, undefined, '{}')], [['call_0002', '{}']], ['call_id: missing']],
      'two calls with one id': [
        [...toolUse(0, 'a', '{}'), ...toolUse(1, 'a', '{}')],
        [
          ['a', '{}'],
          ['call_0002', '{}'],
        ],
        ['call_id: used_twice'],
      ],
      'arguments that are no JSON': [[...toolUse(0, 'a', '{"x":')], [['a', '{"x":']], []],
      'blocks that are not closed': [
        [...toolUse(0, 'a', '{}').slice(0, -1), ...toolUse(1, 'b', '{}').slice(0, -1)],
        [
          ['a', '{}'],
          ['b', '{}'],
        ],
        [],
      ],
      'blocks without a place': [
        [
          start(undefined, { type: 'tool_use', id: 'a', name: 'f' }),
          delta(undefined, { partial_json: '{}' }),
          stop(),
          start(undefined, { type: 'tool_use', id: 'b', name: 'f' }),
          delta(undefined, { partial_json: '[]' }),
          stop(),
        ],
        [
          ['a', '{}'],
          ['b', '[]'],
        ],
        [],
      ],
      'tools that ran at the provider': [
        [
          start(0, { type: 'server_tool_use', id: 's', name: 'web_search', input: {} }),
          delta(0, { partial_json: '{"query":"x"}' }),
          stop(0),
          ...toolUse(1, 'a', '{}'),
        ],
        [['a', '{}']],
        ['content: server_tool_use_left_out'],
      ],
    };
    for (const [name, [blocks, calls, warnings]] of Object.entries(CALLS)) {
      it(name, () => {
        const decoded = decode([...blocks, ...finish('tool_use')]);
        expect(decoded.items.map((item: Loose) => [item.call_id, item.arguments])).to.deep.equal(calls);
        expect(decoded.end).to.include({ status: 'completed' });
        expect(decoded.warnings).to.deep.equal(warnings);
        const streamed = decoded.events.flatMap((event) => (event.type === 'item.delta' ? event.delta : '')).join('');
        expect(calls.map(([, json]) => (json === '{}' ? '' : json)).join('')).to.equal(streamed.replaceAll('{}', ''));
      });
    }

    const REASONS: [reason: string, more: object, end: object, warnings: string[]][] = [
      ['end_turn', {}, { status: 'completed' }, []],
      ['tool_use', {}, { status: 'completed' }, []],
      ['pause_turn', {}, { status: 'completed' }, []],
      ['stop_sequence', { stop_sequence: 'END' }, { status: 'completed', stop: 'END' }, []],
      ['max_tokens', {}, { status: 'incomplete', reason: 'max_output_tokens' }, []],
      ['model_context_window_exceeded', {}, { status: 'incomplete', reason: 'max_output_tokens' }, []],
      ['refusal', {}, { status: 'incomplete', reason: 'content_filter' }, []],
      ['whatever', {}, { status: 'completed' }, ['stop_reason: unknown']],
    ];
    for (const [reason, more, end, warnings] of REASONS) {
      for (const [how, ending] of [
        ['', finish(reason, more)],
        [', without message_stop', finish(reason, more).slice(0, 1)],
      ] as const) {
        it(`the reason ${reason}${how}`, () => {
          const decoded = decode([...text(0, 'Hello'), ...ending]);
          expect(decoded.end).to.deep.include(end);
          expect(decoded.warnings).to.deep.equal(warnings);
        });
      }
    }

    it('a call that was cut off as incomplete, and one that is whole as whole', () => {
      const { items } = decode([...toolUse(0, 'a', '{"x":1}'), ...toolUse(1, 'b', '{"x":'), ...finish('max_tokens')]);
      expect(items.map(({ status }) => status)).to.deep.equal([undefined, 'incomplete']);
    });

    const CUTS: Record<string, [chunks: Loose[], marked: boolean, code: string | undefined]> = {
      'nothing at all': [[], false, 'stream_cut'],
      'half a text': [text(0, 'Hel'), false, 'stream_cut'],
      'a text, and [DONE]': [text(0, 'Hello'), true, undefined],
      'a whole call, and the connection closes': [toolUse(0, 'a', '{}'), false, 'stream_cut'],
      'half a call, and [DONE]': [toolUse(0, 'a', '{"x":'), true, 'stream_cut'],
      'nothing but its beginning, and its end': [[{ type: 'message_start', message: {} }, { type: 'message_stop' }], false, 'stream_cut'],
    };
    for (const [name, [chunks, marked, code]] of Object.entries(CUTS)) {
      it(`${name}: ${code ?? 'complete'}`, () => {
        const { end, items } = decode(chunks, marked);
        expect(end?.error?.code).to.equal(code);
        if (code) expect(items.filter(({ type }) => type === 'function_call')).to.deep.equal([]);
      });
    }

    const USAGES: [start: Loose, delta: Loose, usage: number[]][] = [
      [{ input_tokens: 10, cache_read_input_tokens: 5, cache_creation_input_tokens: 2, output_tokens: 1 }, { output_tokens: 8 }, [17, 5, 8, 0]],
      [
        { input_tokens: 0, output_tokens: 0 },
        { input_tokens: 10, cache_read_input_tokens: 5, output_tokens: 8, output_tokens_details: { thinking_tokens: 3 } },
        [15, 5, 8, 3],
      ],
      [{ input_tokens: 10 }, { input_tokens: 0, output_tokens: 8 }, [10, 0, 8, 0]],
      [undefined, { input_tokens: 10, output_tokens: 8 }, [10, 0, 8, 0]],
      [{ input_tokens: 'x', output_tokens: -1 }, { input_tokens: 10.4, output_tokens: 8 }, [10, 0, 8, 0]],
    ];
    for (const [first, last, usage] of USAGES) {
      it(`the usage ${JSON.stringify(first)}, then ${JSON.stringify(last)}`, () => {
        const { end } = decode([
          { type: 'message_start', message: { usage: first } },
          ...text(0, 'x'),
          { type: 'message_delta', delta: { stop_reason: 'end_turn' }, usage: last },
          { type: 'message_stop' },
        ]);
        expect(end?.usage && [end.usage.input_tokens, end.usage.cached_tokens, end.usage.output_tokens, end.usage.reasoning_tokens]).to.deep.equal(usage);
      });
    }

    it('no usage as one that is estimated', () => {
      expect(decode([...text(0, 'eight ch'), ...finish()]).end?.usage).to.deep.equal({
        input_tokens: 100,
        cached_tokens: 0,
        output_tokens: 2,
        reasoning_tokens: 0,
        estimated: true,
      });
    });

    it('pings and events it does not know as nothing, so that they hold off no limit', () => {
      const { events } = decode([
        { type: 'ping' },
        { type: 'message_thought_about' },
        {},
        { type: 'content_block_delta', index: 7, delta: { partial_json: '{}' } },
      ]);
      expect(events.map(({ type }) => type)).to.deep.equal(['end']);
    });

    it('deltas of blocks that nobody announced', () => {
      const { items } = decode([delta(0, { type: 'thinking_delta', thinking: 'Hm.' }), delta(1, { type: 'text_delta', text: 'Hello' }), ...finish()]);
      expect(items.map(({ type }) => type)).to.deep.equal(['reasoning', 'message']);
    });

    it('nothing after the end', () => {
      const { events } = decode([...text(0, 'x'), ...finish(), ...text(1, 'y'), ...finish()]);
      expect(events.filter(({ type }) => type === 'end')).to.have.length(1);
      expect(events.at(-1)?.type).to.equal('end');
    });

    it('a stream in which any one field is anything, without failing itself', () => {
      const stream = readFileSync(new URL('../../fixtures/wire/anthropic/reasoning-tools.sse', import.meta.url), 'utf8');
      const chunks = [...stream.matchAll(/^data: (.*)$/gm)].map(([, data = '']) => JSON.parse(data));
      const some = [...chunks.filter(({ type }, at) => type !== chunks[at - 1]?.type), ...text(2, 'x'), ...finish()];
      for (const spoiltChunks of spoilt([
        ...some.slice(0, 6),
        { type: 'message', content: [{ type: 'text', text: 'x', citations: [{ url: 'x' }] }], stop_reason: 'end_turn' },
      ])) {
        expect(decode(spoiltChunks).events.filter(({ type }) => type === 'end')).to.have.length(1);
      }
      for (const spoiltChunks of spoilt(some)) expect(decode(spoiltChunks).events.filter(({ type }) => type === 'end')).to.have.length(1);
    });
  });

  const TYPES: [type: string, code: string][] = [
    ['invalid_request_error', 'invalid_request'],
    ['authentication_error', 'upstream_authentication'],
    ['billing_error', 'quota_exhausted'],
    ['permission_error', 'upstream_permission'],
    ['not_found_error', 'model_not_found'],
    ['request_too_large', 'body_too_large'],
    ['rate_limit_error', 'rate_limited'],
    ['timeout_error', 'upstream_timeout'],
    ['overloaded_error', 'upstream_overloaded'],
    ['api_error', 'upstream_failed'],
  ];
  for (const [type, code] of TYPES) {
    it(`tells of ${type} in a stream as ${code}`, () => {
      expect(failureToError(readFailure(200, { type: 'error', error: { type, message: 'x' } }))).to.include({ code, message: 'x' });
    });
  }

  const FAILURES: [chunk: object, isFailure: boolean][] = [
    [{ type: 'error', error: { type: 'overloaded_error', message: 'Overloaded' } }, true],
    [{ type: 'error' }, true],
    [{ error: { message: 'x' } }, true],
    [{ success: false, code: 1 }, true],
    [{ message: 'no' }, true],
    [[{ error: {} }], true],
    [{ type: 'message_start', message: {} }, false],
    [{ type: 'message', content: [], error: null }, false],
    [{ type: 'ping' }, false],
  ];
  for (const [chunk, isFailure] of FAILURES) {
    it(`takes ${JSON.stringify(chunk)} for ${isFailure ? 'a failure' : 'an answer'}`, () => expect(codec.isFailure(chunk)).to.equal(isFailure));
  }
});
