const WORDS = (
  'the file reads each line and returns a value when a test fails check the log before you edit code keep changes small ' +
  'prefer clear names run tests from the project root never print secrets ask first if a command deletes data use patch tool'
).split(' ');
const TOOLS = ['shell', 'update_plan', 'view_image', 'read_file', 'search_code', 'list_dir', 'write_stdin', 'fetch_page', 'docs', 'blame', 'spawn', 'wait'];
const TURNS = 8;

/** A request in the form that Codex sends after eight tool calls: about 54 KB, the same bytes every time. */
export function codexRequest(model: string): object {
  return {
    model,
    instructions: prose(14_000, 7),
    input: [
      message('developer', 'input_text', prose(2_600, 11)),
      message('user', 'input_text', 'Find why the parser test fails and fix it.'),
      ...Array.from({ length: TURNS }, (_, turn) => toolTurn(turn)).flat(),
      message('user', 'input_text', 'Go on.'),
    ],
    tools: TOOLS.map((name, at) => ({ type: 'function', name, description: prose(420, 400 + at), strict: false, parameters: parameters(4 + (at % 4), at) })),
    tool_choice: 'auto',
    parallel_tool_calls: true,
    store: false,
    stream: true,
    include: ['reasoning.encrypted_content'],
    prompt_cache_key: '00000000-0000-4000-8000-000000000000',
  };
}

function toolTurn(turn: number): object[] {
  const call_id = `call_${turn}`;
  const command = { command: ['bash', '-lc', prose(120, 200 + turn)], workdir: '/home/dev/project' };
  return [
    message('assistant', 'output_text', prose(180, 100 + turn)),
    { type: 'function_call', name: 'shell', arguments: JSON.stringify(command), call_id },
    { type: 'function_call_output', call_id, output: JSON.stringify({ output: prose(1_600, 300 + turn), metadata: { exit_code: 0 } }) },
  ];
}

function message(role: string, type: string, text: string): object {
  return { type: 'message', role, content: [{ type, text }] };
}

function parameters(count: number, seed: number): object {
  const properties = Array.from({ length: count }, (_, at) => {
    const description = prose(110, 500 + seed * 10 + at);
    return [`arg_${at}`, at % 3 === 2 ? { type: 'array', items: { type: 'string' }, description } : { type: 'string', description }];
  });
  return { type: 'object', properties: Object.fromEntries(properties), required: ['arg_0'], additionalProperties: false };
}

/** Text with line ends, quotes and tabs, so that some of it must be escaped. */
function prose(length: number, seed: number): string {
  let state = seed;
  const next = (below: number) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
  let text = '';
  while (text.length < length) text += WORDS[next(WORDS.length)] + (next(16) === 0 ? '\n- ' : next(25) === 0 ? ' `"x"`\t' : ' ');
  return text.slice(0, length);
}
