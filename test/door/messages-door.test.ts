import { expect } from 'chai';
import type { CanonicalRequest, Item } from '../../core/contract/canonical.ts';
import { messagesFrontDoor } from '../../core/dialects/messages/door/front-door.ts';
import { testExchange } from '../support/test-exchange.ts';

interface Row {
  it: string;
  /** Beside model and messages. */
  body?: object;
  messages?: object[];
  /** What the request holds beside `model`, the question and `store: false`. */
  canonical: Partial<CanonicalRequest>;
  warnings?: string[];
}

const QUESTION = { role: 'user', content: 'hi' };
const PNG = 'iVBORw0KGgo=';
const SCHEMA = { type: 'object', properties: { n: { type: 'number' } } };
const ADD = { name: 'add', description: 'Adds.', input_schema: { $schema: 'https://json-schema.org/draft/2020-12/schema', ...SCHEMA } };
const add = { type: 'function', name: 'add', description: 'Adds.', parameters: SCHEMA, strict: false } as const;
const DEFERRED = { name: 'WebFetch', input_schema: SCHEMA, defer_loading: true };
const fetched = { type: 'function', name: 'WebFetch', parameters: SCHEMA, strict: false } as const;
const said = (...texts: string[]): Item => ({ type: 'message', role: 'user', content: texts.map((text) => ({ type: 'input_text', text })) });
const told = (...texts: string[]): Item => ({ type: 'message', role: 'developer', content: texts.map((text) => ({ type: 'input_text', text })) });
const spoken = (...texts: string[]): Item => ({ type: 'message', role: 'assistant', content: texts.map((text) => ({ type: 'output_text', text })) });
const call = (call_id: string, name = 'add', args = '{"n":1}'): Item => ({ type: 'function_call', call_id, name, arguments: args });
const output = (call_id: string, result: string): Item => ({ type: 'function_call_output', call_id, output: result });
const use = (id: string, name = 'add') => ({ type: 'tool_use', id, name, input: { n: 1 } });
const result = (tool_use_id: string, content?: unknown, more: object = {}) => ({ type: 'tool_result', tool_use_id, content, ...more });
const text = (words: string) => ({ type: 'text', text: words, cache_control: { type: 'ephemeral' } });
const user = (...content: object[]) => ({ role: 'user', content });
const assistant = (...content: object[]) => ({ role: 'assistant', content });
const system = (content: unknown, more: object = {}) => ({ role: 'system', content, ...more });
const KEPT = { include: ['reasoning.encrypted_content'] };

