import { answers, type ChatAnswer } from './chat-answer.ts';
import { json, type Reply, ScriptedProvider } from './scripted-provider.ts';

// biome-ignore lint/suspicious/noExplicitAny: bodies of any shape, right and wrong ones
export type Loose = any;

/** The ways in which a provider differs from plain Chat. */
export interface Accent {
  /** Returns the refusal of a request, or nothing. */
  refuses?(body: Loose): { status: number; body: object } | undefined;
  /** Returns the body in the way the provider understands it. */
  reads?(body: Loose): Loose;
  reasoning?: string;
  /** The id of the calls that it makes. */
  callId?: string;
  /** The model that it knows, beside another. */
  model?: string;
}

export const openaiRefusal = (message: string, status = 400) => ({
  status,
  body: { error: { message, type: 'invalid_request_error', param: null, code: null } },
});

/** A provider on this machine that follows instructions, calls tools if the prompt asks for it, and has an accent. */
export async function startAccent({ refuses, reads = (body) => body, reasoning, callId = 'call_1', model = 'm' }: Accent): Promise<ScriptedProvider> {
  const reply: Reply = (response, asked) => {
    if (asked.headers.authorization !== 'Bearer key-of-the-probe-0123456789')
      return json(401, { error: { message: 'Incorrect key-of-the-probe' } })(response, asked);
    if (asked.method === 'GET') return json(200, { data: [{ id: model }, { id: 'n' }] })(response, asked);
    const refusal = asked.body.model === model ? refuses?.(asked.body) : openaiRefusal('The model does not exist', 404);
    if (refusal) return json(refusal.status, refusal.body)(response, asked);
    return answers(answerTo(reads(structuredClone(asked.body))))(response, asked);
  };

  function answerTo(body: Loose): ChatAnswer {
    const { content } = body.messages.at(-1);
    const thoughts = reasoning === undefined ? {} : { reasoning };
    const limit = body.max_tokens ?? body.max_completion_tokens ?? 400;
    const usage = { prompt_tokens: tokensOf(body.messages), completion_tokens: Math.min(limit, 200) };
    if (/with the tool/.test(JSON.stringify(content)) && body.tools && body.tool_choice !== 'none') {
      const name = body.tool_choice?.function?.name ?? body.tools[0].function.name;
      return { ...thoughts, calls: [{ id: callId, name, arguments: '{"value":"blue"}' }], finish: 'tool_calls', usage };
    }
    return { ...thoughts, content: body.response_format ? '{"word":"hello"}' : 'Hello.', usage };
  }
  return ScriptedProvider.start(reply);
}

/** Counts words, and four tokens for each message. */
function tokensOf(messages: { content?: unknown }[]): number {
  const texts = messages.map(({ content }) => (Array.isArray(content) ? content.map(({ text = '' }) => text).join('') : String(content ?? '')));
  return texts.reduce((sum, text) => sum + 4 + text.split(/\s+/).filter(Boolean).length, 0);
}

const FIELDS = ['model', 'messages', 'max_tokens', 'stream', 'stop', 'response_format', 'tools', 'tool_choice', 'parallel_tool_calls', 'reasoning_effort'];
const ofMistral = (type: string, loc: (string | number)[], msg: string) => ({
  status: 422,
  body: { object: 'error', message: { detail: [{ type, loc: ['body', ...loc], msg }] } },
});
const plainMistral = (message: string) => ({ status: 400, body: { object: 'error', message, type: 'invalid_request_message_order', code: '3230' } });

/** Refuses extra fields, names, foreign ids, `required`, and a user's message behind a tool's output. */
export const mistralLike: Accent = {
  callId: 'Abc123xyz',
  refuses(body) {
    const extra = Object.keys(body).find((field) => field !== 'stream_options' && !FIELDS.includes(field));
    if (extra) return ofMistral('extra_forbidden', [extra], 'Extra inputs are not permitted');
    if (body.tool_choice === 'required') return ofMistral('enum', ['tool_choice'], "Input should be 'auto', 'none' or 'any'");
    for (const [at, message] of body.messages.entries()) {
      if (message.role === 'developer')
        return ofMistral('enum', ['messages', at, 'role'], "Input should be 'system', 'user', 'assistant' or 'tool'; not developer");
      if (message.name && message.role !== 'tool') return ofMistral('extra_forbidden', ['messages', at, 'name'], 'Extra inputs are not permitted');
      if (message.role === 'user' && body.messages[at - 1]?.role === 'tool') return plainMistral("Unexpected role 'user' after role 'tool'");
      if (message.tool_calls?.some(({ id }: Loose) => !/^[a-zA-Z0-9]{9}$/.test(id)))
        return { status: 400, body: { object: 'error', message: 'Tool call id has to be defined, a-z, A-Z, 0-9, with a length of 9.', code: '3280' } };
    }
    return undefined;
  },
};

/** Thinks, requires its reasoning back, and accepts no tool choice. */
export const deepseekLike: Accent = {
  reasoning: 'Let me see.',
  refuses(body) {
    if (body.tool_choice !== undefined) return openaiRefusal('deepseek-reasoner does not support this tool_choice');
    if (body.response_format?.type === 'json_schema') return openaiRefusal('This response_format type is unavailable now');
    if (body.messages.some(({ role, tool_calls: calls, reasoning_content: thoughts }: Loose) => role === 'assistant' && calls && thoughts === undefined))
      return openaiRefusal('The reasoning_content in the thinking mode must be passed back to the API.');
    if (JSON.stringify(body.messages).includes('image_url')) return openaiRefusal('unknown variant `image_url`, expected `text`');
    return undefined;
  },
};

/** Refuses nothing, ignores much, and turns each part into a message. */
export const ollamaLike: Accent = {
  reads({ max_completion_tokens: _, tool_choice: __, ...body }) {
    const messages = body.messages.flatMap((message: Loose) =>
      Array.isArray(message.content) ? message.content.map(({ text = '' }) => ({ ...message, content: text })) : [message],
    );
    return { ...body, messages };
  },
};
