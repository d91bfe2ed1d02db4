import { readFileSync } from 'node:fs';
import { join } from 'node:path';
// biome-ignore-start lint/suspicious/noTsIgnore: the clients are there once run.ts has installed them, and "npm test" checks types before
// @ts-ignore
import { createOpenAI } from '@ai-sdk/openai';
// @ts-ignore
import { createOpenAICompatible } from '@ai-sdk/openai-compatible';
// @ts-ignore
import { generateText, jsonSchema, stepCountIs, streamText, tool } from 'ai';
import { expect } from 'chai';
// @ts-ignore
import OpenAI from 'openai';
// biome-ignore-end lint/suspicious/noTsIgnore: as above
import { answers } from '../support/chat-answer.ts';
import { Child, plainEnvironment } from '../support/child.ts';
import { homeFolder, workFolder } from '../support/folders.ts';
import { speaks } from '../support/messages-answer.ts';
import { type RunningGateway, runGateway } from '../support/run-gateway.ts';
import { json, type Reply, ScriptedProvider, sse } from '../support/scripted-provider.ts';
import { runPython } from './support/run-python.ts';

interface Turn {
  thinking?: string;
  text?: string;
  calls?: { id: string; name: string; input: object }[];
  stop?: 'length';
}

const OPENCODE = join(import.meta.dirname, 'node_modules/.bin/opencode');
const SCHEMA = { type: 'object', properties: { a: { type: 'number' }, b: { type: 'number' } }, required: ['a', 'b'], additionalProperties: false };
const QUESTION = { role: 'user' as const, content: 'hi' };
const SUMS = [
  { id: 'c1', name: 'add', input: { a: 1, b: 2 } },
  { id: 'c2', name: 'add', input: { a: 3, b: 4 } },
];
const HALF_OF_CHAT = 'data: {"choices":[{"index":0,"delta":{"content":"Half"}}]}\n\n';
const HALF_OF_MESSAGES = [
  {
    type: 'message_start',
    message: { id: 'msg_1', type: 'message', role: 'assistant', model: 'm', content: [], usage: { input_tokens: 1, output_tokens: 1 } },
  },
  { type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } },
  { type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: 'Half' } },
]
  .map((event) => `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`)
  .join('');
const PYTHON = `
import os, json, openai
client = openai.OpenAI(base_url=os.environ["BASE"], api_key="x", max_retries=0)
messages = [{"role": "user", "content": "hi"}]
tools = [{"type": "function", "function": {"name": "add", "parameters": {"type": "object", "properties": {}}}}]
with client.chat.completions.stream(model="m", messages=messages, tools=tools, stream_options={"include_usage": True}) as stream:
    for _ in stream: pass
    final = stream.get_final_completion()
call = final.choices[0].message.tool_calls[0]
whole = client.chat.completions.create(model="m", messages=[*messages, {"role": "assistant", "content": None, "tool_calls": [{"id": call.id, "type": "function", "function": {"name": "add", "arguments": call.function.arguments}}]}, {"role": "tool", "tool_call_id": call.id, "content": "3"}], tools=tools)
try:
    client.chat.completions.create(model="m", messages=messages, n=2)
except openai.BadRequestError as error:
    refused = error.param
print(json.dumps([final.choices[0].finish_reason, call.function.arguments, final.usage.total_tokens, whole.choices[0].message.content, refused]))
`;

