import { writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { Child, plainEnvironment } from './child.ts';
import { homeFolder, workFolder } from './folders.ts';
import type { Finished } from './run-gateway.ts';

const CODEX = join(dirname(createRequire(import.meta.url).resolve('@openai/codex/package.json')), 'bin/codex.js');
/** Nothing is asked of anybody but the gateway. */
const QUIET = { check_for_update_on_startup: false, 'analytics.enabled': false };

interface Options {
  /** What stands in config.toml. */
  config: string;
  /** `-c` overrides. */
  overrides?: Record<string, string | number | boolean>;
  /** Where it works; a fresh one unless given. */
  folder?: string;
  /** Milliseconds. */
  timeout?: number;
}

/** `codex exec` with a home of its own, without a sandbox, without anybody to ask. */
export async function runCodex(prompt: string, { config, overrides = {}, folder = workFolder(), timeout = 60_000 }: Options): Promise<Finished> {
  const home = homeFolder();
  writeFileSync(join(home, 'config.toml'), `${config}\n`);
  const settings = Object.entries({ ...QUIET, ...overrides }).flatMap(([name, value]) => ['-c', `${name}=${JSON.stringify(value)}`]);
  const words = ['exec', '--skip-git-repo-check', '--dangerously-bypass-approvals-and-sandbox', ...settings, prompt];
  const child = new Child(process.execPath, [CODEX, ...words], { folder, environment: plainEnvironment({ CODEX_HOME: home, HOME: home }), timeout });
  const exitCode = await child.ended;
  return { stdout: child.stdout, stderr: child.stderr, exitCode };
}
