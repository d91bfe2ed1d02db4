import { expect } from 'chai';
// biome-ignore lint/suspicious/noTsIgnore: the client is there once run.ts has installed it, and "npm test" checks types before
// @ts-ignore
import OpenAI from 'openai';
import type { ChatMessage } from '../../core/contract/chat-wire.ts';
import { answers, type ChatAnswer } from '../support/chat-answer.ts';
import { homeFolder, workFolder } from '../support/folders.ts';
import { type RunningGateway, runGateway } from '../support/run-gateway.ts';
import { json, type Reply, ScriptedProvider } from '../support/scripted-provider.ts';
import { CodexOnZai, catalogue, DONE, outputsOf, saidIn } from './support/codex-on-zai.ts';
import { type CodexVersion, runCodex } from './support/run-codex.ts';

const VERSIONS: CodexVersion[] = ['0.169', '0.110'];
const TIME = { name: 'time', description: 'Tells the time.', parameters: { type: 'object', properties: {} }, strict: false };
const calls = (name: string, id: string, reasoning: string, values: object = {}): ChatAnswer => ({
  reasoning,
  calls: [{ id, name, arguments: JSON.stringify(values) }],
  finish: 'tool_calls',
});

/** Refuses as DeepSeek does what came back without the reasoning that led to it; then goes on in its script. */
function strictly(...said: ChatAnswer[]): Reply {
  return (response, asked) => {
    if (asked.method === 'GET') return json(200, { object: 'list', data: [] })(response, asked);
    const bare = asked.body.messages.some(({ tool_calls: made, reasoning_content: reasoning }: ChatMessage) => made && !reasoning);
    const message = 'The `reasoning_content` in the thinking mode must be passed back to the API.';
    const refused = json(400, { error: { message, type: 'invalid_request_error', code: 'invalid_request_error' } });
    return (bare ? refused : answers(said.shift() ?? { content: 'the script is at its end' }))(response, asked);
  };
}

describe('a provider that refuses calls without their reasoning', () => {
  let provider: ScriptedProvider;
  let gateway: RunningGateway;
  before(async () => {
    provider = await ScriptedProvider.start();
    gateway = await runGateway(['--preset', 'openai-compatible', '--upstream', provider.base, '--lane', 'translated']);
  });
  after(async () => {
    await gateway.stop();
    await provider.stop();
  });
  /** What the model thought before each of its calls, as it came back last. */
  const thoughts = (): unknown[] =>
    provider.asked.at(-1)?.body.messages.flatMap(({ tool_calls: made, reasoning_content: reasoning }: ChatMessage) => (made ? [reasoning] : []));

  for (const version of VERSIONS) {
    it(`answers Codex ${version} in two turns with tools`, async () => {
      const [home, folder] = [homeFolder(), workFolder()];
      const turn = async (prompt: string, command: string[], ...said: ChatAnswer[]): Promise<void> => {
        provider.script(strictly(...said, { content: 'Done.' }));
        const { stdout, stderr, exitCode } = await runCodex(prompt, { version, home, folder, command, config: gateway.codexConfig });
        expect(stdout.trim(), stderr).to.equal('Done.');
        expect(exitCode).to.equal(0);
      };
      const runs = (id: string, reasoning: string) => calls('exec_command', `${id}_${version}`, reasoning, { cmd: 'echo one' });
      await turn('look', [], runs('call_a', 'First I look.'), runs('call_b', 'Once more.'));
      await turn('look again', ['resume', '--last'], runs('call_c', 'As asked.'));
      expect(thoughts()).to.deep.equal(['First I look.', 'Once more.', 'As asked.']);
    });
  }

  it('answers the openai SDK, where a program keeps calls and texts only', async () => {
    const client = new OpenAI({ baseURL: `${gateway.url}/v1`, apiKey: 'not-needed-here', maxRetries: 0 });
    provider.script(strictly(calls('time', 'call_1', 'A clock would help.'), calls('time', 'call_2', 'Again.'), { content: 'Noon.' }));
    const input: object[] = [{ role: 'user', content: 'What time is it?' }];
    let text = '';
    while (!text) {
      const { output, output_text: said } = await client.responses.create({ model: 'm', input, tools: [{ type: 'function', ...TIME }] } as never);
      const made = (output as { type: string; call_id: string }[]).filter(({ type }) => type === 'function_call');
      input.push(...made, ...made.map(({ call_id: id }) => ({ type: 'function_call_output', call_id: id, output: '12:00' })));
      text = said;
    }
    expect(text).to.equal('Noon.');
    expect(thoughts()).to.deep.equal(['A clock would help.', 'Again.']);
  });

  it('answers the openai SDK in Chat, whose messages have no place for reasoning', async () => {
    const client = new OpenAI({ baseURL: `${gateway.url}/v1`, apiKey: 'not-needed-here', maxRetries: 0 });
    provider.script(strictly(calls('time', 'call_3', 'A clock would help.'), calls('time', 'call_4', 'Again.'), { content: 'Noon.' }));
    const messages: object[] = [{ role: 'user', content: 'And what time is it now?' }];
    let text: string | null = null;
    while (!text) {
      const stream = client.chat.completions.stream({ model: 'm', messages, tools: [{ type: 'function', function: TIME }] } as never);
      const { role, content, tool_calls: made = [] } = await stream.finalMessage();
      messages.push({ role, content, ...(made.length > 0 && { tool_calls: made }) });
      messages.push(...(made as { id: string }[]).map(({ id }) => ({ role: 'tool', tool_call_id: id, content: '12:01' })));
      text = content;
    }
    expect(text).to.equal('Noon.');
    expect(thoughts()).to.deep.equal(['A clock would help.', 'Again.']);
  });
});

describe('sub-agents of Codex 0.169 in their newer form', () => {
  it('are told their task, which Codex would take for encrypted', async () => {
    const zai = await CodexOnZai.start();
    try {
      const task = 'Count the files, sub-agent number seven.';
      zai.provider.script((body) => {
        if (!saidIn(body).includes('ask a helper')) return { text: 'The helper counted 3 files.' };
        const made = outputsOf(body).length;
        if (made === 0) return { calls: [{ name: /^collaboration.*spawn_agent$/, arguments: { task_name: 'counter', message: task, fork_turns: 'none' } }] };
        return made === 1 ? { calls: [{ name: /^collaboration.*wait_agent$/, arguments: { timeout_ms: 30_000 } }] } : DONE;
      });
      await zai.succeed('ask a helper', { overrides: { model_catalog_json: catalogue({ multi_agent_version: 'v2' }) } });
      const child = zai.provider.asked.find((body) => !saidIn(body).includes('ask a helper'));
      expect(child?.messages.at(-1)?.content).to.contain(task);
      expect(saidIn(zai.asked(-1))).to.contain('The helper counted 3 files.');
    } finally {
      await zai.stop();
    }
  });
});
