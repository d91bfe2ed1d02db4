import { GrowthLane, type LaneOptions } from './growth-lane.ts';

/** One kind of input, at any size. */
export interface Row {
  readonly name: string;
  /** Makes the input, of about so many bytes, and returns a run that reads it. The run returns the size of its result. */
  readonly make: (bytes: number) => Promise<() => Promise<number> | number>;
}

const json = JSON.stringify;
const repeat = (text: string, bytes: number) => text.repeat(Math.ceil(bytes / text.length));
/** As many elements as take so many bytes as JSON. */
const list = <Element>(bytes: number, element: (at: number) => Element): Element[] =>
  Array.from({ length: Math.ceil(bytes / (json(element(1000)).length + 1)) }, (_, at) => element(at));

const OBJECT = { type: 'object', properties: { x: { type: 'integer' }, y: { type: 'array', items: { type: 'integer' } } } };
const TOOLS = [
  { type: 'function', name: 'f', parameters: OBJECT },
  { type: 'custom', name: 'apply_patch', description: 'd' },
  { type: 'custom', name: 'text', description: 'd' },
  { type: 'tool_search', execution: 'client', description: 'd', parameters: { type: 'object', properties: { query: { type: 'string' } } } },
  { type: 'local_shell' },
];

function request(name: string, body: (bytes: number) => object, options: LaneOptions = {}): Row {
  return {
    name,
    async make(bytes) {
      const lane = new GrowthLane(options);
      const text = json({ model: 'm', ...body(bytes) });
      return () => lane.request(text);
    },
  };
}

function stream(name: string, chunks: (bytes: number) => object[], options: LaneOptions = {}, more: object | ((bytes: number) => object) = {}): Row {
  return {
    name,
    async make(bytes) {
      const lane = new GrowthLane(options);
      const asked = { ...BODIES[options.door ?? 'responses'], ...(typeof more === 'function' ? more(bytes) : more) };
      const sent = Buffer.from(
        chunks(bytes)
          .map((chunk) => `data: ${json(chunk)}\n\n`)
          .join(''),
      );
      return () => lane.stream(json(asked), sent);
    },
  };
}

const BODIES = {
  responses: { model: 'm', stream: true, input: 'hi', tools: TOOLS },
  chat: { model: 'm', stream: true, messages: [{ role: 'user', content: 'hi' }], tools: [{ type: 'function', function: { name: 'f', parameters: OBJECT } }] },
  messages: { model: 'm', stream: true, max_tokens: 100, messages: [{ role: 'user', content: 'hi' }], tools: [{ name: 'f', input_schema: OBJECT }] },
} as const;

// what a Chat provider streams
const delta = (fields: object) => ({ id: 'c', choices: [{ index: 0, delta: fields }] });
const text = (content: string) => delta({ content });
const call = (index: number | undefined, id: string | undefined, name: string | undefined, args: unknown) =>
  delta({ tool_calls: [{ ...(index !== undefined && { index }), ...(id && { id }), function: { ...(name && { name }), arguments: args } }] });
const end = (finish_reason: string) => ({ id: 'c', choices: [{ index: 0, delta: {}, finish_reason }] });
const said = (...texts: string[]) => [...texts.map(text), end('stop')];
const called = (name: string, args: string) => [call(0, 'call_1', name, args), end('tool_calls')];
const pieces = (bytes: number, piece: string) => list(bytes, () => text(piece));
/** Splits a text into deltas of so many characters. */
const cut = (whole: string, size: number) => Array.from({ length: Math.ceil(whole.length / size) }, (_, at) => whole.slice(at * size, (at + 1) * size));

// what a client sends to /v1/responses
const user = (content: string) => ({ type: 'message', role: 'user', content });
const asked = (call_id: string, name = 'f') => ({ type: 'function_call', call_id, name, arguments: '{}' });
const output = (call_id: string) => ({ type: 'function_call_output', call_id, output: 'o' });
const pair = (id: string) => [asked(id), output(id)];

const DSML = (tag: string) => `<｜DSML｜${tag}>`;

