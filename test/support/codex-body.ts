/** A message in the form of Responses. */
export function said(role: string, text: string): object {
  return { type: 'message', role, content: [{ type: role === 'assistant' ? 'output_text' : 'input_text', text }] };
}

export const PARAMETERS = { type: 'object', properties: { path: { type: 'string' } }, required: ['path'], additionalProperties: false };
export const TOOL = { type: 'function', name: 'read_file', description: 'Reads a file.', strict: false, parameters: PARAMETERS };
/** The first question of a session. */
export const ASKED = [said('developer', 'You are Codex.'), said('user', 'What does the README say?')];

/** A request as Codex sends it; `more` replaces or adds fields. */
export function codexBody(model: string, input: object[], more: object = {}): object {
  return {
    model,
    stream: true,
    input,
    tools: [TOOL],
    tool_choice: 'auto',
    parallel_tool_calls: true,
    reasoning: { effort: 'medium', summary: 'auto' },
    store: false,
    include: ['reasoning.encrypted_content'],
    prompt_cache_key: '00000000-0000-7000-8000-000000000001',
    ...more,
  };
}
