import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { readSettings } from '../../core/config/settings.ts';
import type { Preset } from '../../core/contract/preset.ts';
import { findPreset } from '../../core/pipeline/catalogue.ts';
import { ASKED, codexBody, PARAMETERS, said, TOOL } from '../support/codex-body.ts';
import { ScriptedProvider, sse } from '../support/scripted-provider.ts';
import { CALL, DONE, refusalsOf, withGateway } from '../support/strict-play.ts';
import { eventsOf, startGateway } from '../support/test-gateway.ts';

// biome-ignore lint/suspicious/noExplicitAny: bodies of any shape
type Loose = any;

const MODELS = { ollama: 'gpt-oss:20b', vllm: 'Qwen/Qwen3-Coder-Next', lmstudio: 'openai/gpt-oss-20b', llamacpp: 'tiny.gguf' } as const;
type Name = keyof typeof MODELS;
const NAMES = Object.keys(MODELS) as Name[];

const NAMED = { type: 'function', name: 'read_file' };
const LATER = [...ASKED, said('assistant', 'It says: Title.'), said('developer', 'Be brief.'), said('user', 'Go on.')];
const codexOf = (name: Name, input: object[] = ASKED, more: object = {}) => codexBody(MODELS[name], input, more);
const withSchema = (schema: unknown) => ({ tools: [{ ...TOOL, parameters: { ...PARAMETERS, properties: { path: schema } } }] });
const CHAT = {
  messages: [
    { role: 'developer', content: 'You are helpful.' },
    { role: 'user', content: [{ type: 'text', text: 'What does the README say?' }] },
  ],
  max_completion_tokens: 100,
  store: false,
  n: 1,
};
const codexAt = '/v1/responses';
const chatAt = '/v1/chat/completions';