const MESSAGES: Row[] = [
  {
    it: 'the system as instructions, but for what is empty and the line for Anthropic',
    body: { system: [text('x-anthropic-billing-header: cc_version=2; cc_entrypoint=cli;'), text('One.'), text(' '), text('Two.')] },
    canonical: { instructions: 'One.\n\nTwo.' },
  },
  { it: 'a system that is one text', body: { system: 'Be brief.' }, canonical: { instructions: 'Be brief.' } },
  {
    it: 'system messages in their place, with the effort of the last that names one',
    body: { output_config: { effort: 'low' }, thinking: { type: 'adaptive', display: 'omitted' } },
    messages: [
      QUESTION,
      system([text('Env.')], { output_config: { effort: 'medium' } }),
      user(text('more')),
      system('Last.', { output_config: { effort: 'high' } }),
    ],
    canonical: { input: [said('hi'), told('Env.'), said('more'), told('Last.')], reasoning: { effort: 'high' }, ...KEPT },
  },
  {
    it: 'a system message only as long as it is shown',
    messages: [QUESTION, system('Old.', { clear_at: 'next_user_message' }), QUESTION, system('New.', { clear_at: 'next_user_message' })],
    canonical: { input: [said('hi'), said('hi'), told('New.')] },
  },
  {
    it: 'results before what is said beside them, in the order in which they came',
    messages: [
      QUESTION,
      assistant(text('I add.'), use('a'), use('b'), use('c')),
      user(result('c', '3'), text('Look:'), result('a', [text('1'), text('one')]), result('b', 'broke', { is_error: true })),
    ],
    canonical: {
      input: [
        said('hi'),
        spoken('I add.'),
        call('a'),
        call('b'),
        call('c'),
        output('c', '3'),
        output('a', '1\none'),
        output('b', '[tool error] broke'),
        said('Look:'),
      ],
    },
  },
  {
    it: 'images of a result, and a result without content',
    messages: [
      assistant(use('a'), use('b')),
      user(result('a', [text('seen'), { type: 'image', source: { type: 'base64', media_type: 'image/png', data: PNG } }]), result('b')),
    ],
    canonical: {
      input: [
        call('a'),
        call('b'),
        {
          type: 'function_call_output',
          call_id: 'a',
          output: [
            { type: 'input_text', text: 'seen' },
            { type: 'input_image', image_url: `data:image/png;base64,${PNG}` },
          ],
        },
        output('b', ''),
      ],
    },
  },
  {
    it: 'thinking with its signature, redacted or not, and texts around calls, in their order',
    messages: [
      QUESTION,
      assistant(
        { type: 'thinking', thinking: 'Hm.', signature: 'tl1.x' },
        { type: 'redacted_thinking', data: 'tl1.y' },
        { type: 'thinking', thinking: '', signature: 'tl1.z' },
        text('One.'),
        text('Two.'),
        use('a'),
        text('Three.'),
      ),
      user(result('a', '1')),
    ],
    canonical: {
      input: [
        said('hi'),
        { type: 'reasoning', summary: [{ type: 'summary_text', text: 'Hm.' }], encrypted_content: 'tl1.x' },
        { type: 'reasoning', summary: [], encrypted_content: 'tl1.y' },
        { type: 'reasoning', summary: [], encrypted_content: 'tl1.z' },
        spoken('One.', 'Two.'),
        call('a'),
        spoken('Three.'),
        output('a', '1'),
      ],
    },
  },
  {
    it: 'documents and search results',
    messages: [
      user(
        { type: 'document', source: { type: 'base64', media_type: 'application/pdf', data: 'JVBERg==' }, citations: { enabled: true } },
        { type: 'document', source: { type: 'url', url: 'https://x.test/a.pdf' }, citations: { enabled: true } },
        { type: 'document', source: { type: 'text', media_type: 'text/plain', data: 'Plain.' }, title: 'A', context: 'Of Ada.' },
        { type: 'document', source: { type: 'content', content: [text('Inside.'), { type: 'image', source: { type: 'url', url: 'https://x.test/i.png' } }] } },
        { type: 'search_result', title: 'T', source: 'https://x.test', content: [text('Found.')] },
      ),
    ],
    canonical: {
      input: [
        {
          type: 'message',
          role: 'user',
          content: [
            { type: 'input_file', filename: 'document.pdf', file_data: 'data:application/pdf;base64,JVBERg==' },
            { type: 'input_file', file_url: 'https://x.test/a.pdf' },
            { type: 'input_text', text: '<document_context title="A">Of Ada.</document_context>' },
            { type: 'input_text', text: '<document title="A">\nPlain.\n</document>' },
            { type: 'input_text', text: '<document>' },
            { type: 'input_text', text: 'Inside.' },
            { type: 'input_image', image_url: 'https://x.test/i.png' },
            { type: 'input_text', text: '</document>' },
            { type: 'input_text', text: '<search_result title="T" source="https://x.test">\nFound.\n</search_result>' },
          ],
        },
      ],
    },
    warnings: ['messages.0.content.0.citations: no_citations'],
  },
  {
    it: 'what tools of a provider found as text',
    messages: [
      QUESTION,
      assistant(
        { type: 'server_tool_use', id: 's', name: 'web_search', input: { query: 'koa' } },
        {
          type: 'web_search_tool_result',
          tool_use_id: 's',
          content: [{ type: 'web_search_result', title: 'Koa', url: 'https://x.test', encrypted_content: 'z' }],
        },
        text('Found.'),
      ),
      QUESTION,
    ],
    canonical: { input: [said('hi'), spoken('[web search: koa]', '[web search result]\nKoa https://x.test', 'Found.'), said('hi')] },
  },
  {
    it: 'calls of a remote MCP server as calls',
    messages: [
      QUESTION,
      assistant({ ...use('m'), type: 'mcp_tool_use', server_name: 's' }, { ...result('m', [text('1')]), type: 'mcp_tool_result' }, text('One.')),
      QUESTION,
    ],
    canonical: { input: [said('hi'), call('m'), output('m', '1'), spoken('One.'), said('hi')] },
  },
  {
    it: 'all but a block it does not know, and tells it',
    messages: [user(text('a'), { type: 'hologram', data: 'x' }, { type: '__proto__' }), assistant(use('a')), user(result('a', [{ type: 'smell' }, text('b')]))],
    canonical: { input: [said('a'), call('a'), output('a', 'b')] },
    warnings: [
      'messages.0.content.1: unknown_block_hologram',
      'messages.0.content.2: unknown_block___proto__',
      'messages.2.content.0.content.0: unknown_block_smell',
    ],
  },
  {
    it: 'an answer that is begun, and tells that it cannot be forced to go on there',
    messages: [QUESTION, { role: 'assistant', content: '{"n":' }],
    canonical: { input: [said('hi'), spoken('{"n":')] },
    warnings: ['messages.1: prefill'],
  },
];

