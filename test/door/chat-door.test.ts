import { expect } from 'chai';
import type { CanonicalRequest } from '../../core/contract/canonical.ts';
import { chatFrontDoor } from '../../core/dialects/chat/door/front-door.ts';
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
const ASKED = { type: 'message', role: 'user', content: 'hi' } as const;
const PNG = 'data:image/png;base64,iVBORw0KGgo=';
const PDF = 'data:application/pdf;base64,JVBERg==';
const SCHEMA = { type: 'object', properties: { n: { type: 'number' } } };
const ADD = { type: 'function' as const, function: { name: 'add', description: 'Adds.', parameters: SCHEMA, strict: true } };
const PATCH = { type: 'custom', custom: { name: 'patch', format: { type: 'grammar', grammar: { syntax: 'lark', definition: 'start: "x"' } } } };
const add = { type: 'function', name: 'add', description: 'Adds.', parameters: SCHEMA, strict: true } as const;
const patch = { type: 'custom', name: 'patch', format: { type: 'grammar', syntax: 'lark', definition: 'start: "x"' } } as const;
const call = (id: string, name = 'add', args = '{"n":1}') => ({ id, type: 'function', function: { name, arguments: args } });

const MESSAGES: Row[] = [
  {
    it: 'the leading system and developer messages as instructions, later ones in their place',
    messages: [
      { role: 'system', content: 'One.' },
      { role: 'developer', content: [{ type: 'text', text: 'Two.' }] },
      { role: 'system', content: '' },
      QUESTION,
      { role: 'system', content: 'Three.' },
      { role: 'user', content: 'more' },
    ],
    canonical: {
      instructions: 'One.\n\nTwo.',
      input: [ASKED, { type: 'message', role: 'developer', content: 'Three.' }, { type: 'message', role: 'user', content: 'more' }],
    },
  },
  {
    it: 'images in each of their forms, and files',
    messages: [
      {
        role: 'user',
        name: 'Ada',
        content: [
          { type: 'text', text: 'look', cache_control: { type: 'ephemeral' } },
          { type: 'image_url', image_url: { url: PNG, detail: 'low' } },
          { type: 'image_url', image_url: PNG, detail: 'high' },
          { type: 'image_url', image_url: 'https://x.test/a.png' },
          { type: 'input_image', image_url: PNG },
          { type: 'input_image', image_url: { url: PNG } },
          { type: 'input_image', file_id: 'file_1' },
          { type: 'file', file: { filename: 'a.pdf', file_data: PDF } },
          { type: 'file', file: { file_id: 'file_2' } },
          { type: 'input_file', file_url: 'https://x.test/a.pdf' },
          { type: 'input_text', text: 'and' },
          { type: 'refusal', refusal: 'No.' },
        ],
      },
    ],
    canonical: {
      input: [
        {
          type: 'message',
          role: 'user',
          content: [
            { type: 'input_text', text: 'look' },
            { type: 'input_image', detail: 'low', image_url: PNG },
            { type: 'input_image', detail: 'high', image_url: PNG },
            { type: 'input_image', image_url: 'https://x.test/a.png' },
            { type: 'input_image', image_url: PNG },
            { type: 'input_image', image_url: PNG },
            { type: 'input_image', file_id: 'file_1' },
            { type: 'input_file', filename: 'a.pdf', file_data: PDF },
            { type: 'input_file', file_id: 'file_2' },
            { type: 'input_file', file_url: 'https://x.test/a.pdf' },
            { type: 'input_text', text: 'and' },
            { type: 'input_text', text: 'No.' },
          ],
        },
      ],
    },
  },
  {
    it: 'a file of text as text',
    messages: [{ role: 'user', content: [{ type: 'file', file: { filename: 'é.md', file_data: `data:text/markdown;charset=utf-8;base64,${btoa('# Hi')}` } }] }],
    canonical: { input: [{ type: 'message', role: 'user', content: [{ type: 'input_text', text: 'é.md:\n# Hi' }] }] },
  },
  {
    it: 'parts nobody knows not at all, and says so',
    messages: [{ role: 'user', content: [{ type: 'video_url', video_url: {} }, { type: 'text', text: 'hi' }, { type: '__proto__' }] }],
    canonical: { input: [{ type: 'message', role: 'user', content: [{ type: 'input_text', text: 'hi' }] }] },
    warnings: ['messages[0].content[0]: video_url_is_not_known', 'messages[0].content[2]: __proto___is_not_known'],
  },
  {
    it: 'what an assistant message holds as items: reasoning, text, refusal, calls',
    body: { tools: [ADD, PATCH] },
    messages: [
      QUESTION,
      {
        role: 'assistant',
        reasoning_content: 'Hm.',
        content: [{ type: 'text', text: 'Both.' }],
        refusal: 'Not that.',
        tool_calls: [
          call('a'),
          { id: 'b', type: 'custom', custom: { name: 'patch', input: '"x"\n' } },
          { id: 'c', function: { name: 'add', arguments: 'broken {' } },
        ],
      },
      { role: 'tool', tool_call_id: 'b', content: 'patched' },
      {
        role: 'tool',
        tool_call_id: 'a',
        content: [
          { type: 'text', text: '1' },
          { type: 'text', text: '2' },
        ],
      },
      {
        role: 'tool',
        tool_call_id: 'c',
        content: [
          { type: 'text', text: 'see' },
          { type: 'image_url', image_url: { url: PNG } },
        ],
      },
      { role: 'tool', tool_call_id: 'never', content: null },
    ],
    canonical: {
      tools: [add, patch],
      input: [
        ASKED,
        { type: 'reasoning', summary: [], content: [{ type: 'reasoning_text', text: 'Hm.' }] },
        {
          type: 'message',
          role: 'assistant',
          content: [
            { type: 'output_text', text: 'Both.' },
            { type: 'refusal', refusal: 'Not that.' },
          ],
        },
        { type: 'function_call', call_id: 'a', name: 'add', arguments: '{"n":1}' },
        { type: 'custom_tool_call', call_id: 'b', name: 'patch', input: '"x"\n' },
        { type: 'function_call', call_id: 'c', name: 'add', arguments: 'broken {' },
        { type: 'custom_tool_call_output', call_id: 'b', output: 'patched' },
        { type: 'function_call_output', call_id: 'a', output: '1\n2' },
        {
          type: 'function_call_output',
          call_id: 'c',
          output: [
            { type: 'input_text', text: 'see' },
            { type: 'input_image', image_url: PNG },
          ],
        },
        { type: 'function_call_output', call_id: 'never', output: '' },
      ],
    },
  },
  {
    it: 'calls without a text as calls alone',
    messages: [QUESTION, { role: 'assistant', content: '', tool_calls: [call('a')] }, { role: 'assistant', content: null, tool_calls: [call('b')] }],
    canonical: {
      input: [ASKED, ...['a', 'b'].map((call_id) => ({ type: 'function_call' as const, call_id, name: 'add', arguments: '{"n":1}' }))],
    },
  },
  {
    it: 'reasoning under its other names, and what is sealed',
    messages: [
      QUESTION,
      { role: 'assistant', reasoning: 'So.', content: 'a' },
      {
        role: 'assistant',
        reasoning_details: [
          { type: 'reasoning.text', text: 'Thus.' },
          { type: 'reasoning.encrypted', data: 'tl1.abc' },
        ],
        content: 'b',
      },
    ],
    canonical: {
      include: ['reasoning.encrypted_content'],
      input: [
        ASKED,
        { type: 'reasoning', summary: [], content: [{ type: 'reasoning_text', text: 'So.' }] },
        { type: 'message', role: 'assistant', content: [{ type: 'output_text', text: 'a' }] },
        { type: 'reasoning', summary: [], content: [{ type: 'reasoning_text', text: 'Thus.' }], encrypted_content: 'tl1.abc' },
        { type: 'message', role: 'assistant', content: [{ type: 'output_text', text: 'b' }] },
      ],
    },
  },
  {
    it: 'calls and outputs of the form without ids, by the name of the function',
    body: { functions: [{ name: 'add', parameters: SCHEMA }], function_call: { name: 'add' } },
    messages: [
      QUESTION,
      { role: 'assistant', content: null, function_call: { name: 'add', arguments: '{}' } },
      { role: 'function', name: 'add', content: '1' },
      { role: 'assistant', content: null, function_call: { name: 'add', arguments: '{"n":2}' } },
      { role: 'function', name: 'add', content: '2' },
      { role: 'function', name: 'other', content: '3' },
    ],
    canonical: {
      tools: [{ type: 'function', name: 'add', parameters: SCHEMA, strict: false }],
      tool_choice: { type: 'function', name: 'add' },
      input: [
        ASKED,
        { type: 'function_call', call_id: 'call_legacy_0', name: 'add', arguments: '{}' },
        { type: 'function_call_output', call_id: 'call_legacy_0', output: '1' },
        { type: 'function_call', call_id: 'call_legacy_1', name: 'add', arguments: '{"n":2}' },
        { type: 'function_call_output', call_id: 'call_legacy_1', output: '2' },
        { type: 'message', role: 'user', content: 'Output of the function other:\n3' },
      ],
    },
    warnings: ['messages[5]: no_function_call_came_before'],
  },
];