describe('a local server that refuses what the real one refuses or does not read', () => {
  for (const name of NAMES) {
    it(`${name} lets two turns of Codex pass, with the reasoning of the first in the second`, () =>
      withGateway(name, [], [CALL, DONE], async ({ provider, gateway }) => {
        const codex = { originator: 'codex_exec', 'user-agent': 'codex_exec/0.169.0 (Linux; x86_64)' };
        const ask = async (input: object[]): Promise<Loose> => eventsOf(await (await gateway.post(codexOf(name, input), codex)).text()).at(-1);
        const { output } = (await ask(ASKED)).response;
        expect(output.map(({ type }: Loose) => type)).to.deep.equal(['reasoning', 'message', 'function_call']);
        const second = await ask([...ASKED, ...output, { type: 'function_call_output', call_id: output[2].call_id, output: '# Title' }]);
        const told = second.response.output.map((item: Loose) => item.content?.[0].text ?? item.summary?.[0].text);
        expect(told, JSON.stringify(provider.refused)).to.deep.equal(['A title.', 'It says: Title.']);
        expect(JSON.stringify(provider.asked[1]?.body.messages)).to.include(JSON.stringify(CALL.reasoning));
      }));
  }

  const chat = (name: Name, more: object = {}) => ({ model: MODELS[name], ...CHAT, ...more });
  const rows: [Name, plugin: string, refusal: RegExp, path: string, body: object][] = [
    ['ollama', 'effort-words', /must be 'high'/, codexAt, codexOf('ollama', ASKED, { reasoning: { effort: 'xhigh' } })],
    ['ollama', 'tool-choice', /tool_choice is not read/, codexAt, codexOf('ollama', ASKED, { tool_choice: NAMED })],
    ['ollama', 'tool-choice', /tool_choice is not read/, codexAt, codexOf('ollama', ASKED, { tool_choice: 'none' })],
    ['ollama', 'max-tokens', /max_completion_tokens is not read/, chatAt, chat('ollama')],
    ['ollama', 'flatten-content', /message of its own/, chatAt, chat('ollama')],
    ['ollama', 'strict-flag', /strict is not read/, codexAt, codexOf('ollama')],
    ['ollama', 'tool-schema', /unmarshal bool/, codexAt, codexOf('ollama', ASKED, withSchema(true))],
    ['ollama', 'tool-schema', /unmarshal array/, codexAt, codexOf('ollama', ASKED, withSchema({ type: ['string', 'null'] }))],
    ['ollama', 'drop-params', /a field that is not read/, codexAt, codexOf('ollama')],
    ['vllm', 'reasoning-switch', /'low', 'medium' or 'high'/, codexAt, codexOf('vllm', ASKED, { reasoning: { effort: 'xhigh' } })],
    ['vllm', 'reasoning-switch', /'low', 'medium' or 'high'/, codexAt, codexOf('vllm', ASKED, { reasoning: { effort: 'none' } })],
    ['vllm', 'late-system', /must be at the beginning/, codexAt, codexOf('vllm', LATER)],
    ['vllm', 'strict-flag', /strict: Extra inputs/, codexAt, codexOf('vllm')],
    ['vllm', 'tool-schema', /Unrecognized schema: true/, codexAt, codexOf('vllm', ASKED, withSchema(true))],
    ['vllm', 'drop-params', /store: Extra inputs/, chatAt, chat('vllm')],
    ['lmstudio', 'effort-words', /Invalid 'reasoning_effort'/, codexAt, codexOf('lmstudio', ASKED, { reasoning: { effort: 'minimal' } })],
    ['lmstudio', 'tool-choice', /must be a string/, codexAt, codexOf('lmstudio', ASKED, { tool_choice: NAMED })],
    ['lmstudio', 'late-system', /must be at the beginning/, codexAt, codexOf('lmstudio', LATER)],
    ['lmstudio', 'max-tokens', /max_completion_tokens is not read/, chatAt, chat('lmstudio')],
    ['lmstudio', 'tool-schema', /Unrecognized schema: true/, codexAt, codexOf('lmstudio', ASKED, withSchema(true))],
    ['lmstudio', 'drop-params', /a field that is not read/, codexAt, codexOf('lmstudio')],
    ['llamacpp', 'reasoning-switch', /not read by the template/, codexAt, codexOf('llamacpp', ASKED, { reasoning: { effort: 'none' } })],
    ['llamacpp', 'tool-choice', /must be string/, codexAt, codexOf('llamacpp', ASKED, { tool_choice: NAMED })],
    ['llamacpp', 'late-system', /must be at the beginning/, codexAt, codexOf('llamacpp', LATER)],
    ['llamacpp', 'max-tokens', /max_completion_tokens is not read/, chatAt, chat('llamacpp')],
    ['llamacpp', 'tool-schema', /Unrecognized schema: true/, codexAt, codexOf('llamacpp', ASKED, withSchema(true))],
    ['llamacpp', 'drop-params', /store is not read/, chatAt, chat('llamacpp')],
  ];
  for (const [name, plugin, refusal, path, body] of rows) {
    it(`${name} refuses without ${plugin}, and not with it: ${refusal.source} (${path})`, async () => {
      expect((await refusalsOf(name, [plugin], path, body)).join()).to.match(refusal);
      expect(await refusalsOf(name, [], path, body)).to.deep.equal([]);
    });
  }

  it('ollama without reasoning-field does not get back what it thought', () =>
    withGateway('ollama', ['reasoning-field'], [CALL, DONE], async ({ provider, gateway }) => {
      const { output } = eventsOf(await (await gateway.post(codexOf('ollama'))).text()).at(-1).response;
      const result = { type: 'function_call_output', call_id: output[2].call_id, output: '# Title' };
      await (await gateway.post(codexOf('ollama', [...ASKED, ...output, result]))).text();
      expect(provider.refused.join()).to.include('reasoning is not what it was');
    }));
});

