import { writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { Child, plainEnvironment } from '../../support/child.ts';
import { homeFolder, workFolder } from '../../support/folders.ts';
import type { Finished } from '../../support/run-gateway.ts';

/** The versions there are, by what they are installed as. */
const PACKAGES = { '0.169': '@openai/codex', '0.110': 'codex-0.110' } as const;
export type CodexVersion = keyof typeof PACKAGES;
const binaryOf = (version: CodexVersion): string => join(dirname(createRequire(import.meta.url).resolve(`${PACKAGES[version]}/package.json`)), 'bin/codex.js');
/** Nothing is asked of anybody but the gateway. */
const QUIET = { check_for_update_on_startup: false, 'analytics.enabled': false };

export interface CodexOptions {
  /** What stands in config.toml; what lies in the home stays unless given. */
  config?: string;
  version?: CodexVersion;
  /** A command of `exec`, with the options it takes behind its name: `['resume', '--last']`. */
  command?: readonly string[];
  /** More options of `exec`. */
  words?: readonly string[];
  /** Where it keeps its threads; a fresh one unless given. */
  home?: string;
  /** `-c` overrides. */
  overrides?: Record<string, string | number | boolean>;
  /** Where it works; a fresh one unless given. */
  folder?: string;
  environment?: Record<string, string>;
  /** Milliseconds. */
  timeout?: number;
}

/** `codex exec` with a home of its own, without a sandbox, without anybody to ask. */
export async function runCodex(prompt: string, options: CodexOptions): Promise<Finished> {
  const child = startCodex(prompt, options);
  const exitCode = await child.ended;
  return { stdout: child.stdout, stderr: child.stderr.replace(/^WARNING: proceeding, even though we could not .*(PATH|aliases).*\n/im, ''), exitCode };
}

function startCodex(prompt: string, options: CodexOptions): Child {
  const {
    config,
    version = '0.169',
    command = [],
    words = [],
    home = homeFolder(),
    overrides = {},
    folder = workFolder(),
    environment = {},
    timeout = 60_000,
  } = options;
  if (config !== undefined) writeFileSync(join(home, 'config.toml'), `${config}\n`);
  const settings = Object.entries({ ...QUIET, ...overrides }).flatMap(([name, value]) => ['-c', `${name}=${JSON.stringify(value)}`]);
  const all = ['exec', ...words, '--skip-git-repo-check', '--dangerously-bypass-approvals-and-sandbox', ...settings, ...command, prompt];
  return new Child(process.execPath, [binaryOf(version), ...all], {
    folder,
    environment: plainEnvironment({ CODEX_HOME: home, HOME: home, ...environment }),
    timeout,
  });
}
