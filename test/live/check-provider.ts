import { messageOf } from '../../core/contract/errors.ts';
import type { Preset } from '../../core/contract/preset.ts';
import { systemClock } from '../../core/kit/system-clock.ts';
import { eventsOf, startGateway, type TestGateway } from '../support/test-gateway.ts';

export interface Checked {
  it: string;
  /** What is wrong; undefined where all is well. */
  failure?: string;
  /** What could not be looked at. */
  note?: string;
}
interface Item {
  type: string;
  call_id?: string;
  name?: string;
  arguments?: string;
  content?: { text?: string }[];
}
interface Answer {
  id: string;
  status: string;
  output: Item[];
  usage?: { input_tokens: number; output_tokens: number };
  error?: { message?: string };
}
type Check = (gateway: TestGateway, model: string) => Promise<string | undefined>;

const PROMPT = 'Answer with the one word: pineapple';
const WEATHER = {
  type: 'function',
  name: 'get_weather',
  description: 'Tells the weather of a city. The only way to know it.',
  parameters: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'], additionalProperties: false },
};
const user = (text: string): object => ({ type: 'message', role: 'user', content: [{ type: 'input_text', text }] });

/** What a provider must do for an agent, each as a real request through the gateway. */
const CHECKS: Record<string, Check> = {
  'lists its models': async ({ url }) => {
    const response = await fetch(`${url}/v1/models`);
    const { data = [] } = (await response.json()) as { data?: { id: string }[] };
    need(data.length > 0, `HTTP ${response.status}, and no model`);
    return `${data.length}: ${data.slice(0, 5).map(({ id }) => id)}`;
  },
  'answers whole, and tells what it used': async (gateway, model) => {
    const { output, usage } = await ask(gateway, { model, input: PROMPT });
    need(/pineapple/i.test(textOf(output)), `it said ${JSON.stringify(textOf(output))}`);
    need(usage !== undefined && usage.input_tokens > 0 && usage.output_tokens > 0, `usage is ${JSON.stringify(usage)}`);
    return undefined;
  },
  'answers in a stream that begins, goes on and ends as it must': async (gateway, model) => {
    const response = await gateway.post({ model, input: PROMPT, stream: true });
    const events = eventsOf(await response.text()) as { type: string; sequence_number: number; delta?: string; response?: Answer }[];
    const last = events.at(-1);
    need(events[0]?.type === 'response.created', `the first event is ${JSON.stringify(events[0])}`);
    need(last?.type === 'response.completed' && last.response !== undefined, `the last event is ${JSON.stringify(last)}`);
    need(
      events.every(({ sequence_number }, at) => sequence_number === at),
      'the events are not numbered one by one',
    );
    const streamed = events.flatMap(({ type, delta }) => (type === 'response.output_text.delta' ? delta : [])).join('');
    need(streamed === textOf(last?.response?.output ?? []), `it streamed ${JSON.stringify(streamed)}, and something else at its end`);
    return undefined;
  },
  'calls a tool, and reads what it put out': async (gateway, model) => {
    const asked = [user('What is the weather in Paris? Ask the tool.')];
    const { output } = await ask(gateway, { model, input: asked, tools: [WEATHER] });
    const { text } = await answerCall(gateway, model, asked, output);
    need(/purple/i.test(text), `told of a purple sky it said ${JSON.stringify(text)}`);
    return undefined;
  },
  'is given its own thinking back between calls': async (gateway, model) => {
    const asked = [user('What is the weather in Paris? Think, then ask the tool.')];
    const include = ['reasoning.encrypted_content'];
    const { output } = await ask(gateway, { model, input: asked, tools: [WEATHER], reasoning: { effort: 'high', summary: 'auto' }, include });
    await answerCall(gateway, model, asked, output);
    return output.some(({ type }) => type === 'reasoning') ? undefined : 'it showed no thinking';
  },
  'continues a conversation that is kept here': async (gateway, model) => {
    const { id } = await ask(gateway, { model, input: 'My name is Ada. Say hello.' });
    const { output } = await ask(gateway, { model, input: 'What is my name? One word.', previous_response_id: id });
    need(/ada/i.test(textOf(output)), `it said ${JSON.stringify(textOf(output))}`);
    return undefined;
  },
};

/** Runs every check on a gateway of its own; never throws. */
export async function checkProvider(preset: Preset, named?: string): Promise<Checked[]> {
  const gateway = await startGateway({ preset, clock: systemClock });
  try {
    const model = named ?? preset.models[0]?.id ?? (await gateway.gateway.models())[0]?.id ?? '';
    const checked: Checked[] = [];
    for (const [it, check] of Object.entries(CHECKS)) {
      const told = await check(gateway, model).then(
        (note) => (note === undefined ? {} : { note }),
        (thrown) => ({ failure: messageOf(thrown) }),
      );
      checked.push({ it, ...told });
    }
    return checked;
  } finally {
    await gateway.stop();
  }
}

async function ask(gateway: TestGateway, body: object): Promise<Answer> {
  const response = await gateway.post({ max_output_tokens: 4_000, ...body });
  const answer = (await response.json()) as Answer;
  need(answer.status === 'completed', `HTTP ${response.status}: ${answer.error?.message ?? answer.status}`);
  return answer;
}

async function answerCall(gateway: TestGateway, model: string, asked: object[], output: Item[]): Promise<{ text: string }> {
  const call = output.find(({ type }) => type === 'function_call');
  need(call?.name === WEATHER.name, `it called no tool, and said ${JSON.stringify(textOf(output))}`);
  need(typeof (JSON.parse(call?.arguments ?? '') as { city?: unknown }).city === 'string', `its arguments are ${call?.arguments}`);
  const result = { type: 'function_call_output', call_id: call?.call_id, output: '17 degrees, and the sky is purple' };
  const next = await ask(gateway, { model, input: [...asked, ...output, result], tools: [WEATHER] });
  return { text: textOf(next.output) };
}

function textOf(output: readonly Item[]): string {
  return output.flatMap(({ type, content = [] }) => (type === 'message' ? content.map(({ text = '' }) => text) : [])).join('');
}

function need(condition: boolean, failure: string): asserts condition {
  if (!condition) throw new Error(failure);
}