describe('a local server', () => {
  it('is asked in its own Messages, and in Chat by a client of Responses', async () => {
    for (const name of NAMES) {
      const provider = await ScriptedProvider.start(sse('data: [DONE]\n\n'));
      const known = (await findPreset(name))();
      const endpoints = Object.fromEntries(Object.keys(known.endpoints).map((dialect) => [dialect, provider.base]));
      const gateway = await startGateway({ preset: { ...known, endpoints } });
      try {
        const messages = { model: 'm', max_tokens: 10, stream: true, messages: [{ role: 'user', content: 'hi' }] };
        await (await gateway.post({ model: 'm', input: 'hi', stream: true })).text();
        await (await gateway.post(messages, {}, '/v1/messages')).text();
        const ways = provider.asked.map(({ path }) => path);
        expect(ways, name).to.deep.equal(['/v1/chat/completions', name === 'vllm' ? '/v1/chat/completions' : '/v1/messages']);
        expect(provider.asked[0]?.headers.authorization).to.equal(undefined);
      } finally {
        await gateway.stop();
        await provider.stop();
      }
    }
  });

  it('that breaks off with a line of its own is understood by clients of both lanes', async () => {
    const legacy =
      'data: {"choices":[{"delta":{"content":"The"}}]}\n\nerror: {"code":500,"message":"Context size has been exceeded.","type":"server_error"}\n\n';
    const provider = await ScriptedProvider.start(sse(legacy));
    const gateway = await startGateway({ preset: (await findPreset('llamacpp'))({ endpoints: { chat: provider.base } }) });
    try {
      const chat = { model: 'm', stream: true, messages: [{ role: 'user', content: 'hi' }] };
      const codes = [
        eventsOf(await (await gateway.post({ model: 'm', input: 'hi', stream: true })).text()).at(-1).response.error.code,
        eventsOf(await (await gateway.post(chat, {}, chatAt)).text()).at(-1).error.code,
      ];
      expect(codes).to.deep.equal(['context_length_exceeded', 'context_length_exceeded']);
    } finally {
      await gateway.stop();
      await provider.stop();
    }
  });
});

describe('where a local server is', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'tapline-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));
  const endpointsOf = async (preset: string, variables: Record<string, string>): Promise<Preset['endpoints']> => {
    const [only] = (await readSettings({ preset }, folder, variables)).presets;
    return only.endpoints;
  };

  it('is this machine, without a key, unless it is told', async () => {
    for (const [name, port] of [
      ['ollama', '11434'],
      ['vllm', '8000'],
      ['lmstudio', '1234'],
      ['llamacpp', '8080'],
    ] as const)
      expect(new Set(Object.values(await endpointsOf(name, {})))).to.deep.equal(new Set([`http://127.0.0.1:${port}/v1`]));
  });

  for (const [told, base] of [
    ['10.0.0.7:11434', 'http://10.0.0.7:11434/v1'],
    ['0.0.0.0:11434', 'http://127.0.0.1:11434/v1'],
    ['[::]:11434', 'http://127.0.0.1:11434/v1'],
    ['box', 'http://box/v1'],
    ['http://box:11434/', 'http://box:11434/v1'],
    ['https://box.example/ollama/v1', 'https://box.example/ollama/v1'],
  ] as const)
    it(`is ${base} where OLLAMA_HOST is ${told}`, async () => expect(await endpointsOf('ollama', { OLLAMA_HOST: told })).to.deep.equal({ chat: base }));

  for (const told of ['ftp://box', 'a b', 'http://'])
    it(`is refused where OLLAMA_HOST is ${told}`, async () => {
      const refused = await endpointsOf('ollama', { OLLAMA_HOST: told }).catch(({ message }: Error) => message);
      expect(refused).to.include(told).and.include('is not an http or https URL');
    });

  it('is not told a key over a network that can be read', async () => {
    const refused = await endpointsOf('ollama', { OLLAMA_HOST: 'box:11434', OLLAMA_API_KEY: 'k' }).catch(({ message }: Error) => message);
    expect(refused).to.include('the key would travel unencrypted to box:11434');
  });
});
