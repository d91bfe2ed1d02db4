import { readFileSync } from 'node:fs';
import { join } from 'node:path';
// biome-ignore-start lint/suspicious/noTsIgnore: the clients are there once run.ts has installed them, and "npm test" checks types before
// @ts-ignore
import { createAnthropic } from '@ai-sdk/anthropic';
// @ts-ignore
import { createOpenAI } from '@ai-sdk/openai';
// @ts-ignore
import { createOpenAICompatible } from '@ai-sdk/openai-compatible';
// @ts-ignore
import Anthropic from '@anthropic-ai/sdk';
// @ts-ignore
import { Agent, tool as agentTool, OpenAIProvider, Runner } from '@openai/agents';
// @ts-ignore
import { tool as aiTool, isStepCount, jsonSchema, streamText } from 'ai';
// @ts-ignore
import OpenAI from 'openai';
// biome-ignore-end lint/suspicious/noTsIgnore: see above
import { Child, plainEnvironment } from '../../support/child.ts';
import { homeFolder } from '../../support/folders.ts';
import type { Finished, RunningGateway } from '../../support/run-gateway.ts';
import { runClaude } from './run-claude.ts';
import { runCodex } from './run-codex.ts';
import { runPython } from './run-python.ts';

// biome-ignore lint/suspicious/noExplicitAny: without the clients there are no types
type Any = any;

/** What a client made of two turns. */
export interface Outcome {
  /** What it was told at the end. */
  said: string;
  /** What its tool was told, or wrote. */
  did: string;
}

/** A real client that asks something, runs the tool it is asked to run, and shows the answer. */
export interface MatrixClient {
  /** The route it asks. */
  dialect: 'chat' | 'responses' | 'messages';
  /** The call that its tool understands, so that it ends in `did`. */
  call(folder: string): { name: string; input: object };
  run(gateway: RunningGateway, folder: string): Promise<Outcome>;
  /** It asks for more than the turns. */
  title?: true;
}

export const DID = 'there "and" back';
const OPENCODE = join(import.meta.dirname, '../node_modules/.bin/opencode');
const FILE = 'out.txt';
const COMMAND = `printf '${DID}' > ${FILE}`;
const MODEL = 'm';
const PROMPT = 'go there and back';
const KEY = 'not-needed-here';
const SCHEMA = { type: 'object' as const, properties: { way: { type: 'string' } }, required: ['way'], additionalProperties: false as const };
const walks = () => ({ name: 'walk', input: { way: DID } });
const v1 = ({ url }: RunningGateway) => `${url}/v1`;

/** A tool that remembers what it was told. */
class Walk {
  told = '';
  readonly run = ({ way }: Any): string => {
    this.told = way;
    return 'walked';
  };
}