const FIELDS: Row[] = [
  {
    it: 'tools, flat, strict only where it is said',
    body: { tools: [ADD, { type: 'function', function: { name: 'f' } }, PATCH] },
    canonical: { tools: [add, { type: 'function', name: 'f', strict: false }, patch] },
  },
  { it: 'a tool of a kind of its own as it is', body: { tools: [{ type: 'web_search' }] }, canonical: { tools: [{ type: 'web_search' }] } },
  { it: 'parallel_tool_calls', body: { tools: [ADD], parallel_tool_calls: false }, canonical: { tools: [add], parallel_tool_calls: false } },
  ...(['auto', 'none', 'required'] as const).map((tool_choice) => ({
    it: `tool_choice ${tool_choice}`,
    body: { tools: [ADD], tool_choice },
    canonical: { tools: [add], tool_choice },
  })),
  {
    it: 'the choice of one function',
    body: { tools: [ADD], tool_choice: { type: 'function', function: { name: 'add' } } },
    canonical: { tools: [add], tool_choice: { type: 'function', name: 'add' } },
  },
  {
    it: 'the choice of one custom tool',
    body: { tools: [PATCH], tool_choice: { type: 'custom', custom: { name: 'patch' } } },
    canonical: { tools: [patch], tool_choice: { type: 'custom', name: 'patch' } },
  },
  {
    it: 'the choice of several',
    body: {
      tools: [ADD, PATCH],
      tool_choice: {
        type: 'allowed_tools',
        allowed_tools: {
          mode: 'required',
          tools: [
            { type: 'function', function: { name: 'add' } },
            { type: 'custom', custom: { name: 'patch' } },
          ],
        },
      },
    },
    canonical: {
      tools: [add, patch],
      tool_choice: {
        type: 'allowed_tools',
        mode: 'required',
        tools: [
          { type: 'function', name: 'add' },
          { type: 'custom', name: 'patch' },
        ],
      },
    },
  },
  { it: 'a choice without tools not at all', body: { tool_choice: 'required', parallel_tool_calls: true }, canonical: {} },
  {
    it: 'the choices of functions without ids',
    body: { functions: [{ name: 'f' }], function_call: 'none' },
    canonical: { tools: [{ type: 'function', name: 'f', strict: false }], tool_choice: 'none' },
  },
  {
    it: 'web_search_options as the tool',
    body: { web_search_options: { search_context_size: 'low', user_location: { type: 'approximate', approximate: { city: 'Bern', country: 'CH' } } } },
    canonical: { tools: [{ type: 'web_search', search_context_size: 'low', user_location: { type: 'approximate', city: 'Bern', country: 'CH' } } as never] },
  },
  {
    it: 'a schema of the answer',
    body: { response_format: { type: 'json_schema', json_schema: { name: 'out', schema: SCHEMA, strict: true, description: 'd' } } },
    canonical: { text: { format: { type: 'json_schema', name: 'out', schema: SCHEMA, strict: true, description: 'd' } } },
  },
  {
    it: 'a schema without a name',
    body: { response_format: { type: 'json_schema', json_schema: { schema: SCHEMA } } },
    canonical: { text: { format: { type: 'json_schema', name: 'response', schema: SCHEMA } } },
  },
  { it: 'JSON of any shape', body: { response_format: { type: 'json_object' } }, canonical: { text: { format: { type: 'json_object' } } } },
  { it: 'plain text as nothing said', body: { response_format: { type: 'text' } }, canonical: {} },
  ...[
    { reasoning_effort: 'high' },
    { reasoning: { effort: 'high' } },
    { model_reasoning_effort: 'high' },
    { reasoning_effort: 'high', reasoning: { effort: 'low' } },
  ].map((body) => ({ it: `the effort of ${JSON.stringify(body)}`, body, canonical: { reasoning: { effort: 'high' } } })),
  { it: 'a summary of the reasoning', body: { reasoning: { summary: 'auto' } }, canonical: { reasoning: { summary: 'auto' } } },
  ...[{ verbosity: 'low' }, { text: { verbosity: 'low' } }, { text_verbosity: 'low' }, { model_verbosity: 'low' }].map((body) => ({
    it: `the verbosity of ${JSON.stringify(body)}`,
    body,
    canonical: { text: { verbosity: 'low' } },
  })),
  { it: 'max_tokens', body: { max_tokens: 5 }, canonical: { max_output_tokens: 5 } },
  { it: 'max_completion_tokens, which wins', body: { max_tokens: 5, max_completion_tokens: 6 }, canonical: { max_output_tokens: 6 } },
  { it: 'one text to stop at', body: { stop: 'END' }, canonical: { stop: ['END'] } },
  { it: 'sixteen texts to stop at', body: { stop: Array(16).fill('END') }, canonical: { stop: Array(16).fill('END') } },
  { it: 'no text to stop at', body: { stop: [] }, canonical: {} },
  {
    it: 'what is said about the sampling',
    body: { temperature: 0, top_p: 0.5, top_k: 40, seed: -7, presence_penalty: 1, frequency_penalty: -1, n: 1 },
    canonical: { temperature: 0, top_p: 0.5, top_k: 40, seed: -7, presence_penalty: 1, frequency_penalty: -1 },
  },
  { it: 'penalties of nothing not at all', body: { presence_penalty: 0, frequency_penalty: 0 }, canonical: {} },
  {
    it: 'who asks, and how',
    body: { user: 'u', prompt_cache_key: 'k', service_tier: 'flex', store: true, stream: true },
    canonical: { safety_identifier: 'u', prompt_cache_key: 'k', service_tier: 'flex', store: true, stream: true },
  },
  { it: 'the newer name of who asks', body: { user: 'u', safety_identifier: 's' }, canonical: { safety_identifier: 's' } },
  {
    it: 'what only helps or is kept elsewhere not at all',
    body: { metadata: { a: 'b' }, prediction: { type: 'content', content: 'x' }, modalities: ['text'], stream_options: { include_usage: true }, shiny: 1 },
    canonical: {},
  },
  {
    it: 'what is lost with a warning',
    body: { logit_bias: { 50256: -100 } },
    canonical: {},
    warnings: ['logit_bias: not_translated'],
  },
  {
    it: 'that it wants to know how likely tokens were',
    body: { logprobs: true, top_logprobs: 2 },
    canonical: { include: ['message.output_text.logprobs'], top_logprobs: 2 },
  },
  { it: 'the same without others in their place', body: { logprobs: true, top_logprobs: 0 }, canonical: { include: ['message.output_text.logprobs'] } },
  { it: 'what asks for nothing without one', body: { logit_bias: {}, logprobs: false, top_logprobs: 0 }, canonical: {} },
  {
    it: 'null as absent',
    body: Object.fromEntries(
      [
        'tools',
        'functions',
        'tool_choice',
        'function_call',
        'response_format',
        'reasoning',
        'reasoning_effort',
        'verbosity',
        'text',
        'stop',
        'n',
        'seed',
        'max_tokens',
        'stream',
        'stream_options',
        'store',
      ]
        .concat([
          'logit_bias',
          'logprobs',
          'metadata',
          'user',
          'audio',
          'modalities',
          'prediction',
          'web_search_options',
          'temperature',
          'top_p',
          'presence_penalty',
          'parallel_tool_calls',
        ])
        .map((field) => [field, null]),
    ),
    canonical: {},
  },
];

describe('the Chat front door', () => {
  for (const { it: what, body, messages = [QUESTION], canonical, warnings = [] } of [...MESSAGES, ...FIELDS]) {
    it(`reads ${what}`, () => {
      const exchange = testExchange({ dialect: 'chat' });
      const request = chatFrontDoor.decode({ model: 'm', messages, ...body }, exchange);
      expect(structuredClone(request)).to.deep.equal({ model: 'm', input: [ASKED], store: false, ...canonical });
      expect(exchange.warnings.map(({ param, reason }) => `${param}: ${reason}`)).to.deep.equal(warnings);
    });
  }
});
