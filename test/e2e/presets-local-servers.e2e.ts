import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { workFolder } from '../support/folders.ts';
import { PRESET_KEY, PresetProvider } from '../support/preset-provider.ts';
import { type RunningGateway, runGateway } from '../support/run-gateway.ts';
import { bash, saidTo, shell, THOUGHTS, task } from './support/preset-script.ts';
import { runClaude } from './support/run-claude.ts';
import { runCodex } from './support/run-codex.ts';

describe('local servers that refuse what the real ones refuse', () => {
  for (const [name, model] of [
    ['ollama', 'gpt-oss:20b'],
    ['vllm', 'Qwen/Qwen3-Coder-Next'],
    ['lmstudio', 'openai/gpt-oss-20b'],
    ['llamacpp', 'tiny.gguf'],
  ] as const) {
    it(`Codex 0.169 does its task through ${name}: reasoning, calls, and the reasoning back`, async () => {
      const provider = await PresetProvider.start(name);
      const gateway = await runGateway(['--no-config', '--preset', name, '--upstream', provider.base], { environment: { TAPLINE_UPSTREAM_KEY: PRESET_KEY } });
      try {
        provider.script(...task(shell));
        const folder = workFolder();
        const overrides = { model, model_reasoning_effort: 'xhigh' };
        const { stdout, stderr, exitCode } = await runCodex('Write the file and look', { config: gateway.codexConfig, overrides, folder });
        expect(provider.refused, stderr).to.deep.equal([]);
        expect({ said: stdout.trim(), exitCode }, stderr).to.deep.equal({ said: 'All done.', exitCode: 0 });
        expect(readFileSync(join(folder, 'out.txt'), 'utf8')).to.equal('there and back');
        expect(provider.asked.map(({ path }) => path)).to.deep.equal(Array(3).fill('/v1/chat/completions'));
        for (const thought of THOUGHTS.slice(0, 2)) expect(saidTo(provider, 2)).to.include(JSON.stringify(thought));
        expect(saidTo(provider, 2)).to.include('and the rest');
      } finally {
        await gateway.stop();
        await provider.stop();
      }
    });
  }

  it("Claude Code does its task through ollama's own Messages", async () => {
    const provider = await PresetProvider.start('ollama');
    let gateway: RunningGateway | undefined;
    try {
      const endpoints = { chat: provider.base, messages: provider.base };
      gateway = await runGateway([], {
        folder: workFolder({ 'proxy.config.json': JSON.stringify({ preset: ['ollama', { endpoints, apiKey: PRESET_KEY }] }) }),
      });
      expect(await claudeTask(gateway.url, provider)).to.deep.equal(Array(3).fill('/v1/messages'));
    } finally {
      await gateway?.stop();
      await provider.stop();
    }
  });

  it('Claude Code does its task through ollama where only OLLAMA_HOST says where it is: in Chat', async () => {
    const provider = await PresetProvider.start('ollama');
    const environment = { OLLAMA_HOST: new URL(provider.base).host, OLLAMA_API_KEY: PRESET_KEY };
    const gateway = await runGateway(['--no-config', '--preset', 'ollama'], { environment });
    try {
      expect(await claudeTask(gateway.url, provider)).to.deep.equal(Array(3).fill('/v1/chat/completions'));
    } finally {
      await gateway.stop();
      await provider.stop();
    }
  });
});

/** Where the provider was asked. */
async function claudeTask(url: string, provider: PresetProvider): Promise<(string | undefined)[]> {
  provider.script(...task(bash));
  const folder = workFolder();
  const { stdout, stderr, exitCode } = await runClaude('Write the file and look', { url, model: 'gpt-oss:20b', folder });
  expect(provider.refused, stderr).to.deep.equal([]);
  expect({ stdout, exitCode }, stderr).to.deep.equal({ stdout: 'All done.\n', exitCode: 0 });
  expect(readFileSync(join(folder, 'out.txt'), 'utf8')).to.equal('there and back');
  for (const thought of THOUGHTS.slice(0, 2)) expect(saidTo(provider, 2)).to.include(JSON.stringify(thought));
  return provider.asked.map(({ path }) => path.split('?')[0]);
}
