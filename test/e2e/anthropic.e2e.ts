// biome-ignore-start lint/suspicious/noTsIgnore: the clients are there once run.ts has installed them, and "npm test" checks types before
// @ts-ignore
import { createAnthropic } from '@ai-sdk/anthropic';
// @ts-ignore
import Anthropic from '@anthropic-ai/sdk';
// @ts-ignore
import { generateText } from 'ai';
// biome-ignore-end lint/suspicious/noTsIgnore: as above
import { expect } from 'chai';
import { answers, type ChatAnswer } from '../support/chat-answer.ts';
import { type RunningGateway, runGateway } from '../support/run-gateway.ts';
import { json, sse } from '../support/scripted-provider.ts';
import { ChatScript } from './support/chat-script.ts';

// biome-ignore lint/suspicious/noExplicitAny: the SDK's types are not there where types are checked
type Loose = any;

const MODEL = 'some-model';
const HELLO = { model: MODEL, max_tokens: 1000, messages: [{ role: 'user' as const, content: 'hi' }] };
const SCHEMA = { type: 'object' as const, properties: { city: { type: 'string' } }, required: ['city'] };
const WEATHER = { name: 'weather', description: 'Tells the weather.', input_schema: SCHEMA };
const asksFor = (...cities: string[]): ChatAnswer => ({
  reasoning: 'Weather is asked for.',
  calls: cities.map((city, at) => ({ id: `call_${at}`, name: 'weather', arguments: JSON.stringify({ city }) })),
  finish: 'tool_calls',
});