/** A provider of each dialect says the same; over its own dialect a Chat client's request is translated too. */
for (const [dialect, half, replyOf] of [
  [
    'messages',
    HALF_OF_MESSAGES,
    ({ thinking, text, calls, stop }: Turn) => speaks({ ...given({ thinking, text, calls }), ...(stop && { stop: 'max_tokens' }) }),
  ],
  [
    'chat',
    HALF_OF_CHAT,
    ({ thinking, text, calls = [], stop }: Turn) =>
      answers({
        ...given({ reasoning: thinking, content: text }),
        calls: calls.map(({ id, name, input }) => ({ id, name, arguments: JSON.stringify(input) })),
        finish: stop ?? (calls.length > 0 ? 'tool_calls' : 'stop'),
      }),
  ],
] as [string, string, (turn: Turn) => Reply][]) {
  describe(`Chat clients over a provider that speaks ${dialect}`, () => {
    let provider: ScriptedProvider;
    let gateway: RunningGateway;
    let client: OpenAI;
    const script = (...turns: Turn[]) => {
      play(...turns.map(replyOf));
    };
    /** One reply per question; the last repeats. The list of models, which the gateway asks for when it likes, takes none. */
    const play = (...replies: Reply[]) => {
      provider.asked.length = 0;
      provider.script((response, asked) => {
        if (asked.method === 'GET') return json(404, {})(response, asked);
        return (replies.length > 1 ? replies.shift() : replies[0])?.(response, asked);
      });
    };
    before(async () => {
      provider = await ScriptedProvider.start();
      const upstream = ['--upstream', provider.base, '--upstream-dialect', dialect, '--lane', 'translated'];
      gateway = await runGateway(['--no-config', '--preset', 'openai-compatible', ...upstream]);
      client = new OpenAI({ baseURL: `${gateway.url}/v1`, apiKey: 'not-needed-here', maxRetries: 0 });
    });
    after(async () => {
      expect(await gateway.stop()).to.equal(0);
      await provider.stop();
    });

    it('openai: streams a text with its usage', async () => {
      script({ thinking: 'Hm.', text: 'Three words 🎉.' });
      const stream = client.chat.completions.stream({ model: 'm', messages: [QUESTION], stream_options: { include_usage: true } });
      const deltas: string[] = [];
      const thoughts: unknown[] = [];
      stream.on('content', (delta: string) => deltas.push(delta));
      stream.on('chunk', ({ choices: [choice] }: OpenAI.ChatCompletionChunk) =>
        thoughts.push((choice?.delta as { reasoning_content?: string })?.reasoning_content),
      );
      const { choices, usage, model, id } = await stream.finalChatCompletion();
      expect(choices[0]?.message.content).to.equal('Three words 🎉.');
      expect(deltas.length).to.be.greaterThan(1);
      expect([choices[0]?.finish_reason, model]).to.deep.equal(['stop', 'm']);
      expect(id).to.match(/^chatcmpl-/);
      expect(usage).to.deep.include({ prompt_tokens: 20, completion_tokens: 7, total_tokens: 27 });
      expect(thoughts.filter(Boolean).join('')).to.equal('Hm.');
    });

    it('openai: runs tools in parallel to the end', async () => {
      script({ text: 'Two sums.', calls: SUMS }, { text: 'Three and seven.' });
      const ran: object[] = [];
      const add = (told: { a: number; b: number }) => {
        ran.push(told);
        return String(told.a + told.b);
      };
      const runner = client.chat.completions.runTools({
        model: 'm',
        stream: true,
        messages: [QUESTION],
        tools: [{ type: 'function', function: { name: 'add', description: 'Adds.', parameters: SCHEMA, function: add, parse: JSON.parse } }],
      });
      expect(await runner.finalContent()).to.equal('Three and seven.');
      expect(ran).to.deep.equal(SUMS.map(({ input }) => input));
      expect(provider.asked).to.have.length(2);
      expect(JSON.stringify(provider.asked[1]?.body.messages)).to.include('"3"').and.include('"7"').and.include('c1').and.include('c2');
    });

    it('openai: parses an answer of a given form', async () => {
      script({ text: '{"a":1,"b":2}' });
      const response_format = { type: 'json_schema' as const, json_schema: { name: 'sum', strict: true, schema: SCHEMA } };
      const { choices } = await client.chat.completions.parse({ model: 'm', messages: [QUESTION], response_format });
      expect(JSON.parse(choices[0]?.message.content ?? '')).to.deep.equal({ a: 1, b: 2 });
    });

    it('openai: sees that an answer was cut off', async () => {
      script({ text: 'Half an ans', stop: 'length' });
      const { choices } = await client.chat.completions.create({ model: 'm', messages: [QUESTION], max_completion_tokens: 5 });
      expect(choices[0]).to.deep.include({ finish_reason: 'length' });
      expect(provider.asked[0]?.body.max_tokens).to.equal(5);
    });

    it('openai: throws its own error classes, for refusals here and there, and in the middle of a stream', async () => {
      const create = (body: object = {}) => client.chat.completions.create({ model: 'm', messages: [QUESTION], ...body }).catch((thrown: unknown) => thrown);
      expect(await create({ n: 2 }))
        .to.be.instanceOf(OpenAI.BadRequestError)
        .and.include({ param: 'n' });
      const refusal = { type: 'error', error: { type: 'rate_limit_error', code: 'rate_limit_exceeded', message: 'slow down' } };
      play(json(429, refusal, { 'retry-after': '7' }));
      expect(await create())
        .to.be.instanceOf(OpenAI.RateLimitError)
        .and.include({ code: 'rate_limit_exceeded' });
      play(sse(half));
      const thrown = await client.chat.completions
        .stream({ model: 'm', messages: [QUESTION] })
        .finalContent()
        .catch((error: unknown) => error);
      expect(thrown).to.be.instanceOf(OpenAI.APIError);
    });

    const MODELS = {
      '@ai-sdk/openai-compatible': (baseURL: string) => createOpenAICompatible({ name: 'tapline', baseURL, apiKey: 'x', includeUsage: true })('m'),
      '@ai-sdk/openai, chat': (baseURL: string) => createOpenAI({ baseURL, apiKey: 'x' }).chat('m'),
    };
    for (const [name, modelOf] of Object.entries(MODELS)) {
      it(`${name}: streams reasoning, calls a tool and goes on`, async () => {
        script({ thinking: 'Hm.', text: 'A sum.', calls: SUMS.slice(0, 1) }, { text: 'Three.' });
        const add = tool({
          description: 'Adds.',
          inputSchema: jsonSchema<{ a: number; b: number }>(SCHEMA as never),
          execute: async ({ a, b }: { a: number; b: number }) => a + b,
        });
        const result = streamText({ model: modelOf(`${gateway.url}/v1`), prompt: 'hi', tools: { add }, stopWhen: stepCountIs(3) });
        const steps = await result.steps;
        expect(steps.map(({ text, finishReason }: { text: string; finishReason: string }) => [text, finishReason])).to.deep.equal([
          ['A sum.', 'tool-calls'],
          ['Three.', 'stop'],
        ]);
        expect((await result.totalUsage).inputTokens).to.equal(40);
        if (name.endsWith('compatible')) expect(steps[0]?.reasoningText).to.equal('Hm.');
        const { text } = await generateText({ model: modelOf(`${gateway.url}/v1`), prompt: 'hi' });
        expect(text).to.equal('Three.');
      });
    }

    it('Python openai: streams a call, goes on with its output, and reads an error', async () => {
      script({ calls: SUMS.slice(0, 1) }, { text: 'Three.' });
      const printed = await runPython(PYTHON, { BASE: `${gateway.url}/v1` });
      expect(JSON.parse(printed)).to.deep.equal(['tool_calls', '{"a":1,"b":2}', 27, 'Three.', 'n']);
    }).timeout(60_000);

    it('opencode: writes a file with its tool, and says so', async () => {
      const folder = workFolder({ 'opencode.json': JSON.stringify(opencodeConfig(`${gateway.url}/v1`)) });
      const file = join(folder, 'hello.txt');
      const write = { id: 'w1', name: 'write', input: { filePath: file, content: 'hello' } };
      const [first, second] = [replyOf({ calls: [write] }), replyOf({ text: 'It is written.' })];
      play((response, asked) => {
        const isTitle = !asked.body.tools?.length;
        const isLater = asked.raw.includes('w1');
        return (isTitle || isLater ? second : first)(response, asked);
      });
      const child = new Child(OPENCODE, ['run', 'write hello into hello.txt'], {
        folder,
        environment: plainEnvironment({ HOME: homeFolder() }),
        timeout: 60_000,
      });
      expect(await child.ended, child.stderr).to.equal(0);
      expect(child.stdout).to.include('It is written.');
      expect(readFileSync(file, 'utf8')).to.equal('hello');
    }).timeout(75_000);
  });
}

/** Without what is not there: fields that may be absent may not be undefined. */
function given<Value extends object>(value: Value): { [Key in keyof Value]?: Exclude<Value[Key], undefined> } {
  return Object.fromEntries(Object.entries(value).filter(([, told]) => told !== undefined)) as never;
}

function opencodeConfig(baseURL: string): object {
  return {
    model: 'tapline/m',
    provider: { tapline: { npm: '@ai-sdk/openai-compatible', name: 'Tapline', options: { baseURL, apiKey: 'x' }, models: { m: { name: 'm' } } } },
  };
}
