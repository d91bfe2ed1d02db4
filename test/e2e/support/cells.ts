/** Who asks, where, what must be right for it, and the tests that show it: a part of a title of each. */
interface Cell {
  client: string;
  route: string;
  /** By file, without `.e2e.ts`. */
  tests: Record<string, readonly string[]>;
}

/** Every client that is promised to work, by the table of traps it was measured with. */
export const CELLS: readonly Cell[] = [
  {
    client: 'Claude Code',
    route: 'POST /v1/messages?beta=true: named events, calls as deltas, system messages among others, a retry without a stream, statuses it understands',
    tests: {
      'claude-code': ['answers with a text', 'runs a command that writes a file', 'asks again when the stream is cut', "', without a stream'", 'stops at $'],
      matrix: ['Claude Code 2.1.329'],
    },
  },
  {
    client: 'Claude Code',
    route: 'POST /v1/messages/count_tokens, many at once',
    tests: { 'claude-code': ['counts what fills its context, in many requests at once', "by the provider's own counts, many at once"] },
  },
  { client: 'Claude Code', route: 'GET /v1/models?limit=1000', tests: { 'claude-code': ['finds the models that the gateway offers'] } },
  { client: 'Claude Code', route: 'HEAD /api/hello', tests: { 'claude-code': ['asks first whether anybody is there'] } },
  {
    client: 'Codex SDK, and Codex with a base alone',
    route: 'GET /v1/responses with an upgrade, which is refused with 426',
    tests: { 'codex-sdk': ['GET /v1/responses 426'], 'codex-responses': ['it tries a socket first, as its SDK does'] },
  },
  {
    client: 'Codex SDK',
    route: 'POST /v1/responses: turns of a thread, what they used',
    tests: { 'codex-sdk': ['streams two turns of a thread with a command that writes a file, and tells what they used'] },
  },
  {
    client: 'Codex',
    route: 'POST /v1/responses',
    tests: {
      codex: ['runs a shell command that writes a file'],
      'codex-messages': ['runs a shell command that writes a file'],
      'codex-responses': ['runs a shell command that writes a file', 'survives a cut stream'],
      matrix: ['Codex 0.169'],
    },
  },
  {
    client: 'openai',
    route: 'POST /v1/chat/completions: roles first, calls with index, id and type, an end, usage',
    tests: {
      chat: ['streams a text with its usage', 'runs tools in parallel to the end', 'parses an answer of a given form'],
      matrix: ['openai, chat runTools'],
    },
  },
  {
    client: 'openai',
    route: 'POST /v1/responses, and the seven routes around it',
    tests: {
      openai: ['streams a text, delta by delta', 'streams a call, takes its output, and goes on', 'streams reasoning as a summary'],
      'openai-state': [
        'reads a response again, whole and as a stream',
        'takes a stream up again by its own helper',
        'pages through what led to it',
        'throws its own error classes for what is not there, or cannot be',
        'counts the tokens of a request, and compacts a conversation',
      ],
      matrix: ['openai, responses.stream'],
    },
  },
  {
    client: '@anthropic-ai/sdk and Python anthropic',
    route: 'POST /v1/messages: either header and any version, an end, usage in numbers, threads refused',
    tests: {
      anthropic: ['streams a text, delta by delta', 'is let in by its key as Bearer', 'runs tools in a loop: without threads', 'counts tokens'],
      matrix: ['@anthropic-ai/sdk, toolRunner', 'Python anthropic'],
    },
  },
  {
    client: 'AI SDK, @ai-sdk/openai',
    route: 'POST /v1/responses: times, ids, indexes, statuses of calls, deltas',
    tests: { 'openai-state': ['runs two steps with a tool and then refers to their items'], matrix: ['AI SDK, @ai-sdk/openai'] },
  },
  {
    client: 'AI SDK, @ai-sdk/openai-compatible',
    route: 'POST /v1/chat/completions: an end, reasoning_content',
    tests: { chat: ['streams reasoning, calls a tool and goes on'], matrix: ['AI SDK, @ai-sdk/openai-compatible'] },
  },
  {
    client: 'AI SDK, @ai-sdk/anthropic',
    route: 'POST /v1/messages: usage at the start, no event of our own',
    tests: { matrix: ['AI SDK, @ai-sdk/anthropic'] },
  },
  {
    client: '@openai/agents',
    route: 'POST /v1/responses: responses kept, ids and statuses taken back',
    tests: {
      'openai-state': ['runs two turns with a tool on the ids of responses', 'sends its history itself, ids and all'],
      matrix: ['@openai/agents, Responses'],
    },
  },
  {
    client: 'opencode',
    route: 'any of the three, with a title asked for without tools, and x-api-key',
    tests: { chat: ['opencode: writes a file'], matrix: ['opencode, @ai-sdk/openai-compatible', 'opencode, @ai-sdk/openai', 'opencode, @ai-sdk/anthropic'] },
  },
  {
    client: 'litellm',
    route: 'any of the three: Bearer, and x-api-key with 2023-06-01',
    tests: { litellm: ["'openai/m': 'chat', 'openai/responses/m': 'responses', 'anthropic/m': 'messages'", 'thinks, calls a tool and says a text'] },
  },
];
