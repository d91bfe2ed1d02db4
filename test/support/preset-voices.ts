import type { Call, NamedTurn } from './preset-provider.ts';
import { type Body, type Refusal, signatureOf, type Thoughts } from './strict-providers.ts';

/** A provider's way to write the turns of its model: chunks, a whole answer, ids. */
export interface Voice {
  callId(name: string, nth: number): string;
  stream(turn: NamedTurn, body: Body): string;
  whole(turn: NamedTurn, body: Body): object;
  /** Set if it speaks Messages too. */
  readonly messages?: Pick<Voice, 'stream' | 'whole'> & { refuse(body: Body, thoughts: Thoughts): Refusal | undefined };
  readonly messagesAuth?: 'bearer' | 'x-api-key';
}

const USAGE = { prompt_tokens: 312, completion_tokens: 46, total_tokens: 358, prompt_tokens_details: { cached_tokens: 256 } };
const pieces = (text: string): string[] => text.match(/[\s\S]{1,9}/gu) ?? [];
const sse = (chunks: object[]): string => `${chunks.map((chunk) => `data: ${JSON.stringify(chunk)}\n\n`).join('')}data: [DONE]\n\n`;
const finishOf = ({ calls }: NamedTurn): string => (calls.length > 0 ? 'tool_calls' : 'stop');
const asCall = ({ id, name, text }: Call): object => ({ id, type: 'function', function: { name, arguments: text } });

interface Accent {
  callId: Voice['callId'];
  thought?(text: string): object;
  /** Wraps the text of a thought. */
  around?(text: string): string;
  /** The part that signs a thought, sent by itself. */
  seal?(text: string): object;
  call?(call: Call, index: number): object[];
  /** The place of the usage; by default beside the choices of the last chunk. */
  usage?: 'choice' | 'tail';
}

/** Writes a call piece by piece, the name first. */
const inPieces =
  (id: string | undefined) =>
  (call: Call, index: number): object[] => [
    { index, id: call.id, type: 'function', function: { name: call.name, arguments: '' } },
    ...pieces(call.text).map((part) => ({ index, ...(id !== undefined && { id, type: 'function' }), function: { arguments: part } })),
  ];

function chatVoice({
  callId,
  thought = (text) => ({ content: null, reasoning_content: text }),
  around = (text) => text,
  seal,
  call = inPieces(undefined),
  usage,
}: Accent): Pick<Voice, 'callId' | 'stream' | 'whole'> {
  return {
    callId,
    stream(turn, { model }) {
      const chunk = (delta: object, finish: string | null = null, more: object = {}) => ({
        id: 'chatcmpl-1',
        object: 'chat.completion.chunk',
        created: 1_763_600_000,
        model,
        choices: [{ index: 0, delta, finish_reason: finish, ...(finish && usage === 'choice' && { usage: USAGE }) }],
        ...more,
      });
      return sse([
        chunk({ role: 'assistant', content: '' }),
        ...pieces(turn.reasoning ? around(turn.reasoning) : '').map((text) => chunk(thought(text))),
        ...(seal && turn.reasoning ? [chunk(seal(turn.reasoning))] : []),
        ...pieces(turn.text ?? '').map((content) => chunk({ content })),
        ...turn.calls.flatMap((each, at) => call(each, at).map((part) => chunk({ content: null, tool_calls: [part] }))),
        chunk({ content: '' }, finishOf(turn), usage ? {} : { usage: USAGE }),
        ...(usage === 'tail' ? [{ choices: [], object: 'chat.completion.chunk', model, usage: USAGE }] : []),
      ]);
    },
    whole(turn, { model }) {
      const { content, ...reasoning } = { content: undefined as unknown, ...(turn.reasoning && thought(turn.reasoning)) };
      const said = Array.isArray(content) ? [...content, { type: 'text', text: turn.text ?? '' }] : (turn.text ?? '');
      const message = { role: 'assistant', content: said, ...reasoning, ...(turn.calls.length > 0 && { tool_calls: turn.calls.map(asCall) }) };
      return { id: 'chatcmpl-1', object: 'chat.completion', model, choices: [{ index: 0, message, finish_reason: finishOf(turn) }], usage: USAGE };
    },
  };
}