const TOOLS: Row[] = [
  {
    it: 'tools as functions',
    body: { tools: [ADD, { ...ADD, type: 'custom', name: 'sub', strict: true }] },
    canonical: { tools: [add, { ...add, name: 'sub', strict: false }] }, // its schema has optional fields
  },
  {
    it: 'no deferred tool that nobody asked for, and no placeholder',
    body: { tools: [ADD, DEFERRED, { ...DEFERRED, name: 'DeferredToolPlaceholder' }] },
    canonical: { tools: [add] },
  },
  {
    it: 'a deferred tool once a search found it',
    body: { tools: [DEFERRED] },
    messages: [assistant(use('a', 'ToolSearch')), user(result('a', [{ type: 'tool_reference', tool_name: 'WebFetch' }]), text('Tool loaded.'))],
    canonical: { input: [call('a', 'ToolSearch'), output('a', 'tool WebFetch is available'), said('Tool loaded.')], tools: [fetched] },
  },
  {
    it: 'a deferred tool that was called',
    body: { tools: [DEFERRED] },
    messages: [assistant(use('a', 'WebFetch')), user(result('a', 'x'))],
    canonical: { input: [call('a', 'WebFetch'), output('a', 'x')], tools: [fetched] },
  },
  {
    it: 'every deferred tool where the search would run at the provider',
    body: { tools: [DEFERRED, { type: 'tool_search_tool_bm25_20251119', name: 'tool_search_tool_bm25' }] },
    canonical: { tools: [fetched] },
    warnings: ['tools.1: tool_search_tool_bm25_20251119_runs_at_its_own_provider'],
  },
  {
    it: 'tools that come and go in the middle',
    body: { tools: [ADD, DEFERRED] },
    messages: [
      QUESTION,
      system([
        { type: 'tool_addition', tool: { type: 'tool_reference', name: 'WebFetch' } },
        { type: 'tool_addition', tool: { type: 'tool_definition', definition: { ...ADD, name: 'sub' } } },
        { type: 'tool_removal', tool: { type: 'tool_reference', name: 'add' } },
      ]),
    ],
    canonical: { tools: [fetched, { ...add, name: 'sub' }] },
  },
  {
    it: 'a web search, and leaves out with a warning what it cannot ask for',
    body: {
      tools: [
        { type: 'web_search_20250305', name: 'web_search', max_uses: 8, allowed_domains: ['x.test'], user_location: { type: 'approximate', city: 'Bern' } },
        { type: 'code_execution_20250825', name: 'code_execution' },
        ADD,
      ],
      tool_choice: { type: 'tool', name: 'web_search' },
    },
    canonical: {
      tools: [{ type: 'web_search', filters: { allowed_domains: ['x.test'] }, user_location: { type: 'approximate', city: 'Bern' } } as never, add],
      tool_choice: { type: 'web_search' },
    },
    warnings: ['tools.1: code_execution_20250825_runs_at_its_own_provider'],
  },
  {
    it: 'auto, alone',
    body: { tools: [ADD], tool_choice: { type: 'auto', disable_parallel_tool_use: true } },
    canonical: { tools: [add], tool_choice: 'auto', parallel_tool_calls: false },
  },
  { it: 'any', body: { tools: [ADD], tool_choice: { type: 'any' } }, canonical: { tools: [add], tool_choice: 'required' } },
  { it: 'none', body: { tools: [ADD], tool_choice: { type: 'none' } }, canonical: { tools: [add], tool_choice: 'none' } },
  {
    it: 'the choice of one tool',
    body: { tools: [ADD], tool_choice: { type: 'tool', name: 'add' } },
    canonical: { tools: [add], tool_choice: { type: 'function', name: 'add' } },
  },
  { it: 'a choice without tools as none', body: { tools: [], tool_choice: { type: 'any' } }, canonical: {} },
];

