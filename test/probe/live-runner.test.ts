import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { openaiCompatible } from '../../presets/openai-compatible.ts';
import { checkProvider } from '../live/check-provider.ts';
import { findProviders } from '../live/find-providers.ts';
import { type Asked, json, type Reply, ScriptedProvider, says, sse } from '../support/scripted-provider.ts';

const RUN = fileURLToPath(new URL('../live/run.ts', import.meta.url));
const usage = { prompt_tokens: 10, completion_tokens: 5 };

/** A provider that does all it should. */
const good: Reply = (response, asked) => {
  if (asked.method === 'GET') return json(200, { data: [{ id: 'some-model' }] })(response, asked);
  const { messages, tools, stream } = asked.body as { messages: { role: string; content: string }[]; tools?: unknown; stream?: boolean };
  const call = { id: 'call_1', type: 'function', function: { name: 'get_weather', arguments: '{"city":"Paris"}' } };
  const text = textFor(messages, asked);
  if (stream) return says(text)(response, asked);
  const message =
    tools && messages.at(-1)?.role === 'user'
      ? { content: null, reasoning_content: 'I must ask.', tool_calls: [call] }
      : { content: text, reasoning_content: 'Hm.' };
  return json(200, { choices: [{ message, finish_reason: message.content === null ? 'tool_calls' : 'stop' }], usage })(response, asked);
};

function textFor(messages: { role: string; content: string }[], { raw }: Asked): string {
  if (messages.at(-1)?.role === 'tool') return raw.includes('purple') ? 'The sky is purple.' : 'No idea.';
  return raw.includes('What is my name') && raw.includes('My name is Ada') ? 'Ada' : 'pineapple';
}

describe('npm run test:live', () => {
  const check = async (reply: Reply) => {
    const provider = await ScriptedProvider.start(reply);
    try {
      const checked = await checkProvider(openaiCompatible({ endpoints: { chat: provider.base }, retries: { times: 0 } }));
      return { checked, failures: checked.flatMap(({ failure }) => failure ?? []), asked: provider.asked };
    } finally {
      await provider.stop();
    }
  };

  it('is content with a provider that does all it should, and gave it its thinking back', async () => {
    const { checked, failures, asked } = await check(good);
    expect(failures).to.deep.equal([]);
    expect(checked).to.have.length(6);
    expect(asked.some(({ raw }) => raw.includes('"reasoning_content":"I must ask."'))).to.equal(true);
  });

  it('finds fault with a provider that refuses everything', async () => {
    const { checked, failures } = await check(json(401, { error: { message: 'no such key' } }));
    expect([checked.length, failures.length]).to.deep.equal([6, 6]);
  });

  it('finds fault with a stream that breaks off, and with a tool that is not called', async () => {
    const { checked } = await check((response, asked) => {
      if (asked.method === 'POST' && asked.body.stream) return sse({ choices: [{ delta: { content: 'pine' } }] })(response, asked);
      if (asked.method === 'POST' && asked.body.tools)
        return json(200, { choices: [{ message: { content: 'Sunny.' }, finish_reason: 'stop' }], usage })(response, asked);
      return good(response, asked);
    });
    expect(checked.flatMap(({ it, failure }) => (failure ? it : []))).to.deep.equal([
      'answers in a stream that begins, goes on and ends as it must',
      'calls a tool, and reads what it put out',
      'is given its own thinking back between calls',
    ]);
  });

  it('finds providers by their keys, and gives none the key of any server', async () => {
    const any = { TAPLINE_UPSTREAM: 'http://127.0.0.1:1/v1', TAPLINE_UPSTREAM_KEY: 'key-for-any' };
    const { presets, looked } = await findProviders({ ZAI_API_KEY: 'key-of-zai', GLM_API_KEY: 'key-of-glm', ...any });
    expect(presets.map(({ name, apiKey }) => [name, apiKey])).to.deep.include.members([
      ['glm', 'key-of-glm'],
      ['openai-compatible', 'key-for-any'],
      ['zai', 'key-of-zai'],
    ]);
    expect(presets).to.have.length(3);
    expect(looked).to.include.members(['ZAI_API_KEY', 'GLM_API_KEY', 'TAPLINE_UPSTREAM', 'TAPLINE_UPSTREAM_KEY']);
  });

  it('exits 1 without a key, and says what it looks for', async () => {
    const { code, stderr } = await run({});
    expect(code).to.equal(1);
    expect(stderr).to.match(/set one of .*GLM_API_KEY.*TAPLINE_UPSTREAM.*ZAI_API_KEY/);
  });

  it('exits 0 when all is well', async () => {
    const provider = await ScriptedProvider.start(good);
    try {
      const { code, stdout } = await run({ TAPLINE_UPSTREAM: provider.base });
      expect([code, stdout.match(/✔/g)?.length], stdout).to.deep.equal([0, 6]);
    } finally {
      await provider.stop();
    }
  });

  function run(env: Record<string, string>): Promise<{ code: number; stdout: string; stderr: string }> {
    return new Promise((resolve) => {
      execFile(process.execPath, [RUN], { env }, (error, stdout, stderr) => resolve({ code: Number(error?.code ?? 0), stdout, stderr }));
    });
  }
});
