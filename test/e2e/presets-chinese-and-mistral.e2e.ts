import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { workFolder } from '../support/folders.ts';
import { PRESET_KEY, PresetProvider } from '../support/preset-provider.ts';
import { type RunningGateway, runGateway } from '../support/run-gateway.ts';
import { bash, saidTo, shell, THOUGHTS, task } from './support/preset-script.ts';
import { runClaude } from './support/run-claude.ts';
import { runCodex } from './support/run-codex.ts';

// biome-ignore lint/suspicious/noExplicitAny: bodies of any shape
type Loose = any;

describe('presets whose providers refuse what the real ones refuse', () => {
  for (const [name, model] of [
    ['deepseek', 'deepseek-v4-pro'],
    ['kimi', 'kimi-k2.6'],
    ['qwen', 'qwen3.8-max'],
    ['mistral', 'mistral-medium-latest'],
  ] as const) {
    it(`Codex 0.169 does its task through ${name}: reasoning, calls, and the reasoning back`, async () => {
      const provider = await PresetProvider.start(name);
      const gateway = await runGateway(['--no-config', '--preset', name, '--upstream', provider.base], { environment: { TAPLINE_UPSTREAM_KEY: PRESET_KEY } });
      try {
        provider.script(...task(shell));
        const folder = workFolder();
        const { stdout, stderr, exitCode } = await runCodex('Write the file and look', { config: gateway.codexConfig, overrides: { model }, folder });
        expect(provider.refused, stderr).to.deep.equal([]);
        expect({ said: stdout.trim(), exitCode }, stderr).to.deep.equal({ said: 'All done.', exitCode: 0 });
        expect(readFileSync(join(folder, 'out.txt'), 'utf8')).to.equal('there and back');
        expect(provider.asked.map(({ body }) => body.model)).to.deep.equal([model, model, model]);
        for (const thought of THOUGHTS.slice(0, 2)) expect(saidTo(provider, 2)).to.include(JSON.stringify(thought));
        const outputs = provider.asked[2]?.body.messages.filter(({ role }: Loose) => role === 'tool').map(({ content }: Loose) => content);
        expect(outputs).to.have.length(3);
        expect(outputs.join()).to.include('there and back').and.include('and the rest');
      } finally {
        await gateway.stop();
        await provider.stop();
      }
    });
  }

  for (const [name, model, header] of [
    ['deepseek', 'deepseek-v4-pro', 'x-api-key'],
    ['kimi', 'kimi-k2.6', 'authorization'],
    ['qwen', 'qwen3.8-max', 'x-api-key'],
  ] as const) {
    it(`Claude Code does its task through ${name}, natively, with the key where it belongs`, async () => {
      const provider = await PresetProvider.start(name);
      let gateway: RunningGateway | undefined;
      try {
        const endpoints = { chat: provider.base, messages: provider.base };
        const config = JSON.stringify({ preset: [name, { endpoints, apiKey: PRESET_KEY }] });
        gateway = await runGateway([], { folder: workFolder({ 'proxy.config.json': config }) });
        provider.script(...task(bash));
        const folder = workFolder();
        const { stdout, stderr, exitCode } = await runClaude('Write the file and look', { url: gateway.url, model, folder });
        expect(provider.refused, stderr).to.deep.equal([]);
        expect({ stdout, exitCode }, stderr).to.deep.equal({ stdout: 'All done.\n', exitCode: 0 });
        expect(readFileSync(join(folder, 'out.txt'), 'utf8')).to.equal('there and back');
        expect(provider.asked.map(({ path }) => path.split('?')[0])).to.deep.equal(['/v1/messages', '/v1/messages', '/v1/messages']);
        for (const { headers } of provider.asked) expect(headers[header]).to.match(new RegExp(`${PRESET_KEY}$`));
        for (const thought of THOUGHTS.slice(0, 2)) expect(saidTo(provider, 2)).to.include(JSON.stringify(thought));
      } finally {
        await gateway?.stop();
        await provider.stop();
      }
    });
  }

  it('Claude Code does its task through mistral, which speaks Chat only', async () => {
    const provider = await PresetProvider.start('mistral');
    const gateway = await runGateway(['--no-config', '--preset', 'mistral', '--upstream', provider.base], {
      environment: { TAPLINE_UPSTREAM_KEY: PRESET_KEY },
    });
    try {
      provider.script(...task(bash));
      const folder = workFolder();
      const { stdout, stderr, exitCode } = await runClaude('Write the file and look', { url: gateway.url, model: 'mistral-medium-latest', folder });
      expect(provider.refused, stderr).to.deep.equal([]);
      expect({ stdout, exitCode }, stderr).to.deep.equal({ stdout: 'All done.\n', exitCode: 0 });
      expect(readFileSync(join(folder, 'out.txt'), 'utf8')).to.equal('there and back');
      for (const thought of THOUGHTS.slice(0, 2)) expect(saidTo(provider, 2)).to.include(JSON.stringify(thought));
    } finally {
      await gateway.stop();
      await provider.stop();
    }
  });
});