export const ROWS: readonly Row[] = [
  // answers: texts
  stream('one delta', (bytes) => said(repeat('hello world ', bytes))),
  stream('many deltas', (bytes) => [...pieces(bytes, 'abcd'), end('stop')]),
  stream('many deltas with <', (bytes) => [...pieces(bytes, 'a<b>'), end('stop')]),
  stream('many blank deltas', (bytes) => [...pieces(bytes, '    '), ...said('x')]),
  stream('<think>x</think>y', (bytes) => said('a', repeat('<think>x</think>y', bytes))),
  stream('<think> in pieces', (bytes) => said('a', ...cut(repeat('<think>x</think>y', bytes), 1000))),
  stream('<thin', (bytes) => said(`a${repeat('<thin', bytes)}`)),
  stream('`<think>`', (bytes) => said(`a${repeat('`<think>` ', bytes)}`)),
  stream('think, open', (bytes) => said('<think>', ...cut(repeat('</thin ', bytes), 100))),
  stream('<tool_call>, known', (bytes) => said(`a${repeat('<tool_call>{"name":"f","arguments":{}}</tool_call> ', bytes)}`)),
  stream('<tool_call>, unknown', (bytes) => said(`a${repeat('<tool_call>{"name":"nope","arguments":{}}</tool_call> ', bytes)}`)),
  stream('<tool_call>, keys', (bytes) => said(`a<tool_call>f${list(bytes, (at) => `<arg_key>k${at}</arg_key><arg_value>v</arg_value>`).join('')}</tool_call>`)),
  stream('<tool_call>, open', (bytes) => said('a<tool_call>{"name":"f","arguments":{"x":"', ...cut(repeat('</function> ', bytes), 1000))),
  stream('<tool_call>, blanks', (bytes) => said('a<tool_call>', ...cut(repeat(' ', bytes), 100))),
  stream('<tool_call>, blanks, then no JSON', (bytes) => said(`a<tool_call>${repeat(' ', bytes)}!`)),
  stream('<tool_call>, name', (bytes) => said('a<tool_call>', ...cut(repeat('f', bytes), 100))),
  stream('<function=…>, values', (bytes) => said(`a<function=f>${list(bytes, (at) => `<parameter=k${at}>v</parameter>`).join('')}</function>`)),
  stream('<function=…>, open value', (bytes) => said('a<function=f><parameter=x>', ...cut(repeat('</function> ', bytes), 1000))),
  stream('DSML, open value', (bytes) =>
    said(`a${DSML('tool_calls')}${DSML('invoke name="f"')}${DSML('parameter name="x" string="true"')}`, ...cut(repeat('DSML> ', bytes), 1000)),
  ),
  stream('DSML, opener and closers', (bytes) => said(`a<｜DSML｜tool_calls${' '.repeat(600)}`, ...cut(repeat('DSML', bytes), 1000))),
  stream('DSML, opener and closers, one delta', (bytes) => said(`a<｜DSML｜tool_calls${' '.repeat(600)}`, repeat('DSML', bytes))),
  stream('DSML, unknown', (bytes) => said(`a${repeat('<｜DSML｜invoke name="nope"></｜DSML｜invoke> ', bytes)}`)),
  stream('DSML, known', (bytes) => said(`a${repeat('<｜DSML｜invoke name="f"></｜DSML｜invoke> ', bytes)}`)),
  stream('DSML, blanks', (bytes) => said(`a<｜DSML｜tool_calls${' '.repeat(bytes)}`)),
  stream('DSML, blanks and no tag', (bytes) => said(`a<｜DSML｜tool_calls${' '.repeat(bytes)}!>`)),
  stream('DSML, blanks in an attribute', (bytes) => said(`a<｜DSML｜invoke name${' '.repeat(bytes)}>`)),
  stream('DSML, attributes', (bytes) => said(`a<｜DSML｜invoke${repeat(' a="b"', bytes)}!>`)),
  stream('DSML, quotes', (bytes) => said(`a<｜DSML｜invoke${repeat(' a="\\\\', bytes)}>`)),
  stream('DSML, bars', (bytes) => said(`a<｜DSML｜invoke${repeat('｜', bytes / 3)}`)),
  stream('DSML, values', (bytes) =>
    said(
      `a${DSML('invoke name="f"')}${list(bytes, (at) => `${DSML(`parameter name="k${at}" string="true"`)}v</｜DSML｜parameter>`).join('')}</｜DSML｜invoke>`,
    ),
  ),
  stream(
    'stop aaa…b',
    (bytes) => [...cut(repeat('a', bytes), 1000).map(text), text('c'), end('stop')],
    { door: 'chat' },
    (bytes) => ({ stop: [`${'a'.repeat(bytes)}b`] }),
  ),
  stream(
    'stop aaa…b, one delta',
    (bytes) => said(`${repeat('a', bytes)}c`),
    { door: 'chat' },
    (bytes) => ({ stop: [`${'a'.repeat(bytes)}b`] }),
  ),
  stream(
    'stop aaa…b, 4 short',
    (bytes) => [...pieces(bytes, 'aaaa'), end('stop')],
    { door: 'messages' },
    { stop_sequences: ['b', 'c', 'd', 'e'].map((last) => 'a'.repeat(1000) + last) },
  ),
  stream(
    'many stops',
    (bytes) => [...pieces(bytes / 2, 'abcd'), end('stop')],
    { door: 'messages' },
    (bytes) => ({ stop_sequences: list(bytes / 2, (at) => `stop ${at}`) }),
  ),
  stream('log probabilities', (bytes) => [
    ...list(bytes, () => ({ choices: [{ delta: { content: 'ab' }, logprobs: { content: [{ token: 'ab', logprob: -1 }] } }] })),
    end('stop'),
  ]),
  stream('log probabilities, no text', (bytes) => [
    ...list(bytes, () => ({ choices: [{ delta: { content: '' }, logprobs: { content: [{ token: 'ab', logprob: -1 }] } }] })),
    ...said('x'),
  ]),
  stream('log probabilities, one delta', (bytes) => [
    { choices: [{ delta: { content: repeat('ab', bytes / 30) }, logprobs: { content: list(bytes, () => ({ token: 'ab', logprob: -1 })) } }] },
    end('stop'),
  ]),
  stream('reasoning and text in turn', (bytes) => [...list(bytes, () => delta({ reasoning_content: 'r', content: 'c' })), end('stop')]),
  stream('annotations', (bytes) => [
    text('x'),
    ...list(bytes, () => delta({ annotations: [{ type: 'url_citation', url_citation: { url: 'u' } }] })),
    end('stop'),
  ]),
  // answers: calls
  stream('arguments in pieces', (bytes) => [
    call(0, 'call_1', 'f', '{"x":"'),
    ...list(bytes, () => call(0, undefined, undefined, 'abcd')),
    call(0, undefined, undefined, '"}'),
    end('tool_calls'),
  ]),
  stream('id and name on every fragment', (bytes) => [
    call(0, 'call_1', 'f', '{"x":"'),
    ...list(bytes, () => call(0, 'call_1', 'f', 'abcd')),
    call(0, 'call_1', 'f', '"}'),
    end('tool_calls'),
  ]),
  stream('id and name on every fragment, no index', (bytes) => [
    call(undefined, 'call_1', 'f', '{"x":"'),
    ...list(bytes, () => call(undefined, 'call_1', 'f', 'abcd')),
    call(undefined, 'call_1', 'f', '"}'),
    end('tool_calls'),
  ]),
  stream('id and name on every fragment, a number', (bytes) => [
    call(0, 'call_1', 'f', '1'),
    ...list(bytes, () => call(0, 'call_1', 'f', '1')),
    end('tool_calls'),
  ]),
  stream('name in pieces', (bytes) => [...list(bytes, (at) => call(0, 'call_1', `f${at}`, '')), call(0, 'call_1', undefined, '{}'), end('tool_calls')]),
  stream('many calls', (bytes) => [...list(bytes, (at) => call(at, `call_${at}`, 'f', '{"x":1}')), end('tool_calls')]),
  stream('many calls without arguments', (bytes) => [...list(bytes, (at) => call(at, `call_${at}`, 'f', '')), end('tool_calls')]),
  stream('many calls under one id', (bytes) => [...list(bytes, (at) => call(at, 'call_1', 'f', '{"x":1}')), end('tool_calls')]),
  stream('many calls under one index', (bytes) => [...list(bytes, (at) => call(0, `call_${at}`, 'f', '{"x":1}')), end('tool_calls')]),
  stream('many calls in one delta', (bytes) => [
    delta({ tool_calls: list(bytes, (at) => ({ index: at, id: `call_${at}`, function: { name: 'f', arguments: '{}' } })) }),
    end('tool_calls'),
  ]),
  stream('many calls to a client that speaks Messages', (bytes) => [...list(bytes, (at) => call(at, `call_${at}`, 'f', '{"x":1}')), end('tool_calls')], {
    door: 'messages',
  }),
  stream('many calls to a client that speaks Chat', (bytes) => [...list(bytes, (at) => call(at, `call_${at}`, 'f', '{"x":1}')), end('tool_calls')], {
    door: 'chat',
  }),
  stream('brackets left open', (bytes) => called('f', `{"x":${'['.repeat(bytes)}`)),
  stream('integers', (bytes) => called('f', `{"x":1.0,"y":[${repeat('1.0,', bytes)}1.0]}`)),
  stream('integers, backslashes', (bytes) => called('f', `{"x":1.0,"y":"${repeat('\\\\\\"1.0', bytes)}"}`)),
  stream('*** Begin Patch', (bytes) => called('apply_patch', json({ input: repeat('*** Begin Patch\n', bytes) }))),
  stream('*** Begin Patch, raw', (bytes) => called('apply_patch', repeat('*** Begin Patch\n*** End Patc\n', bytes))),
  stream('a patch, long', (bytes) => called('apply_patch', json({ input: `*** Begin Patch\n*** Update File: a\n${repeat('+x\n', bytes)}*** End Patch` }))),
  stream('a patch without changes', (bytes) => called('apply_patch', json({ input: `*** Begin Patch\n${repeat('\n', bytes)}*** End Patch` }))),
  stream('a text tool, blanks', (bytes) => called('text', `${' '.repeat(bytes)}x`)),
  stream('a text tool, fence and blanks', (bytes) => called('text', json({ input: `\`\`\`${repeat('\n', bytes)}x` }))),
  stream('a text tool, fences', (bytes) => called('text', json({ input: repeat('```\n', bytes) }))),
  stream('a text tool, line ends behind a fence', (bytes) => called('text', json({ input: `\`\`\`js\n${repeat('\n```', bytes)}x` }))),
  stream('tool_search, blanks', (bytes) => called('tool_search', `${' '.repeat(bytes)}x`)),
  stream('local_shell, blanks', (bytes) => called('local_shell', `${' '.repeat(bytes)}x`)),
  // answers in other dialects
  stream(
    'Messages: many calls',
    (bytes) =>
      list(bytes, (at) => ({ type: 'content_block_start', index: at, content_block: { type: 'tool_use', id: `c${at}`, name: 'f', input: {} } })).concat([
        { type: 'message_delta', delta: { stop_reason: 'tool_use' } },
        { type: 'message_stop' },
      ] as never[]),
    { upstream: 'messages' },
  ),
  stream(
    'Messages: many texts',
    (bytes) => [
      ...list(bytes, (at) => ({ type: 'content_block_start', index: at, content_block: { type: 'text', text: 'x' } })),
      { type: 'message_delta', delta: { stop_reason: 'end_turn' } },
      { type: 'message_stop' },
    ],
    { upstream: 'messages' },
  ),
  stream(
    'Messages: many thoughts',
    (bytes) => [
      ...list(bytes, (at) => ({ type: 'content_block_start', index: at, content_block: { type: 'thinking', thinking: 'x', signature: 's' } })),
      { type: 'message_delta', delta: { stop_reason: 'end_turn' } },
      { type: 'message_stop' },
    ],
    { upstream: 'messages' },
  ),
  stream(
    'Messages: citations',
    (bytes) => [
      { type: 'content_block_start', index: 0, content_block: { type: 'text', text: 'x' } },
      ...list(bytes, () => ({ type: 'content_block_delta', index: 0, delta: { citation: { url: 'u', title: 't' } } })),
      { type: 'message_delta', delta: { stop_reason: 'end_turn' } },
      { type: 'message_stop' },
    ],
    { upstream: 'messages' },
  ),
  stream(
    'Responses: many items',
    (bytes) => [
      ...list(bytes, (at) => ({ type: 'response.output_item.added', output_index: at, item: { type: 'message', id: `m${at}` } })),
      { type: 'response.completed', response: {} },
    ],
    { upstream: 'responses' },
  ),
  stream(
    'Responses: many items, no index',
    (bytes) => [
      ...list(bytes, (at) => ({
        type: 'response.output_item.done',
        item: { type: 'function_call', id: `m${at}`, call_id: `c${at}`, name: 'f', arguments: '{}' },
      })),
      { type: 'response.completed', response: {} },
    ],
    { upstream: 'responses' },
  ),
  stream(
    'Responses: many items in the last event',
    (bytes) => [
      {
        type: 'response.completed',
        response: { output: list(bytes, (at) => ({ type: 'function_call', id: `m${at}`, call_id: `c${at}`, name: 'f', arguments: '{}' })) },
      },
    ],
    { upstream: 'responses' },
  ),
  stream(
    'Responses: deltas of old items',
    (bytes) => [
      ...list(bytes / 2, (at) => ({ type: 'response.output_item.added', output_index: at, item: { type: 'message', id: `m${at}` } })),
      ...list(bytes / 2, () => ({ type: 'response.output_text.delta', output_index: 0, item_id: 'm0', delta: 'x' })),
      { type: 'response.completed', response: {} },
    ],
    { upstream: 'responses' },
  ),
  stream(
    'Responses: many parts',
    (bytes) => [
      { type: 'response.output_item.added', output_index: 0, item: { type: 'message', id: 'm' } },
      ...list(bytes, (at) => ({ type: 'response.output_text.delta', output_index: 0, content_index: at, delta: 'x' })),
      { type: 'response.completed', response: {} },
    ],
    { upstream: 'responses' },
  ),
  // requests
  request('messages', (bytes) => ({ input: list(bytes, (at) => user(`m${at}`)) })),
  request('calls, then outputs', (bytes) => ({
    input: [user('x'), ...list(bytes / 2, (at) => asked(`c${at}`)), ...list(bytes / 2, (at) => output(`c${at}`))],
  })),
  request('calls and outputs in turn', (bytes) => ({ input: [user('x'), ...list(bytes, (at) => pair(`c${at}`)).flat()] })),
  request('calls and outputs under one id', (bytes) => ({ input: [user('x'), ...list(bytes, () => pair('c')).flat()] })),
  request('calls under one id', (bytes) => ({ input: [user('x'), ...list(bytes, () => asked('c'))] })),
  request('outputs under one id', (bytes) => ({ input: [user('x'), asked('c'), ...list(bytes, () => output('c'))] })),
  request('outputs without calls', (bytes) => ({ input: [user('x'), ...list(bytes, (at) => output(`c${at}`))] })),
  request('texts of one turn', (bytes) => ({ input: list(bytes, () => ({ type: 'message', role: 'assistant', content: 'a' })) })),
  request('unknown items', (bytes) => ({ input: [user('x'), ...list(bytes, (at) => ({ type: `foo${at}` }))] })),
  request('hosted calls', (bytes) => ({ input: [user('x'), ...list(bytes, () => ({ type: 'web_search_call' }))] })),
  request('reasoning', (bytes) => ({
    input: list(bytes, (at) => [
      { type: 'reasoning', summary: [{ type: 'summary_text', text: `t${at}` }] },
      { type: 'message', role: 'assistant', content: 'a' },
      user('u'),
    ]).flat(),
  })),
  request('system messages', (bytes) => ({ input: list(bytes, (at) => ({ type: 'message', role: at % 2 ? 'developer' : 'user', content: 'x' })) })),
  request('images', (bytes) => ({
    input: [{ type: 'message', role: 'user', content: list(bytes, () => ({ type: 'input_image', image_url: 'data:image/png;base64,iVBORw0KGgo=' })) }],
  })),
  request('agent messages and calls', (bytes) => ({
    input: [
      user('x'),
      ...list(bytes / 2, (at) => ({ ...asked(`c${at}`, 'spawn_agent'), arguments: json({ message: `task ${at}` }) })),
      ...list(bytes / 2, () => ({
        type: 'agent_message',
        recipient: '/root/a',
        content: [
          { type: 'encrypted_content', encrypted_content: 'gAAAA' },
          { type: 'input_text', text: 'head' },
        ],
      })),
    ],
  })),
  request('agents and outputs', (bytes) => ({
    input: [
      user('x'),
      ...list(bytes / 2, (at) => asked(`c${at}`, 'spawn_agent')),
      ...list(bytes / 2, () => output('none')),
      { type: 'agent_message', content: 'x' },
    ],
  })),
  request('tools', (bytes) => ({
    input: 'x',
    tools: list(bytes, (at) => ({ type: 'function', name: `tool.${at}`, parameters: { type: 'object', properties: {} } })),
  })),
  request('tools whose names collide', (bytes) => ({
    input: 'x',
    tools: list(bytes, (at) => ({ type: 'function', name: `${'a'.repeat(60)}${'.'.repeat(at % 200)}${at}`, parameters: {} })),
  })),
  request('tools of one name', (bytes) => ({ input: 'x', tools: list(bytes, () => ({ type: 'function', name: 'f', parameters: {} })) })),
  request('custom tools', (bytes) => ({ input: 'x', tools: list(bytes, (at) => ({ type: 'custom', name: `c${at}` })) })),
  request('unknown tools', (bytes) => ({ input: 'x', tools: list(bytes, (at) => ({ type: `web_search${at}` })) })),
  request('hosted tools', (bytes) => ({ input: 'x', tools: list(bytes, () => ({ type: 'web_search' })) })),
  request('namespaces', (bytes) => ({
    input: 'x',
    tools: list(bytes, (at) => ({ type: 'namespace', name: `n${at}`, tools: [{ type: 'function', name: 't', parameters: {} }] })),
  })),
  request('namespaces of one name', (bytes) => ({
    input: 'x',
    tools: list(bytes, () => ({ type: 'namespace', name: 'n', tools: [{ type: 'function', name: 't', parameters: {} }] })),
  })),
  request('a namespace of many tools, twice', (bytes) => {
    const n = { type: 'namespace', name: 'n', tools: list(bytes / 2, (at) => ({ type: 'function', name: `t${at}`, parameters: {} })) };
    return { input: 'x', tools: [n, n] };
  }),
  request('tools found by searches', (bytes) => ({
    input: [user('x'), ...list(bytes, (at) => ({ type: 'tool_search_output', call_id: `c${at}`, tools: [{ type: 'function', name: `t${at}` }] }))],
  })),
  request('a choice of many tools', (bytes) => {
    const tools = list(bytes / 2, (at) => ({ type: 'function', name: `t${at}` }));
    return { input: 'x', tools, tool_choice: { type: 'allowed_tools', mode: 'auto', tools } };
  }),
  request(
    'a choice of many tools, Messages',
    (bytes) => {
      const tools = list(bytes / 2, (at) => ({ type: 'function', name: `t${at}` }));
      return { input: 'x', tools, tool_choice: { type: 'allowed_tools', mode: 'auto', tools } };
    },
    { upstream: 'messages' },
  ),
  request('a schema with many properties', (bytes) => ({
    input: 'x',
    tools: [
      { type: 'function', name: 'f', parameters: { type: 'object', properties: Object.fromEntries(list(bytes, (at) => [`k${at}`, { type: 'string' }])) } },
    ],
  })),
  request('unknown fields', (bytes) => ({ input: 'x', ...Object.fromEntries(list(bytes, (at) => [`k${at}`, 'v'])) })),
  request('metadata', (bytes) => ({ input: 'x', metadata: Object.fromEntries(list(bytes, (at) => [`k${at}`, 'v'])) })),
  request('include', (bytes) => ({ input: 'x', include: list(bytes, (at) => `i${at}`) })),
  request('a long name of a model', (bytes) => ({ model: repeat('m-', bytes), input: 'x' })),
  request('to Messages: calls', (bytes) => ({ input: [user('x'), ...list(bytes, (at) => pair(`c${at}`)).flat()] }), { upstream: 'messages' }),
  request('to Messages: calls under one id', (bytes) => ({ input: [user('x'), ...list(bytes, () => pair('c')).flat()] }), { upstream: 'messages' }),
  request(
    'to Messages: calls, then outputs under one id',
    (bytes) => ({ input: [user('x'), ...list(bytes / 2, () => asked('c')), ...list(bytes / 2, () => output('c'))] }),
    { upstream: 'messages' },
  ),
  request('to Messages: texts of one turn', (bytes) => ({ input: list(bytes, () => ({ type: 'message', role: 'assistant', content: 'a' })) }), {
    upstream: 'messages',
  }),
  request('to Messages: tools', (bytes) => ({ input: 'x', tools: list(bytes, (at) => ({ type: 'function', name: `tool.${at}`, parameters: {} })) }), {
    upstream: 'messages',
  }),
  request('to Responses: calls without outputs', (bytes) => ({ input: [user('x'), ...list(bytes, (at) => asked(`c${at}`))] }), { upstream: 'responses' }),
  request('Chat: messages', (bytes) => ({ messages: list(bytes, (at) => ({ role: at % 2 ? 'assistant' : 'user', content: `m${at}` })) }), { door: 'chat' }),
  request(
    'Chat: calls of one message',
    (bytes) => ({
      messages: [
        { role: 'user', content: 'x' },
        {
          role: 'assistant',
          content: null,
          tool_calls: list(bytes / 2, (at) => ({ id: `c${at}`, type: 'function', function: { name: 'f', arguments: '{}' } })),
        },
        ...list(bytes / 2, (at) => ({ role: 'tool', tool_call_id: `c${at}`, content: 'o' })),
      ],
    }),
    { door: 'chat' },
  ),
  request('Chat: parts', (bytes) => ({ messages: [{ role: 'user', content: list(bytes, (at) => ({ type: at % 2 ? 'text' : `odd${at}`, text: 'x' })) }] }), {
    door: 'chat',
  }),
  request(
    'Chat: a choice of many tools',
    (bytes) => ({
      messages: [{ role: 'user', content: 'x' }],
      tools: list(bytes / 2, (at) => ({ type: 'function', function: { name: `t${at}` } })),
      tool_choice: {
        type: 'allowed_tools',
        allowed_tools: { mode: 'auto', tools: list(bytes / 2, (at) => ({ type: 'function', function: { name: `t${at % 1000}` } })) },
      },
    }),
    { door: 'chat' },
  ),
  request(
    'Messages: calls of one message',
    (bytes) => ({
      messages: [
        { role: 'user', content: 'x' },
        { role: 'assistant', content: list(bytes / 2, (at) => ({ type: 'tool_use', id: `c${at}`, name: 'f', input: {} })) },
        { role: 'user', content: list(bytes / 2, (at) => ({ type: 'tool_result', tool_use_id: `c${at}`, content: 'o' })) },
      ],
    }),
    { door: 'messages' },
  ),
  request('Messages: unknown blocks', (bytes) => ({ messages: [{ role: 'user', content: list(bytes, (at) => ({ type: `foo${at}` })) }] }), {
    door: 'messages',
  }),
  request(
    'Messages: documents with citations',
    (bytes) => ({
      messages: [{ role: 'user', content: list(bytes, () => ({ type: 'document', source: { type: 'text', data: 'x' }, citations: { enabled: true } })) }],
    }),
    { door: 'messages' },
  ),
  request(
    'Messages: documents and unknown blocks',
    (bytes) => ({
      messages: [{ role: 'user', content: list(bytes, (at) => (at % 2 ? { type: 'document', source: { type: 'text', data: 'x' } } : { type: 'odd' })) }],
    }),
    { door: 'messages' },
  ),
  request(
    'Messages: tools',
    (bytes) => ({ messages: [{ role: 'user', content: 'x' }], tools: list(bytes, (at) => ({ name: `f${at}`, input_schema: { type: 'object' } })) }),
    { door: 'messages' },
  ),
];
