import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import type { Dialect } from '../../core/contract/dialect.ts';
import { findPreset, presetNames } from '../../core/pipeline/catalogue.ts';
import { workFolder } from '../support/folders.ts';
import { type Finished, type RunningGateway, runGateway } from '../support/run-gateway.ts';
import { startStrict } from '../support/strict-presets.ts';
import type { Turn } from '../support/turn.ts';
import { THOUGHTS } from './support/preset-script.ts';
import { type Client, ELSEWHERE } from './support/preset-tasks.ts';
import { runClaude } from './support/run-claude.ts';
import { runCodex } from './support/run-codex.ts';

/** A client's task through a preset, and the dialect it reaches the provider in: Chat's, though more may be offered. */
interface Task {
  client: Client;
  preset: string;
  model: string;
  dialect?: Dialect;
}

const PROMPT = 'Write the file and look';
const TASKS: readonly Task[] = [
  { client: 'Codex 0.169', preset: 'glm', model: 'glm-5.3' },
  { client: 'Codex 0.169', preset: 'cerebras', model: 'gpt-oss-120b' },
  { client: 'Codex 0.169', preset: 'openai-compatible', model: 'm' },
  { client: 'Claude Code 2.1.329', preset: 'zai', model: 'glm-5.3', dialect: 'messages' },
  { client: 'Claude Code 2.1.329', preset: 'zai', model: 'glm-5.3' }, // where only ZAI_BASE_URL says where it is
  { client: 'Claude Code 2.1.329', preset: 'glm', model: 'glm-5.1', dialect: 'messages' },
  { client: 'Claude Code 2.1.329', preset: 'cerebras', model: 'gpt-oss-120b' },
  { client: 'Claude Code 2.1.329', preset: 'openai-compatible', model: 'm' },
  { client: 'Claude Code 2.1.329', preset: 'vllm', model: 'Qwen/Qwen3-Coder-Next' },
  { client: 'Claude Code 2.1.329', preset: 'lmstudio', model: 'openai/gpt-oss-20b' },
  { client: 'Claude Code 2.1.329', preset: 'lmstudio', model: 'openai/gpt-oss-20b', dialect: 'messages' },
  { client: 'Claude Code 2.1.329', preset: 'llamacpp', model: 'tiny.gguf' },
  { client: 'Claude Code 2.1.329', preset: 'llamacpp', model: 'tiny.gguf', dialect: 'messages' },
];

/** How each is run, and the call that its shell understands. */
const CLIENTS: Record<
  Client,
  { shell(command: string): { name: string; input: object }; run(gateway: RunningGateway, model: string, folder: string): Promise<Finished> }
> = {
  'Codex 0.169': {
    shell: (cmd) => ({ name: 'exec_command', input: { cmd } }),
    run: ({ codexConfig }, model, folder) => runCodex(PROMPT, { config: codexConfig, overrides: { model }, folder }),
  },
  'Claude Code 2.1.329': {
    shell: (command) => ({ name: 'Bash', input: { command, description: 'Does it.' } }),
    run: ({ url }, model, folder) => runClaude(PROMPT, { url, model, folder }),
  },
};
/** A call, two calls side by side, an answer; thoughts before each. */
const turnsOf = (client: Client): Turn[] => {
  const { shell } = CLIENTS[client];
  return [
    { thinking: THOUGHTS[0], text: 'I write it.', calls: [shell('printf "there and back" > out.txt')] },
    { thinking: THOUGHTS[1], calls: [shell('cat out.txt'), shell('echo "and the rest"')] },
    { thinking: THOUGHTS[2], text: 'All done.' },
  ];
};

describe('presets whose providers refuse what the real ones refuse, the rest', () => {
  for (const { client, preset, model, dialect = 'chat' } of TASKS) {
    it(`${client} does its task through ${preset} in ${dialect}: reasoning, calls, and the reasoning back`, async () => {
      const provider = await startStrict(preset);
      let gateway: RunningGateway | undefined;
      try {
        if (dialect !== 'chat') expect((await findPreset(preset))().endpoints).to.have.property(dialect);
        const endpoints = { chat: provider.base, ...(dialect === 'messages' && { messages: provider.base }) };
        const config = JSON.stringify({ preset: [preset, { endpoints, apiKey: provider.key }] });
        gateway = await runGateway([], { folder: workFolder({ 'proxy.config.json': config }) });
        provider.script(...turnsOf(client));
        const folder = workFolder();
        const { stdout, stderr, exitCode } = await CLIENTS[client].run(gateway, model, folder);
        expect(provider.refused, stderr).to.deep.equal([]);
        expect({ said: stdout.trim(), exitCode }, stderr).to.deep.equal({ said: 'All done.', exitCode: 0 });
        expect(readFileSync(join(folder, 'out.txt'), 'utf8')).to.equal('there and back');
        expect(provider.asked.map((body) => body.model)).to.deep.equal([model, model, model]);
        const last = JSON.stringify(provider.asked[2]?.messages);
        for (const thought of THOUGHTS.slice(0, 2)) expect(last).to.include(JSON.stringify(thought));
        expect(last).to.include('there and back').and.include('and the rest');
        expect(gateway.child.stderr).to.include(`"lane":"${dialect === 'messages' ? 'native' : 'translated'}"`);
      } finally {
        await gateway?.stop();
        await provider.stop();
      }
    });
  }

  it('Claude Code runs a harmless command through demo, when it is asked to list the files', async () => {
    const gateway = await runGateway(['--no-config', '--preset', 'demo']);
    try {
      const { stdout, stderr, exitCode } = await runClaude('list the files', { url: gateway.url, model: 'tapline-demo' });
      expect(stdout, stderr).to.match(/^The command printed:[\s\S]*tapline-demo/);
      expect(exitCode).to.equal(0);
    } finally {
      await gateway.stop();
    }
  });
});

describe('the table of presets', () => {
  const here = TASKS.map(({ client, preset }) => `${client} through ${preset}`);
  const elsewhere = ELSEWHERE.flatMap(({ client, presets }) => presets.map((preset) => `${client} through ${preset}`));

  for (const preset of presetNames()) {
    it(`has a task of either client through ${preset}`, () => {
      for (const client of Object.keys(CLIENTS)) expect([...here, ...elsewhere]).to.include(`${client} through ${preset}`);
    });
  }

  for (const { client, file, title, presets } of ELSEWHERE) {
    it(`names tests that there are: ${client}, ${file}, ${presets.join(', ')}`, () => {
      const text = readFileSync(join(import.meta.dirname, `${file}.e2e.ts`), 'utf8');
      expect(text).to.include(title);
      const rows = text.slice(text.lastIndexOf('for (const [', text.indexOf(title)), text.indexOf(title));
      if (title.includes('$')) for (const preset of presets) expect(rows).to.include(`['${preset}', `);
    });
  }
});