/**
 * In Messages, a turn that calls tools must come back with its thinking, word for word; with `always`, a turn of any
 * model needs some thinking.
 */
function messagesVoice(refusal: Refusal, always = false): NonNullable<Voice['messages']> {
  let answers = 0;
  const blocksOf = ({ reasoning, text, calls }: NamedTurn): Body[] => [
    ...(reasoning ? [{ type: 'thinking', thinking: reasoning, signature: '1' }] : []),
    ...(text ? [{ type: 'text', text }] : []),
    ...calls.map(({ id, name, text: input }) => ({ type: 'tool_use', id, name, input: JSON.parse(input) })),
  ];
  const head = ({ model }: Body, turn: NamedTurn, content: Body[]) => ({
    id: `msg_${++answers}`, // Claude Code treats answers with the same id as one answer
    type: 'message',
    role: 'assistant',
    model,
    content,
    stop_reason: turn.calls.length > 0 ? 'tool_use' : 'end_turn',
    stop_sequence: null,
    usage: { input_tokens: 312, output_tokens: 46 },
  });
  return {
    refuse({ messages, thinking }, thoughts) {
      if (thinking?.type === 'disabled') return undefined;
      const uses = messages.flatMap(({ role, content }: Body) => (role === 'assistant' && Array.isArray(content) ? [content] : []));
      const forgotten = uses.some((content: Body[]) => {
        const call = content.find(({ type }) => type === 'tool_use');
        const thought = content[0].type === 'thinking' ? content[0].thinking : undefined;
        return call && (thoughts.has(call.id) ? thought !== thoughts.get(call.id) : always && thought === undefined);
      });
      return forgotten ? refusal : undefined;
    },
    whole: (turn, body) => head(body, turn, blocksOf(turn)),
    stream(turn, body) {
      const { stop_reason, ...message } = head(body, turn, []);
      const frame = (name: string, event: object) => `event: ${name}\ndata: ${JSON.stringify({ type: name, ...event })}\n\n`;
      const blocks = blocksOf(turn).flatMap((block, index) => [
        frame('content_block_start', { index, content_block: emptied(block) }),
        ...deltasOf(block).map((delta) => frame('content_block_delta', { index, delta })),
        frame('content_block_stop', { index }),
      ]);
      const end = frame('message_delta', { delta: { stop_reason, stop_sequence: null }, usage: { output_tokens: 46 } });
      return [frame('message_start', { message: { ...message, stop_reason: null } }), ...blocks, end, frame('message_stop', {})].join('');
    },
  };
}

function emptied(block: Body): object {
  if (block.type === 'thinking') return { type: 'thinking', thinking: '', signature: '' };
  return block.type === 'text' ? { type: 'text', text: '' } : { ...block, input: {} };
}

function deltasOf(block: Body): object[] {
  if (block.type === 'text') return pieces(block.text).map((text) => ({ type: 'text_delta', text }));
  if (block.type === 'tool_use') return pieces(JSON.stringify(block.input)).map((partial_json) => ({ type: 'input_json_delta', partial_json }));
  return [...pieces(block.thinking).map((thinking) => ({ type: 'thinking_delta', thinking })), { type: 'signature_delta', signature: block.signature }];
}

const PASSED_BACK = {
  status: 400,
  body: { error: { message: 'The `content[].thinking` in the thinking mode must be passed back to the API.', type: 'invalid_request_error', param: null } },
};

/** Here `code` is a string, and there is no `type`. */
const UNMODIFIED = { status: 400, body: { error: { code: '1210', message: 'thinking: must come back as it was' } } };
const NOT_RECEIVED = { status: 400, body: { error: { code: '1213', message: 'The prompt parameter was not received normally' } } };
const glmMessages = messagesVoice(UNMODIFIED);
const glm: Voice = {
  ...chatVoice({ callId: (_, nth) => `call_${String(nth).padStart(20, '0')}` }),
  messages: {
    ...glmMessages,
    refuse: (body, thoughts) =>
      /"type":"tool_result"[^{}]*"content":\[\]/.test(JSON.stringify(body.messages)) ? NOT_RECEIVED : glmMessages.refuse(body, thoughts),
  },
};

const FORMAT = 'anthropic-claude-v1';

