// biome-ignore-start lint/suspicious/noTsIgnore: the clients are there once run.ts has installed them, and "npm test" checks types before
// @ts-ignore
import { createOpenAI } from '@ai-sdk/openai';
// @ts-ignore
import { Agent, tool as agentTool, OpenAIProvider, Runner } from '@openai/agents';
// @ts-ignore
import { tool as aiTool, generateText, isStepCount, jsonSchema, streamText } from 'ai';
import { expect } from 'chai';
// @ts-ignore
import OpenAI from 'openai';
// biome-ignore-end lint/suspicious/noTsIgnore: see above
import { type RunningGateway, runGateway } from '../support/run-gateway.ts';
import { type Play, ZaiProvider } from './support/zai-provider.ts';

// biome-ignore lint/suspicious/noExplicitAny: without the clients there are no types
type Any = any;

const MODEL = 'glm-5.3';
const KEY = 'not-needed-here';
const CITY = { type: 'object' as const, properties: { city: { type: 'string' } }, required: ['city'], additionalProperties: false as const };
const WEATHER = { type: 'function' as const, name: 'weather', description: 'Tells the weather.', parameters: CITY, strict: true };
/** One turn with a tool, and one that follows from it. */
const TWO_STEPS: Play[] = [
  { reasoning: 'A tool knows.', text: 'I look.', calls: [{ name: 'weather', arguments: { city: 'Bern' } }] },
  { reasoning: 'Now I know.', text: 'It rains in Bern.' },
];