const thinks = (budget_tokens: number, effort: string): Row => ({
  it: `a budget of ${budget_tokens} as the effort ${effort}`,
  body: { thinking: { type: 'enabled', budget_tokens } },
  canonical: { reasoning: { effort, summary: 'auto' }, ...KEPT },
});
const FIELDS: Row[] = [
  thinks(1024, 'low'),
  thinks(4095, 'low'),
  thinks(4096, 'medium'),
  thinks(16_383, 'medium'),
  thinks(16_384, 'high'),
  thinks(31_999, 'high'),
  thinks(32_768, 'xhigh'),
  {
    it: 'thinking that is switched off',
    body: { thinking: { type: 'disabled' }, output_config: { effort: 'high' } },
    canonical: { reasoning: { effort: 'none' } },
  },
  { it: 'an effort without thinking', body: { output_config: { effort: 'max' } }, canonical: { reasoning: { effort: 'max' } } },
  {
    it: 'an effort before a budget',
    body: { thinking: { type: 'enabled', budget_tokens: 2000, display: 'updates' }, output_config: { effort: 'max' } },
    canonical: { reasoning: { effort: 'max', summary: 'auto' }, ...KEPT },
  },
  { it: 'adaptive thinking as the effort of the model', body: { thinking: { type: 'adaptive' } }, canonical: { reasoning: { summary: 'auto' }, ...KEPT } },
  { it: 'no effort it does not know', body: { output_config: { effort: 'huge' } }, canonical: {}, warnings: ['output_config.effort: unknown_effort'] },
  {
    it: 'a format of the answer',
    body: { output_config: { format: { type: 'json_schema', schema: SCHEMA } } },
    canonical: { text: { format: { type: 'json_schema', name: 'output', schema: SCHEMA } } },
  },
  {
    it: 'a format of the answer in its older place',
    body: { output_format: { type: 'json_schema', schema: SCHEMA } },
    canonical: { text: { format: { type: 'json_schema', name: 'output', schema: SCHEMA } } },
  },
  {
    it: 'sampling, limits and stop sequences',
    body: { max_tokens: 100, temperature: 0.5, top_p: 0.9, top_k: 40, stop_sequences: ['END'], stream: true },
    canonical: { max_output_tokens: 100, temperature: 0.5, top_p: 0.9, top_k: 40, stop: ['END'], stream: true },
  },
  { it: 'a tier', body: { service_tier: 'standard_only' }, canonical: { service_tier: 'default' } },
  { it: 'speed as a tier', body: { service_tier: 'auto', speed: 'fast' }, canonical: { service_tier: 'priority' } },
  {
    it: 'all but what only Anthropic keeps, and what is a matter of its cache',
    body: { container: 'c', mcp_servers: [{}], cache_control: { type: 'ephemeral' }, context_management: { edits: [] }, diagnostics: {}, betas: ['x'] },
    canonical: {},
    warnings: ['container: kept_by_its_own_provider', 'mcp_servers: kept_by_its_own_provider'],
  },
  {
    it: 'null as absent',
    body: {
      system: null,
      tools: null,
      tool_choice: null,
      thinking: null,
      output_config: null,
      stop_sequences: null,
      metadata: null,
      stream: null,
      thread: null,
    },
    canonical: {},
  },
];

describe('the Messages front door', () => {
  for (const { it: what, body, messages = [QUESTION], canonical, warnings = [] } of [...MESSAGES, ...TOOLS, ...FIELDS]) {
    it(`reads ${what}`, () => {
      const exchange = testExchange({ dialect: 'messages' });
      const request = messagesFrontDoor.decode(structuredClone({ model: 'm', messages, ...body }), exchange);
      expect(structuredClone(request)).to.deep.equal({ model: 'm', input: [said('hi')], store: false, ...canonical });
      expect(exchange.warnings.map(({ param, reason }) => `${param}: ${reason}`)).to.deep.equal(warnings);
    });
  }

  it('gives the tools that only Anthropic knows a schema', () => {
    const typed = ['bash_20250124', 'text_editor_20250728', 'memory_20250818'];
    const tools = typed.map((type) => ({ type, name: type.replace(/_\d+$/, '') }));
    const request = messagesFrontDoor.decode({ model: 'm', messages: [QUESTION], tools }, testExchange({ dialect: 'messages' }));
    expect(
      request.tools?.map((tool) => [tool.type, 'name' in tool && tool.name, 'parameters' in tool && Object.keys(tool.parameters?.['properties'] ?? {})]),
    ).to.deep.equal([
      ['function', 'bash', ['command', 'restart']],
      ['function', 'text_editor', ['command', 'path', 'file_text', 'view_range', 'old_str', 'new_str', 'insert_line', 'insert_text']],
      ['function', 'memory', ['command', 'path', 'file_text', 'view_range', 'old_str', 'new_str', 'insert_line', 'insert_text', 'old_path', 'new_path']],
    ]);
  });

  it('tells who asks, and in which conversation, as digests that stay the same', () => {
    const of = (user_id: string) =>
      messagesFrontDoor.decode({ model: 'm', messages: [QUESTION], metadata: { user_id } }, testExchange({ dialect: 'messages' }));
    const one = of('{"device_id":"d1","account_uuid":"","session_id":"s1"}');
    const later = of('{"device_id":"d1","account_uuid":"","session_id":"s2"}');
    const older = of('user_abc_account__session_s1');
    expect(one.safety_identifier)
      .to.match(/^[\da-f]{64}$/)
      .and.to.equal(later.safety_identifier);
    expect(one.prompt_cache_key)
      .to.match(/^[\da-f]{32}$/)
      .and.to.equal(older.prompt_cache_key);
    expect(later.prompt_cache_key).not.to.equal(one.prompt_cache_key);
    expect(of('just-a-name').prompt_cache_key).to.equal(undefined);
  });
});
