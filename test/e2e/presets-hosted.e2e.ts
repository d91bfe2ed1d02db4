import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { workFolder } from '../support/folders.ts';
import { runGateway } from '../support/run-gateway.ts';
import { startStrict } from '../support/strict-presets.ts';
import type { Turn } from '../support/turn.ts';
import { THOUGHTS } from './support/preset-script.ts';
import { runClaude } from './support/run-claude.ts';
import { runCodex } from './support/run-codex.ts';

// biome-ignore lint/suspicious/noExplicitAny: bodies of any shape
type Loose = any;

const shell = (cmd: string) => ({ name: 'exec_command', input: { cmd } });
const bash = (command: string) => ({ name: 'Bash', input: { command, description: 'Does it.' } });
/** A call, two calls side by side, an answer; thoughts before each. */
const task = (run: (command: string) => { name: string; input: object }): Turn[] => [
  { thinking: THOUGHTS[0], text: 'I write it.', calls: [run('printf "there and back" > out.txt')] },
  { thinking: THOUGHTS[1], calls: [run('cat out.txt'), run('echo "and the rest"')] },
  { thinking: THOUGHTS[2], text: 'All done.' },
];
/** What its Responses and Messages get back of the thoughts of earlier turns; the others refuse a request without them. */
const thoughtsIn = ({ messages, input }: Loose): Loose[] =>
  input?.filter(({ type, encrypted_content: sealed }: Loose) => type === 'reasoning' && sealed) ??
  messages.flatMap(({ content }: Loose) => (Array.isArray(content) ? content.filter(({ type, signature }) => type === 'thinking' && signature) : []));
const outputsIn = ({ messages, input }: Loose): string => JSON.stringify(messages ?? input);

describe('presets whose providers refuse what the real ones refuse, second part', () => {
  for (const [name, dialect, model] of [
    ['groq', 'chat', 'openai/gpt-oss-120b'],
    ['xai', 'responses', 'grok-4.7'],
    ['openrouter', 'chat', 'anthropic/claude-sonnet-5'],
    ['openai', 'responses', 'gpt-5.5'],
    ['anthropic', 'messages', 'claude-opus-5-5'],
    ['gemini', 'chat', 'gemini-3.8-flash'],
  ] as const) {
    it(`Codex 0.169 does its task through ${name}: reasoning, calls, and what was thought back`, async () => {
      const provider = await startStrict(name);
      const config = JSON.stringify({ preset: [name, { endpoints: { [dialect]: provider.base }, apiKey: provider.key }] });
      const gateway = await runGateway([], { folder: workFolder({ 'proxy.config.json': config }) });
      try {
        provider.script(...task(shell));
        const folder = workFolder();
        const overrides = { model, model_reasoning_effort: 'high' };
        const { stdout, stderr, exitCode } = await runCodex('Write the file and look', { config: gateway.codexConfig, overrides, folder });
        expect(provider.refused, stderr).to.deep.equal([]);
        expect({ said: stdout.trim(), exitCode }, stderr).to.deep.equal({ said: 'All done.', exitCode: 0 });
        expect(readFileSync(join(folder, 'out.txt'), 'utf8')).to.equal('there and back');
        expect(provider.asked.map((body) => body.model)).to.deep.equal([model, model, model]);
        expect(outputsIn(provider.asked[2])).to.include('there and back').and.include('and the rest');
        if (dialect !== 'chat') expect(thoughtsIn(provider.asked[2])).to.have.length(2);
      } finally {
        await gateway.stop();
        await provider.stop();
      }
    });
  }

  for (const [name, model] of [
    ['anthropic', 'claude-opus-5-5'],
    ['openrouter', 'anthropic/claude-sonnet-5'],
  ] as const) {
    it(`Claude Code does its task through ${name}, natively`, async () => {
      const provider = await startStrict(name);
      const config = JSON.stringify({ preset: [name, { endpoints: { messages: provider.base }, apiKey: provider.key }] });
      const gateway = await runGateway([], { folder: workFolder({ 'proxy.config.json': config }) });
      try {
        provider.script(...task(bash));
        const folder = workFolder();
        const { stdout, stderr, exitCode } = await runClaude('Write the file and look', { url: gateway.url, model, folder });
        expect(provider.refused, stderr).to.deep.equal([]);
        expect({ stdout, exitCode }, stderr).to.deep.equal({ stdout: 'All done.\n', exitCode: 0 });
        expect(readFileSync(join(folder, 'out.txt'), 'utf8')).to.equal('there and back');
        for (const thought of THOUGHTS.slice(0, 2)) expect(outputsIn(provider.asked[2])).to.include(JSON.stringify(thought));
      } finally {
        await gateway.stop();
        await provider.stop();
      }
    });
  }

  for (const [name, dialect, model] of [
    ['groq', 'chat', 'openai/gpt-oss-120b'],
    ['xai', 'responses', 'grok-4.7'],
    ['openai', 'responses', 'gpt-5.5'],
    ['gemini', 'chat', 'gemini-3.8-flash'],
  ] as const) {
    it(`Claude Code does its task through ${name}, whose dialect it does not speak`, async () => {
      const provider = await startStrict(name);
      const config = JSON.stringify({ preset: [name, { endpoints: { [dialect]: provider.base }, apiKey: provider.key }] });
      const gateway = await runGateway([], { folder: workFolder({ 'proxy.config.json': config }) });
      try {
        provider.script(...task(bash));
        const folder = workFolder();
        const { stdout, stderr, exitCode } = await runClaude('Write the file and look', { url: gateway.url, model, folder });
        expect(provider.refused, stderr).to.deep.equal([]);
        expect({ stdout, exitCode }, stderr).to.deep.equal({ stdout: 'All done.\n', exitCode: 0 });
        expect(readFileSync(join(folder, 'out.txt'), 'utf8')).to.equal('there and back');
      } finally {
        await gateway.stop();
        await provider.stop();
      }
    });
  }
});