export const CLIENTS: Record<string, MatrixClient> = {
  'Codex 0.169': {
    dialect: 'responses',
    call: () => ({ name: 'exec_command', input: { cmd: COMMAND } }),
    run: async ({ codexConfig }, folder) => fromFile(await runCodex(PROMPT, { config: codexConfig, folder, overrides: { model: MODEL } }), folder),
  },
  'Claude Code 2.1.329': {
    dialect: 'messages',
    call: () => ({ name: 'Bash', input: { command: COMMAND, description: 'Does it.' } }),
    run: async ({ url }, folder) => fromFile(await runClaude(PROMPT, { url, folder }), folder),
  },
  'openai, responses.stream': {
    dialect: 'responses',
    call: walks,
    async run(gateway) {
      const client = new OpenAI({ baseURL: v1(gateway), apiKey: KEY, maxRetries: 0 });
      const asked: Any = { model: MODEL, tools: [{ type: 'function', name: 'walk', parameters: SCHEMA, strict: true }], store: false };
      asked.include = ['reasoning.encrypted_content'];
      const question = { role: 'user', content: PROMPT };
      const first: Any = await client.responses.stream({ ...asked, input: [question] }).finalResponse();
      const call = first.output.find(({ type }: Any) => type === 'function_call');
      const output = { type: 'function_call_output', call_id: call.call_id, output: 'walked' };
      const second: Any = await client.responses.stream({ ...asked, input: [question, ...first.output, output] }).finalResponse();
      return { said: second.output_text, did: JSON.parse(call.arguments).way };
    },
  },
  'openai, chat runTools': {
    dialect: 'chat',
    call: walks,
    async run(gateway) {
      const walk = new Walk();
      const tool = { type: 'function', function: { name: 'walk', description: 'Walks.', parameters: SCHEMA, function: walk.run, parse: JSON.parse } };
      const client: Any = new OpenAI({ baseURL: v1(gateway), apiKey: KEY, maxRetries: 0 });
      const runner = client.chat.completions.runTools({ model: MODEL, stream: true, messages: [{ role: 'user', content: PROMPT }], tools: [tool] });
      return { said: await runner.finalContent(), did: walk.told };
    },
  },
  '@anthropic-ai/sdk, toolRunner': {
    dialect: 'messages',
    call: walks,
    async run({ url }) {
      const walk = new Walk();
      const client: Any = new Anthropic({ baseURL: url, apiKey: KEY, maxRetries: 0 });
      const tool = { type: 'custom', name: 'walk', description: 'Walks.', input_schema: SCHEMA, run: walk.run, parse: (input: unknown) => input };
      const asked = { model: MODEL, max_tokens: 4_000, messages: [{ role: 'user', content: PROMPT }], tools: [tool] };
      const message: Any = await client.beta.messages.toolRunner(asked);
      return { said: message.content.map(({ text = '' }: Any) => text).join(''), did: walk.told };
    },
  },
  'AI SDK, @ai-sdk/openai': aiSdk('responses', (baseURL) => createOpenAI({ baseURL, apiKey: KEY })(MODEL)),
  'AI SDK, @ai-sdk/openai chat': aiSdk('chat', (baseURL) => createOpenAI({ baseURL, apiKey: KEY }).chat(MODEL)),
  'AI SDK, @ai-sdk/openai-compatible': aiSdk('chat', (baseURL) => createOpenAICompatible({ name: 'tapline', baseURL, apiKey: KEY, includeUsage: true })(MODEL)),
  'AI SDK, @ai-sdk/anthropic': aiSdk('messages', (baseURL) => createAnthropic({ baseURL, apiKey: KEY })(MODEL)),
  '@openai/agents, Responses': agents('responses'),
  '@openai/agents, Chat': agents('chat'),
  'Python openai, Responses': {
    dialect: 'responses',
    call: walks,
    run: (gateway) => python(gateway, PYTHON_RESPONSES),
  },
  'Python openai, Chat': {
    dialect: 'chat',
    call: walks,
    run: (gateway) => python(gateway, PYTHON_CHAT),
  },
  'Python anthropic': {
    dialect: 'messages',
    call: walks,
    run: (gateway) => python(gateway, PYTHON_MESSAGES),
  },
  'opencode, @ai-sdk/openai-compatible': opencode('chat', '@ai-sdk/openai-compatible'),
  'opencode, @ai-sdk/openai': opencode('responses', '@ai-sdk/openai'),
  'opencode, @ai-sdk/anthropic': opencode('messages', '@ai-sdk/anthropic'),
};

function aiSdk(dialect: MatrixClient['dialect'], modelOf: (baseURL: string) => Any): MatrixClient {
  return {
    dialect,
    call: walks,
    async run(gateway) {
      const walk = new Walk();
      const tools = { walk: aiTool({ description: 'Walks.', inputSchema: jsonSchema(SCHEMA), execute: async (told: Any) => walk.run(told) }) };
      const result: Any = streamText({ model: modelOf(v1(gateway)), prompt: PROMPT, tools, stopWhen: isStepCount(3), maxRetries: 0 });
      const steps: Any[] = await result.steps;
      return { said: steps.at(-1).text, did: walk.told };
    },
  };
}

function agents(dialect: 'responses' | 'chat'): MatrixClient {
  return {
    dialect,
    call: walks,
    async run(gateway) {
      const walk = new Walk();
      const tools = [agentTool({ name: 'walk', description: 'Walks.', parameters: SCHEMA, execute: async (told: Any) => walk.run(told) })];
      const modelProvider = new OpenAIProvider({ apiKey: KEY, baseURL: v1(gateway), useResponses: dialect === 'responses' });
      const runner: Any = new Runner({ modelProvider, tracingDisabled: true });
      const result = await runner.run(new Agent({ name: 'Walker', instructions: 'Be brief.', model: MODEL, tools }), PROMPT, { stream: true });
      await result.completed;
      return { said: result.finalOutput, did: walk.told };
    },
  };
}