describe('the Anthropic SDK on a Chat provider', () => {
  let provider: ChatScript;
  let gateway: RunningGateway;
  let client: Loose;
  before(async () => {
    provider = await ChatScript.start();
    gateway = await runGateway(['--no-config', '--preset', 'openai-compatible', '--upstream', provider.base]);
    client = new Anthropic({ baseURL: gateway.url, apiKey: 'not-needed-here', maxRetries: 0 });
  });
  after(async () => {
    expect(await gateway.stop()).to.equal(0);
    await provider.stop();
  });

  it('streams a text, delta by delta', async () => {
    provider.script(answers({ content: 'Three words, here 🎉.' }));
    const deltas: string[] = [];
    const stream = client.messages.stream({ ...HELLO, system: 'be brief' }).on('text', (delta: string) => deltas.push(delta));
    const { content, stop_reason: reason, usage, model } = await stream.finalMessage();
    expect({ content, reason, model }).to.deep.equal({ content: [{ type: 'text', text: 'Three words, here 🎉.' }], reason: 'end_turn', model: MODEL });
    expect(deltas).to.have.length(2);
    expect(usage).to.deep.include({ input_tokens: 15, cache_read_input_tokens: 5, output_tokens: 7 });
    expect(provider.asked[0].messages[0]).to.deep.equal({ role: 'system', content: 'be brief' });
  });

  it('answers at once when no stream is asked for', async () => {
    provider.script(answers({ content: 'Whole.' }));
    const { content, stop_reason: reason } = await client.messages.create(HELLO);
    expect({ content, reason }).to.deep.equal({ content: [{ type: 'text', text: 'Whole.' }], reason: 'end_turn' });
  });

  it('streams thinking and calls, takes their results in any order, and goes on', async () => {
    provider.script(answers(asksFor('Bern', 'Zürich "Zoo"')), answers({ content: 'It rains.' }));
    const asked = { ...HELLO, tools: [WEATHER], thinking: { type: 'enabled', budget_tokens: 5000 } };
    const first = await client.messages.stream(asked).finalMessage();
    expect(first.content.map(({ type }: Loose) => type)).to.deep.equal(['thinking', 'tool_use', 'tool_use']);
    expect(first.content[0].thinking).to.equal('Weather is asked for.');
    expect(first.content[2]).to.deep.include({ id: 'call_1', name: 'weather', input: { city: 'Zürich "Zoo"' } });
    const results = ['call_1', 'call_0'].map((tool_use_id) => ({ type: 'tool_result', tool_use_id, content: `of ${tool_use_id}` }));
    const messages = [...HELLO.messages, { role: 'assistant', content: first.content }, { role: 'user', content: results }];
    const second = await client.messages.stream({ ...asked, messages }).finalMessage();
    expect(second.content).to.deep.equal([{ type: 'text', text: 'It rains.' }]);
    const [, turn, ...outputs] = provider.asked[1].messages;
    expect(turn.reasoning_content).to.equal('Weather is asked for.');
    expect(outputs.map(({ content }: Loose) => content)).to.deep.equal(['of call_0', 'of call_1']);
    expect(provider.asked[1].reasoning_effort).to.equal('medium');
  });

  it('runs tools in a loop: without threads, with the whole conversation', async () => {
    provider.script(answers(asksFor('Bern', 'Genf')), answers({ content: 'Rain and sun.' }));
    const run = ({ city }: Loose) => (city === 'Bern' ? 'rain' : 'sun');
    const runner = client.beta.messages.toolRunner({ ...HELLO, system: 'sys', tools: [{ ...WEATHER, type: 'custom', run, parse: (input: unknown) => input }] });
    const { content } = await runner;
    expect(content).to.deep.equal([{ type: 'text', text: 'Rain and sun.' }]);
    expect(provider.asked).to.have.length(2);
    expect(provider.asked[1].messages.map(({ role }: Loose) => role)).to.deep.equal(['system', 'user', 'assistant', 'tool', 'tool']);
    expect(provider.asked[1].messages.slice(-2).map(({ content: told }: Loose) => told)).to.deep.equal(['rain', 'sun']);
  });

  it('tells at which stop sequence an answer ended', async () => {
    provider.script(answers({ content: 'One END two' }));
    for (const ask of [
      () => client.messages.create({ ...HELLO, stop_sequences: ['###', 'END'] }),
      () => client.messages.stream({ ...HELLO, stop_sequences: ['END'] }).finalMessage(),
    ]) {
      const { content, stop_reason, stop_sequence } = await ask();
      expect({ content, stop_reason, stop_sequence }).to.deep.equal({
        content: [{ type: 'text', text: 'One ' }],
        stop_reason: 'stop_sequence',
        stop_sequence: 'END',
      });
    }
  });

  it('parses an answer in a format', async () => {
    provider.script(answers({ content: '{"city":"Bern"}' }));
    const format = { type: 'json_schema', schema: SCHEMA };
    const { content } = await client.messages.create({ ...HELLO, output_config: { format } });
    expect(JSON.parse(content[0].text)).to.deep.equal({ city: 'Bern' });
    expect(provider.asked[0].response_format.json_schema.schema).to.deep.equal(SCHEMA);
  });

  it('counts tokens', async () => {
    const { input_tokens: tokens } = await client.messages.countTokens({ model: MODEL, messages: HELLO.messages });
    expect(tokens).to.be.a('number').greaterThan(0);
  });

  it('lists the models', async () => {
    const ids: string[] = [];
    for await (const { id } of client.models.list()) ids.push(id);
    expect(ids).to.deep.equal([]);
  });

  for (const [what, refusal, Class, status] of [
    ['a refused key', json(401, { error: { message: 'no' } }), 'InternalServerError', 502],
    ['a plan', json(403, { error: { message: 'no' } }), 'PermissionDeniedError', 403],
    ['an unknown model', json(404, { error: { message: 'no' } }), 'NotFoundError', 404],
    ['a refused request', json(400, { error: { message: 'no' } }), 'BadRequestError', 400],
    ['throttling', json(429, { error: { message: 'no' } }, { 'retry-after': '9' }), 'RateLimitError', 429],
    ['an overload', json(503, { error: { message: 'no' } }), 'InternalServerError', 529],
  ] as const) {
    it(`throws its own error class for ${what}, streaming or not`, async () => {
      provider.script(refusal);
      for (const ask of [() => client.messages.create(HELLO), () => client.messages.stream(HELLO).finalMessage()]) {
        const failure = await failureOf(ask);
        expect(failure).to.be.instanceOf((Anthropic as Loose)[Class]);
        expect(failure.status).to.equal(status);
        expect(failure.requestID).to.match(/^req_/);
      }
    });
  }

  it('throws its own error class, naming the field, for what the gateway refuses', async () => {
    provider.script(answers({ content: 'never' }));
    const failure = await failureOf(() => client.messages.create({ ...HELLO, messages: [{ role: 'user', content: [{ type: 'text', text: 7 }] }] }));
    expect(failure).to.be.instanceOf((Anthropic as Loose).BadRequestError);
    expect(failure.message).to.include('messages.0.content.0.text: ');
    expect(provider.asked).to.deep.equal([]);
  });

  it('is let in by its key as Bearer, and as x-api-key with an older version, as others send it; not with another key', async () => {
    const key = 'the-right-key-of-this-gateway';
    const own = await runGateway(['--no-config', '--preset', 'openai-compatible', '--upstream', provider.base], { environment: { TAPLINE_API_KEY: key } });
    try {
      provider.script(answers({ content: 'In.' }));
      const official = (apiKey: string) => new Anthropic({ baseURL: own.url, apiKey, maxRetries: 0 }).messages.create(HELLO);
      const { content } = await official(key);
      expect(content).to.deep.equal([{ type: 'text', text: 'In.' }]);
      const other = (apiKey: string) => generateText({ model: createAnthropic({ baseURL: `${own.url}/v1`, apiKey })(MODEL), prompt: 'hi', maxRetries: 0 });
      expect((await other(key)).text).to.equal('In.');
      expect((await failureOf(() => official('wrong'))).status).to.equal(401);
      expect((await other('wrong').catch((thrown: Loose) => thrown)).statusCode).to.equal(401);
      expect(provider.asked).to.have.length(2);
    } finally {
      await own.stop();
    }
  });

  it('throws when the stream is cut', async () => {
    provider.script(sse({ choices: [{ delta: { content: 'Half' } }] }));
    const failure = await failureOf(() => client.messages.stream(HELLO).finalMessage());
    expect(failure).to.be.instanceOf((Anthropic as Loose).APIError);
  });
});

async function failureOf(ask: () => Promise<unknown>): Promise<Loose> {
  try {
    await ask();
  } catch (thrown) {
    if (thrown instanceof (Anthropic as Loose).APIError) return thrown;
    throw thrown;
  }
  throw new Error('it was answered');
}
