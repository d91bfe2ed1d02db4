import { expect } from 'chai';
// biome-ignore lint/suspicious/noTsIgnore: the client is there once run.ts has installed it, and "npm test" checks types before
// @ts-ignore
import OpenAI from 'openai';
import { type RunningGateway, runGateway } from '../support/run-gateway.ts';
import { ScriptedProvider, says } from '../support/scripted-provider.ts';
import { ZAI_KEY, ZaiProvider } from './support/zai-provider.ts';

const MODEL = 'glm-5.3';
const WEATHER = {
  type: 'function' as const,
  name: 'weather',
  description: 'Tells the weather.',
  parameters: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'], additionalProperties: false },
  strict: true,
};

/** Without retries of its own: what the gateway answers is what is seen. */
const clientOf = ({ url }: RunningGateway): OpenAI => new OpenAI({ baseURL: `${url}/v1`, apiKey: 'not-needed-here', maxRetries: 0 });
async function failureOf(ask: () => Promise<unknown>): Promise<InstanceType<typeof OpenAI.APIError>> {
  try {
    await ask();
  } catch (thrown) {
    if (thrown instanceof OpenAI.APIError) return thrown;
    throw thrown;
  }
  throw new Error('it was answered');
}

describe('the openai SDK on zai', () => {
  let provider: ZaiProvider;
  let gateway: RunningGateway;
  let client: OpenAI;
  before(async () => {
    provider = await ZaiProvider.start();
    gateway = await runGateway(['--preset', 'zai'], { environment: provider.environment });
    client = clientOf(gateway);
  });
  after(async () => {
    expect(await gateway.stop()).to.equal(0);
    await provider.stop();
  });

  it('streams a text, delta by delta', async () => {
    provider.script({ text: 'Three words, here 🎉.' });
    const stream = client.responses.stream({ model: MODEL, input: 'hi', instructions: 'be brief' });
    const deltas: string[] = [];
    stream.on('response.output_text.delta', ({ delta }: { delta: string }) => deltas.push(delta));
    const { output_text: text, status, usage, model } = await stream.finalResponse();
    expect({ text, status, model }).to.deep.equal({ text: 'Three words, here 🎉.', status: 'completed', model: MODEL });
    expect(deltas.length).to.be.greaterThan(1);
    expect(deltas.join('')).to.equal(text);
    expect(usage).to.deep.include({ input_tokens: 171, output_tokens: 24, total_tokens: 195 });
    expect(provider.refused).to.deep.equal([]);
    expect(provider.asked[0]?.messages.map(({ role, content }) => [role, content])).to.deep.equal([
      ['system', 'be brief'],
      ['user', 'hi'],
    ]);
  });

  it('streams a call, takes its output, and goes on', async () => {
    const reasoning = 'Weather is asked for:\n  a tool knows.';
    provider.script({ reasoning, calls: [{ name: 'weather', arguments: { city: 'Zürich "Zoo"' } }] }, { text: 'It rains.' });
    const question = { role: 'user' as const, content: 'weather?' };
    const asked = { model: MODEL, tools: [WEATHER], tool_choice: 'required' as const, parallel_tool_calls: true, store: false };
    const first = await client.responses.stream({ ...asked, input: [question], include: ['reasoning.encrypted_content'] }).finalResponse();
    const call = first.output.find((item: { type: string }) => item.type === 'function_call');
    if (call?.type !== 'function_call') throw new Error('no call came');
    expect(JSON.parse(call.arguments)).to.deep.equal({ city: 'Zürich "Zoo"' });
    const output = { type: 'function_call_output' as const, call_id: call.call_id, output: 'rain' };
    const history = first.output as OpenAI.Responses.ResponseInputItem[];
    const second = await client.responses.stream({ ...asked, input: [question, ...history, output] }).finalResponse();
    expect(second.output_text).to.equal('It rains.');
    expect(provider.refused).to.deep.equal([]); // it would refuse a call without the reasoning that led to it
    expect(provider.asked[1]?.messages.at(-2)?.reasoning_content).to.equal(reasoning);
  });

  it('streams reasoning as a summary', async () => {
    provider.script({ reasoning: 'Let me think.\nTwice.', text: 'Thought.' });
    const stream = client.responses.stream({ model: MODEL, input: 'think', reasoning: { effort: 'high', summary: 'auto' } });
    const deltas: string[] = [];
    stream.on('response.reasoning_summary_text.delta', ({ delta }: { delta: string }) => deltas.push(delta));
    const { output } = await stream.finalResponse();
    expect(output.map(({ type }: { type: string }) => type)).to.deep.equal(['reasoning', 'message']);
    expect(output[0]).to.deep.include({ summary: [{ type: 'summary_text', text: 'Let me think.\nTwice.' }] });
    expect(deltas.join('')).to.equal('Let me think.\nTwice.');
    expect(provider.asked[0]?.reasoning_effort).to.equal('high');
  });

  it('answers at once when no stream is asked for', async () => {
    provider.script({ reasoning: 'Hm.', text: 'Whole.', calls: [{ name: 'weather', arguments: { city: 'Bern' } }] });
    const { output, output_text: text, status } = await client.responses.create({ model: MODEL, input: 'hi', tools: [WEATHER] });
    expect({ text, status }).to.deep.equal({ text: 'Whole.', status: 'completed' });
    expect(output.map(({ type }: { type: string }) => type)).to.deep.equal(['reasoning', 'message', 'function_call']);
    expect(provider.asked[0]?.stream ?? false).to.equal(false);
  });

  for (const [what, refusal, Class, code] of [
    ['used up quota', { status: 429, code: '1113', message: 'Insufficient balance.' }, 'RateLimitError', 'insufficient_quota'],
    ['a prompt that is too long', { status: 400, code: '1261', message: 'Prompt exceeds max length' }, 'BadRequestError', 'context_length_exceeded'],
    ['a refused key', { status: 401, code: '1000', message: 'Authentication Failed' }, 'InternalServerError', 'upstream_authentication_error'],
  ] as const) {
    it(`throws its own error class for ${what}, streaming or not`, async () => {
      provider.script(refusal);
      const asked = { model: MODEL, input: 'hi' };
      for (const attempt of [() => client.responses.create(asked), () => client.responses.stream(asked).finalResponse()]) {
        const failure = await failureOf(attempt);
        expect(failure).to.be.instanceOf(OpenAI[Class]);
        expect(failure.code).to.equal(code);
      }
      expect(provider.asked).to.have.length(2);
    });
  }

  it('throws its own error class, naming the field, for what the gateway refuses', async () => {
    provider.script({ text: 'never' });
    const failure = await failureOf(() => client.responses.create({ model: MODEL, input: 42 as unknown as string }));
    expect(failure).to.be.instanceOf(OpenAI.BadRequestError);
    expect(failure.param).to.equal('input');
    expect(provider.asked).to.deep.equal([]);
  });

  it('lists the models', async () => {
    const ids: string[] = [];
    for await (const { id } of client.models.list()) ids.push(id);
    expect(ids).to.deep.equal(['glm-5.3']);
  });
});

describe('the openai SDK on any Chat Completions server', () => {
  for (const [what, environment, authorization] of [
    ['without a key', {}, undefined],
    ['with the key of the environment', { TAPLINE_UPSTREAM_KEY: ZAI_KEY }, `Bearer ${ZAI_KEY}`],
  ] as const) {
    it(`works by --upstream, ${what}`, async () => {
      const provider = await ScriptedProvider.start(says('Plain and simple.'));
      const gateway = await runGateway(['--no-config', '--preset', 'openai-compatible', '--upstream', provider.base], { environment });
      try {
        const { output_text: text } = await clientOf(gateway).responses.stream({ model: 'any', input: 'hi' }).finalResponse();
        expect(text).to.equal('Plain and simple.');
        expect(provider.asked).to.have.length(1);
        expect(provider.asked[0]?.path).to.equal('/v1/chat/completions');
        expect(provider.asked[0]?.headers.authorization).to.equal(authorization);
      } finally {
        expect(await gateway.stop()).to.equal(0);
        await provider.stop();
      }
    });
  }
});