function opencode(dialect: MatrixClient['dialect'], npm: string): MatrixClient {
  return {
    dialect,
    title: true,
    call: (folder) => ({ name: 'write', input: { filePath: join(folder, FILE), content: DID } }),
    async run(gateway, folder) {
      const provider = { npm, name: 'Tapline', options: { baseURL: v1(gateway), apiKey: KEY }, models: { [MODEL]: { name: MODEL } } };
      const config = JSON.stringify({ model: `tapline/${MODEL}`, provider: { tapline: provider } });
      const environment = plainEnvironment({ HOME: homeFolder(), OPENCODE_CONFIG_CONTENT: config });
      const child = new Child(OPENCODE, ['run', PROMPT], { folder, environment, timeout: 60_000 });
      const exitCode = await child.ended;
      const { said, did } = fromFile({ stdout: child.stdout, stderr: child.stderr, exitCode }, folder);
      return { said: said.split('\n').at(-1) ?? '', did }; // it prints the text of each turn
    },
  };
}

async function python(gateway: RunningGateway, script: string): Promise<Outcome> {
  return JSON.parse(await runPython(script, { BASE: gateway.url, SCHEMA: JSON.stringify(SCHEMA), PROMPT })) as Outcome;
}

const PYTHON_RESPONSES = `
import os, json, openai
client = openai.OpenAI(base_url=os.environ["BASE"] + "/v1", api_key="x", max_retries=0)
asked = dict(model="m", tools=[{"type": "function", "name": "walk", "parameters": json.loads(os.environ["SCHEMA"]), "strict": True}])
with client.responses.stream(input=os.environ["PROMPT"], **asked) as stream:
    for _ in stream: pass
    first = stream.get_final_response()
call = next(item for item in first.output if item.type == "function_call")
output = [{"type": "function_call_output", "call_id": call.call_id, "output": "walked"}]
second = client.responses.create(input=output, previous_response_id=first.id, **asked)
print(json.dumps({"said": second.output_text, "did": json.loads(call.arguments)["way"]}))
`;
const PYTHON_CHAT = `
import os, json, openai
client = openai.OpenAI(base_url=os.environ["BASE"] + "/v1", api_key="x", max_retries=0)
messages = [{"role": "user", "content": os.environ["PROMPT"]}]
tools = [{"type": "function", "function": {"name": "walk", "parameters": json.loads(os.environ["SCHEMA"]), "strict": True}}]
with client.chat.completions.stream(model="m", messages=messages, tools=tools) as stream:
    for _ in stream: pass
    message = stream.get_final_completion().choices[0].message
call = message.tool_calls[0]
turn = {"role": "assistant", "content": message.content, "tool_calls": [{"id": call.id, "type": "function", "function": {"name": "walk", "arguments": call.function.arguments}}]}
whole = client.chat.completions.create(model="m", messages=[*messages, turn, {"role": "tool", "tool_call_id": call.id, "content": "walked"}], tools=tools)
print(json.dumps({"said": whole.choices[0].message.content, "did": json.loads(call.function.arguments)["way"]}))
`;
const PYTHON_MESSAGES = `
import os, json, anthropic
client = anthropic.Anthropic(base_url=os.environ["BASE"], api_key="x", max_retries=0)
messages = [{"role": "user", "content": os.environ["PROMPT"]}]
asked = dict(model="m", max_tokens=4000, tools=[{"name": "walk", "description": "Walks.", "input_schema": json.loads(os.environ["SCHEMA"])}])
with client.messages.stream(messages=messages, **asked) as stream:
    first = stream.get_final_message()
call = next(block for block in first.content if block.type == "tool_use")
turn = {"role": "assistant", "content": [block.model_dump(exclude_none=True) for block in first.content]}
result = {"role": "user", "content": [{"type": "tool_result", "tool_use_id": call.id, "content": "walked"}]}
second = client.messages.create(messages=[*messages, turn, result], **asked)
print(json.dumps({"said": "".join(block.text for block in second.content if block.type == "text"), "did": call.input["way"]}))
`;

function fromFile({ stdout, stderr, exitCode }: Finished, folder: string): Outcome {
  if (exitCode !== 0) throw new Error(`it ended with ${exitCode}\n${stdout}\n${stderr}`);
  return { said: stdout.trim(), did: readFileSync(join(folder, FILE), 'utf8') };
}
