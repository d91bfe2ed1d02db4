import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { workFolder } from './support/folders.ts';
import { startLlamaServer } from './support/llama-server.ts';
import { runCodex } from './support/run-codex.ts';
import { runClaude } from './support/run-claude.ts';
import { runGateway } from './support/run-gateway.ts';
describe('tmp', () => {
  for (const dialect of ['messages', 'responses']) for (const lane of [[], ['--lane', 'translated']]) it(`${dialect} ${lane}`, async () => {
    const server = await startLlamaServer(131_072);
    const gateway = await runGateway(['--no-config', '--preset', 'llamacpp', '--upstream', server.base, '--upstream-dialect', dialect, ...lane]);
    const folder = workFolder();
    const r = await runCodex('Make a file', { config: gateway.codexConfig, overrides: { model: 'tiny' }, folder, timeout: 40_000 });
    console.error(dialect, lane, 'CODEX', r.exitCode, r.stdout, r.stderr.slice(-700));
    try { console.error(readFileSync(join(folder, 'made.txt'), 'utf8')); } catch (e) { console.error(String(e)); }
    const c = await runClaude('Make a file', { url: gateway.url, model: 'tiny', folder: workFolder(), timeout: 40_000 });
    console.error(dialect, lane, 'CLAUDE', c.exitCode, c.stdout.slice(0, 500), c.stderr.slice(-300));
    console.error(gateway.child.stderr.slice(-1500));
    await gateway.stop(); await server.stop();
  });
});
