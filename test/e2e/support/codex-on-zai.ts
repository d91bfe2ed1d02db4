import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { expect } from 'chai';
import type { ChatMessage, ChatRequest, ChatTool } from '../../../core/contract/chat-wire.ts';
import { workFolder } from '../../support/folders.ts';
import { type Finished, REPOSITORY, type RunningGateway, runGateway } from '../../support/run-gateway.ts';
import { type CodexOptions, runCodex } from './run-codex.ts';
import { type Turn, ZaiProvider } from './zai-provider.ts';

const CATALOGUE = join(REPOSITORY, 'fixtures/clients/codex-catalog.json');
const MCP_SERVER = join(dirname(createRequire(import.meta.url).resolve('@modelcontextprotocol/server-everything/package.json')), 'dist/index.js');

/** What stands in `config.toml` for a real MCP server. */
export const EVERYTHING = `\n[mcp_servers.everything]\ncommand = ${JSON.stringify(process.execPath)}\nargs = [${JSON.stringify(MCP_SERVER)}]\n`;
/** Milliseconds Codex may take; less than a test may, so that it is gone before the next one. */
const LONGEST = 45_000;
export const DONE: Turn = { text: 'All done.' };
export const shell = (cmd: string) => ({ name: 'exec_command', arguments: { cmd } });

/** A gateway with preset zai, its provider from a script, and the real Codex before it. */
export class CodexOnZai {
  readonly provider: ZaiProvider;
  readonly gateway: RunningGateway;

  private constructor(provider: ZaiProvider, gateway: RunningGateway) {
    this.provider = provider;
    this.gateway = gateway;
  }

  /** `config` is that of the gateway. */
  static async start(config?: object): Promise<CodexOnZai> {
    const provider = await ZaiProvider.start();
    const folder = workFolder(config && { 'proxy.config.json': JSON.stringify(config) });
    const gateway = await runGateway(config ? [] : ['--preset', 'zai'], { environment: provider.environment, folder });
    return new CodexOnZai(provider, gateway);
  }

  async stop(): Promise<void> {
    const exitCode = await this.gateway.stop();
    await this.provider.stop();
    expect(exitCode).to.equal(0);
  }

  /** Runs Codex once; whatever happens, the provider must find nothing wrong with what it is asked. */
  async run(prompt: string, { config = '', timeout = LONGEST, ...options }: Partial<CodexOptions> = {}): Promise<Finished> {
    const finished = await runCodex(prompt, { config: this.gateway.codexConfig + config, timeout, ...options });
    expect(this.provider.refused, finished.stderr).to.deep.equal([]);
    return finished;
  }

  /** As `run`, of what must go well and end with these words. */
  async succeed(prompt: string, options: Partial<CodexOptions> = {}, words = 'All done.'): Promise<Finished> {
    const finished = await this.run(prompt, options);
    expect(finished.stdout.trim(), finished.stderr).to.equal(words);
    expect(finished.exitCode).to.equal(0);
    return finished;
  }

  /** What the provider was asked, the nth time; from the end where negative. */
  asked(nth: number): ChatRequest {
    const { asked } = this.provider;
    const found = asked.at(nth);
    if (!found) throw new Error(`the provider was asked only ${asked.length} times`);
    return found;
  }
}

/** The catalogue of the fixtures, its one model changed. */
export function catalogue(changes: object = {}): string {
  const { models } = JSON.parse(readFileSync(CATALOGUE, 'utf8')) as { models: object[] };
  const folder = workFolder({ 'models.json': JSON.stringify({ models: models.map((model) => ({ ...model, ...changes })) }) });
  return join(folder, 'models.json');
}

/** The messages after the last one of the user. */
export const sinceUser = ({ messages }: ChatRequest): ChatMessage[] => messages.slice(messages.findLastIndex(({ role }) => role === 'user') + 1);
/** What the model is told of its calls, in order. */
export const outputsOf = ({ messages }: ChatRequest): string[] => messages.filter(({ role }) => role === 'tool').map(({ content }) => String(content));
export const toolNames = ({ tools = [] }: ChatRequest): string[] => (tools as ChatTool[]).map((tool) => tool.function.name);
/** All it says, as text to look into. */
export const saidIn = ({ messages }: ChatRequest): string => JSON.stringify(messages);