describe('clients that leave their state to the gateway', () => {
  let provider: ZaiProvider;
  let gateway: RunningGateway;
  let base: string;
  before(async () => {
    provider = await ZaiProvider.start();
    gateway = await runGateway(['--preset', 'zai'], { environment: provider.environment });
    base = `${gateway.url}/v1`;
  });
  after(async () => {
    expect(await gateway.stop()).to.equal(0);
    await provider.stop();
  });
  /** Without the system message: role and text of each. */
  const heard = (at: number) => provider.asked[at]?.messages.filter(({ role }) => role !== 'system').map(({ role, content }) => [role, content]);
  const CONVERSATION = [
    ['user', 'weather in Bern?'],
    ['assistant', 'I look.'],
    ['tool', 'rain'],
  ];

  describe('the openai SDK', () => {
    let client: OpenAI;
    before(() => {
      client = new OpenAI({ baseURL: base, apiKey: KEY, maxRetries: 0 });
    });

    it('reads a response again, whole and as a stream', async () => {
      provider.script(...TWO_STEPS);
      const created: Any = await client.responses.create({ model: MODEL, input: 'weather in Bern?', tools: [WEATHER] });
      const { output_text: text, ...response } = (await client.responses.retrieve(created.id)) as Any;
      expect(text).to.equal('I look.');
      expect(response.output.map(({ type }: Any) => type)).to.deep.equal(['reasoning', 'message', 'function_call']);
      expect(created).to.deep.include(response);

      const events: Any[] = [];
      for await (const event of await client.responses.retrieve(created.id, { stream: true })) events.push(event);
      expect(events.map((event) => event.sequence_number)).to.deep.equal(events.map((_, at) => at));
      expect(events.at(-1).response).to.deep.equal(response);
      const rest: Any[] = [];
      for await (const event of await client.responses.retrieve(created.id, { stream: true, starting_after: 4 })) rest.push(event);
      expect(rest).to.deep.equal(events.slice(5));
    });

    it('takes a stream up again by its own helper', async () => {
      provider.script({ reasoning: 'Hm.', text: 'Three words, here 🎉.' });
      const { id } = await client.responses.create({ model: MODEL, input: 'hi' });
      const stream = client.responses.stream({ response_id: id, starting_after: 3 });
      let said = '';
      stream.on('response.output_text.delta', ({ delta }: Any) => {
        said += delta;
      });
      const { output_text: text, status } = await stream.finalResponse();
      expect([said, text, status]).to.deep.equal(['Three words, here 🎉.', 'Three words, here 🎉.', 'completed']);
    });

    it('continues a conversation by the id of its last response, and pages through what led to it', async () => {
      provider.script({ text: 'One.' }, { text: 'Two.' }, { text: 'Three.' });
      let previous: string | null = null;
      for (const input of ['first', 'second', 'third']) {
        const { id }: Any = await client.responses.stream({ model: MODEL, input, previous_response_id: previous }).finalResponse();
        previous = id;
      }
      expect(heard(2)).to.deep.equal([
        ['user', 'first'],
        ['assistant', 'One.'],
        ['user', 'second'],
        ['assistant', 'Two.'],
        ['user', 'third'],
      ]);
      const texts: string[] = [];
      for await (const item of client.responses.inputItems.list(previous ?? '', { limit: 2, order: 'asc' })) texts.push((item as Any).content[0].text);
      expect(texts).to.deep.equal(['first', 'One.', 'second', 'Two.', 'third']);
      const page: Any = await client.responses.inputItems.list(previous ?? '', { limit: 2 });
      expect(page.data.map(({ content }: Any) => content[0].text)).to.deep.equal(['third', 'Two.']);
      expect(page.has_more).to.equal(true);
    });

    it('gives the output of a tool to the response that called it', async () => {
      provider.script(...TWO_STEPS);
      const asked = { model: MODEL, tools: [WEATHER] };
      const first: Any = await client.responses.create({ ...asked, input: 'weather in Bern?' });
      const { call_id } = first.output.find(({ type }: Any) => type === 'function_call');
      const output = [{ type: 'function_call_output' as const, call_id, output: 'rain' }];
      const second: Any = await client.responses.create({ ...asked, input: output, previous_response_id: first.id });
      expect([second.output_text, second.previous_response_id]).to.deep.equal(['It rains in Bern.', first.id]);
      expect(heard(1)).to.deep.equal(CONVERSATION);
      expect(provider.refused).to.deep.equal([]); // it would refuse a call without the reasoning that led to it
    });

    it('counts the tokens of a request, and compacts a conversation that then goes on', async () => {
      provider.script({ text: 'One.' });
      const counted: Any = await client.responses.inputTokens.count({ model: MODEL, input: 'how many tokens are these?' });
      expect(counted.object).to.equal('response.input_tokens');
      expect(counted.input_tokens).to.be.within(4, 40);
      expect(provider.asked).to.deep.equal([]);
      const first: Any = await client.responses.create({ model: MODEL, input: 'first' });
      provider.script({ text: 'What was said: first, One.' }, { text: 'Two.' });
      const compacted: Any = await client.responses.compact({ model: MODEL, input: [{ role: 'user', content: 'first' }, ...first.output] as Any });
      const second: Any = await client.responses.create({ model: MODEL, input: [...compacted.output, { role: 'user', content: 'second' }] });
      expect(second.output_text).to.equal('Two.');
      expect(JSON.stringify(provider.asked[1]?.messages)).to.include('What was said: first, One.');
      expect(provider.refused).to.deep.equal([]);
    });

    it('throws its own error classes for what is not there, or cannot be', async () => {
      provider.script({ text: 'Yes.' });
      const asked = { model: MODEL, input: 'hi' };
      const { id } = await client.responses.create(asked);
      const cancelled = await failureOf(() => client.responses.cancel(id));
      expect(cancelled).to.be.instanceOf(OpenAI.BadRequestError);
      await client.responses.delete(id);
      for (const gone of [
        () => client.responses.retrieve(id),
        () => client.responses.delete(id),
        () => client.responses.cancel(id),
        () => client.responses.inputItems.list(id),
      ]) {
        expect(await failureOf(gone)).to.be.instanceOf(OpenAI.NotFoundError);
      }
      const unkept = await client.responses.create({ ...asked, store: false });
      for (const previous_response_id of [id, unkept.id, 'resp_never']) {
        const failure = await failureOf(() => client.responses.create({ ...asked, previous_response_id }));
        expect(failure).to.be.instanceOf(OpenAI.BadRequestError);
        expect([failure.code, failure.param]).to.deep.equal(['previous_response_not_found', 'previous_response_id']);
      }
      const conversation = await failureOf(() => client.responses.create({ ...asked, conversation: 'conv_1' }));
      expect([conversation.status, conversation.param]).to.deep.equal([400, 'conversation']);
      const limit = await failureOf(() => client.responses.inputItems.list(unkept.id, { limit: 0 }));
      expect([limit.status, limit.param]).to.deep.equal([400, 'limit']);
    });
  });

  describe('the OpenAI Agents SDK', () => {
    const weather = agentTool({ name: 'weather', description: 'Tells the weather.', parameters: CITY, execute: async () => 'rain' });
    const agent = new Agent({ name: 'Forecaster', instructions: 'Be brief.', model: MODEL, tools: [weather] });
    let runner: Any;
    before(() => {
      const modelProvider = new OpenAIProvider({ apiKey: KEY, baseURL: base, useResponses: true });
      runner = new Runner({ modelProvider, tracingDisabled: true });
    });

    for (const stream of [false, true]) {
      it(`runs two turns with a tool on the ids of responses, ${stream ? 'streaming' : 'whole'}`, async () => {
        provider.script({ text: 'Hello.' });
        const { id } = await new OpenAI({ baseURL: base, apiKey: KEY }).responses.create({ model: MODEL, input: 'hi' });
        provider.script(...TWO_STEPS, { text: 'Yes, an umbrella.' });
        const run = async (input: string, previousResponseId: string): Promise<Any> => {
          const result = await runner.run(agent, input, { previousResponseId, stream });
          if (stream) await result.completed;
          return result;
        };
        const first = await run('weather in Bern?', id);
        expect(first.finalOutput).to.equal('It rains in Bern.');
        const second = await run('an umbrella?', first.lastResponseId);
        expect(second.finalOutput).to.equal('Yes, an umbrella.');
        expect(heard(2)?.slice(2)).to.deep.equal([...CONVERSATION, ['assistant', 'It rains in Bern.'], ['user', 'an umbrella?']]);
        expect(provider.refused).to.deep.equal([]);
      });
    }

    it('sends its history itself, ids and all', async () => {
      provider.script(...TWO_STEPS, { text: 'Yes, an umbrella.' });
      const first = await runner.run(agent, 'weather in Bern?');
      const second = await runner.run(agent, [...first.history, { role: 'user', content: 'an umbrella?' }]);
      expect(second.finalOutput).to.equal('Yes, an umbrella.');
      expect(heard(2)).to.deep.equal([...CONVERSATION, ['assistant', 'It rains in Bern.'], ['user', 'an umbrella?']]);
      expect(provider.refused).to.deep.equal([]);
    });
  });

  describe('the AI SDK', () => {
    const tools = { weather: aiTool({ description: 'Tells the weather.', inputSchema: jsonSchema(CITY), execute: async () => 'rain' }) };
    const asked = () => ({ model: createOpenAI({ baseURL: base, apiKey: KEY })(MODEL), tools, stopWhen: isStepCount(5), maxRetries: 0 });

    for (const stream of [false, true]) {
      it(`runs two steps with a tool and then refers to their items, ${stream ? 'streaming' : 'whole'}`, async () => {
        provider.script(...TWO_STEPS, { text: 'Yes, an umbrella.' });
        const question = { role: 'user' as const, content: 'weather in Bern?' };
        const run = async (messages: Any[]): Promise<{ text: string; messages: Any[] }> => {
          if (!stream) {
            const { text, response } = await generateText({ ...asked(), messages });
            return { text, messages: response.messages };
          }
          const { text, response } = streamText({ ...asked(), messages });
          return { text: await text, messages: (await response).messages };
        };
        const first = await run([question]);
        expect(first.text).to.equal('It rains in Bern.');
        expect(provider.refused).to.deep.equal([]); // it would refuse a call without the reasoning that led to it
        expect(heard(1)).to.deep.equal(CONVERSATION);
        const second = await run([question, ...first.messages, { role: 'user', content: 'an umbrella?' }]);
        expect(second.text).to.equal('Yes, an umbrella.');
        expect(provider.refused).to.deep.equal([]);
      });
    }
  });
});

async function failureOf(ask: () => PromiseLike<unknown>): Promise<Any> {
  try {
    await ask();
  } catch (thrown) {
    if (thrown instanceof OpenAI.APIError) return thrown;
    throw thrown;
  }
  throw new Error('it was answered');
}
