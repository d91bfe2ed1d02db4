import { json, type Reply, sse } from './scripted-provider.ts';

interface Call {
  id: string;
  name: string;
  arguments: string;
}

/** One turn of a model; the same for a stream and for a whole answer. */
export interface ChatAnswer {
  reasoning?: string;
  content?: string;
  refusal?: string;
  annotations?: object[];
  calls?: Call[];
  finish?: string;
  usage?: object | undefined;
}

const USAGE = {
  prompt_tokens: 20,
  completion_tokens: 7,
  total_tokens: 27,
  prompt_tokens_details: { cached_tokens: 5 },
  completion_tokens_details: { reasoning_tokens: 3 },
};

/** Answers in the requested form: a stream, with its texts cut in halves and its calls interleaved, or one body. */
export function answers(answer: ChatAnswer): Reply {
  const streamed = sse(...chunksOf(answer), 'data: [DONE]\n\n');
  const whole = json(200, wholeOf(answer));
  return (response, asked) => (asked.body.stream ? streamed : whole)(response, asked);
}

function chunksOf({ reasoning = '', content = '', refusal = '', annotations, calls = [], finish = 'stop', usage = USAGE }: ChatAnswer): object[] {
  const delta = (delta: object) => ({ choices: [{ index: 0, delta }] });
  return [
    delta({ role: 'assistant', content: '' }),
    ...halves(reasoning).map((text) => delta({ reasoning_content: text })),
    ...halves(content).map((text) => delta({ content: text })),
    ...(annotations ? [delta({ annotations })] : []),
    ...halves(refusal).map((text) => delta({ refusal: text })),
    ...calls.map(({ id, name }, index) => delta({ tool_calls: [{ index, id, type: 'function', function: { name, arguments: '' } }] })),
    ...[0, 1].flatMap((half) => calls.map((call, index) => delta({ tool_calls: [{ index, function: { arguments: halves(call.arguments)[half] ?? '' } }] }))),
    { choices: [{ index: 0, delta: {}, finish_reason: finish }], usage },
  ];
}

function wholeOf({ reasoning, content = '', refusal, annotations, calls, finish = 'stop', usage = USAGE }: ChatAnswer): object {
  const tool_calls = calls?.map(({ id, ...call }) => ({ id, type: 'function', function: call }));
  const message = { role: 'assistant', content, reasoning_content: reasoning, refusal, annotations, tool_calls };
  return { id: 'chatcmpl-1', object: 'chat.completion', choices: [{ index: 0, message, finish_reason: finish }], usage };
}

function halves(text: string): string[] {
  const middle = Math.ceil(text.length / 2);
  return [text.slice(0, middle), text.slice(middle)].filter(Boolean);
}