/** The voices by the name of the preset. */
export const VOICES: Record<string, Voice> = {
  deepseek: {
    ...chatVoice({ callId: (_, nth) => `call_00_${String(nth).padStart(20, '0')}` }),
    messages: messagesVoice(PASSED_BACK, true),
    messagesAuth: 'x-api-key',
  },
  kimi: {
    ...chatVoice({ callId: (name, nth) => `${name}:${nth}`, thought: (reasoning_content) => ({ reasoning_content }), usage: 'choice' }),
    messages: messagesVoice(PASSED_BACK),
  },
  qwen: {
    ...chatVoice({ callId: (_, nth) => `call_${String(nth).padStart(24, 'a')}`, call: inPieces(''), usage: 'tail' }),
    messages: messagesVoice(PASSED_BACK),
    messagesAuth: 'x-api-key',
  },
  mistral: chatVoice({
    callId: (_, nth) => `hT4p${String(nth).padStart(5, '0')}`,
    thought: (text) => ({ content: [{ type: 'thinking', thinking: [{ type: 'text', text }] }] }),
    call: ({ id, name, text }) => [{ id, function: { name, arguments: text } }],
  }),
  ollama: {
    ...chatVoice({
      callId: (_, nth) => `call_${String(nth).padStart(8, 'q')}`,
      thought: (reasoning) => ({ content: '', reasoning }),
      call: ({ id, name, text }, index) => [{ id, index, type: 'function', function: { name, arguments: text } }],
      usage: 'tail',
    }),
    messages: messagesVoice(PASSED_BACK),
  },
  vllm: chatVoice({ callId: (_, nth) => `chatcmpl-tool-${String(nth).padStart(16, '0')}`, thought: (reasoning) => ({ reasoning }), usage: 'tail' }),
  lmstudio: {
    ...chatVoice({ callId: (_, nth) => String(376_512_849 + nth), thought: (reasoning_content) => ({ reasoning_content }) }),
    messages: messagesVoice(PASSED_BACK),
  },
  llamacpp: {
    ...chatVoice({ callId: (_, nth) => `1wNpqrejg1FCTjf6xq8JRC${String(nth).padStart(10, '0')}`, usage: 'tail' }),
    messages: messagesVoice(PASSED_BACK),
  },
  groq: chatVoice({
    callId: (_, nth) => `fc_${String(nth).padStart(16, '0')}`,
    thought: (reasoning) => ({ reasoning, channel: 'analysis' }),
    call: (call, index) => [{ ...asCall(call), index }],
    usage: 'tail',
  }),
  xai: chatVoice({ callId: (_, nth) => `call_${String(61_208_374 + nth)}`, call: (call, index) => [{ ...asCall(call), index }], usage: 'tail' }),
  openrouter: {
    ...chatVoice({
      callId: (_, nth) => `toolu_01N8hD5c${String(nth).padStart(14, '0')}`,
      thought: (reasoning) => ({ content: '', reasoning, reasoning_details: [{ type: 'reasoning.text', text: reasoning, format: FORMAT, index: 0 }] }),
      seal: (text) => ({ content: '', reasoning_details: [{ type: 'reasoning.text', signature: signatureOf(text), format: FORMAT, index: 0 }] }),
    }),
    messages: messagesVoice(PASSED_BACK),
  },
  openai: chatVoice({ callId: (_, nth) => `call_${String(nth).padStart(24, 'Z')}`, thought: () => ({ content: null }), usage: 'tail' }),
  gemini: chatVoice({
    callId: (_, nth) => `function-call-${String(1_837_465_012 + nth)}`,
    around: (text) => `<thought>${text}</thought>`,
    thought: (text) => ({ content: text, extra_content: { google: { thought: true } } }),
    call: (call, index) => [{ ...asCall(call), ...(index === 0 && { extra_content: { google: { thought_signature: signatureOf(call.id) } } }) }],
  }),
  zai: glm,
  glm,
  cerebras: chatVoice({ callId: (_, nth) => String(nth).padStart(9, 'c'), thought: (reasoning) => ({ reasoning }), usage: 'tail' }),
  'openai-compatible': chatVoice({ callId: (_, nth) => `call_${nth}` }),
};
