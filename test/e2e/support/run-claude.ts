import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { Child, plainEnvironment } from '../../support/child.ts';
import { homeFolder, workFolder } from '../../support/folders.ts';
import type { Finished } from '../../support/run-gateway.ts';

const PROGRAM = join(dirname(createRequire(import.meta.url).resolve('@anthropic-ai/claude-code/package.json')), 'cli-wrapper.cjs');

interface ClaudeOptions {
  /** Of the gateway. */
  url: string;
  /** More options. */
  words?: readonly string[];
  environment?: Record<string, string>;
  /** Where it works; a fresh one unless given. */
  folder?: string;
  /** Where it keeps its sessions; a fresh one unless given. */
  home?: string;
  model?: string;
  /** Milliseconds. */
  timeout?: number;
}

/** `claude -p` with a home of its own, without anybody to ask; nothing is asked of anybody but the gateway. */
export async function runClaude(prompt: string, options: ClaudeOptions): Promise<Finished> {
  const { url, words = [], environment = {}, folder = workFolder(), home = homeFolder(), model = 'claude-opus-5-5', timeout = 60_000 } = options;
  const child = new Child(process.execPath, [PROGRAM, '-p', prompt, '--model', model, '--dangerously-skip-permissions', ...words], {
    folder,
    environment: plainEnvironment({
      HOME: home,
      IS_SANDBOX: '1', // without permissions to ask for it refuses to run as root
      ANTHROPIC_BASE_URL: url,
      ANTHROPIC_AUTH_TOKEN: 'not-needed-here',
      CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1',
      DISABLE_AUTOUPDATER: '1',
      ...environment,
    }),
    timeout,
  });
  const exitCode = await child.ended;
  return { stdout: child.stdout, stderr: child.stderr, exitCode };
}
