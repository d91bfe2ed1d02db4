import { execFile } from 'node:child_process';
import { resolve } from 'node:path';
import { promisify } from 'node:util';
import { z } from 'zod';
import { createLog } from '../../config/log.ts';
import type { Settings } from '../../config/settings.ts';
import { GatewayError, messageOf } from '../../contract/errors.ts';
import type { ModelFacts } from '../../contract/facts.ts';
import { createGateway } from '../../gateway/create-gateway.ts';
import { createRedactor } from '../../gateway/redactor.ts';
import { codexConfig } from '../codex/codex-config.ts';
import { type CodexModel, codexModels } from '../codex/codex-models.ts';
import { writeCatalog } from '../codex/config-files.ts';
import { mergeToml } from '../codex/merge-toml.ts';

interface Wanted {
  /** The file to write the catalogue of models to. */
  catalog?: string | undefined;
  /** A model bundled with Codex. */
  template?: string | undefined;
}
interface Surroundings {
  folder: string;
  variables: NodeJS.ProcessEnv;
  stdout: (text: string) => unknown;
  stderr: (text: string) => unknown;
}
type BundledModel = z.output<typeof Bundled>['models'][number];

/** The output of `codex debug models --bundled`. */
const Bundled = z.object({ models: z.array(z.looseObject({ slug: z.string(), priority: z.number().default(0), visibility: z.string().optional() })).min(1) });
/** Milliseconds that Codex may take to list its models. */
const CODEX_WITHIN = 20_000;
/** Higher than the priority of any model bundled with Codex. */
const FIRST_PRIORITY = 10_000;
/** Resets what only OpenAI's models have: Codex would ask for features that the gateway's providers do not know. */
const OWN = {
  additional_speed_tiers: [],
  auto_review_model_override: null,
  availability_nux: null,
  comp_hash: null,
  default_reasoning_level: null,
  default_service_tier: null,
  default_verbosity: null,
  multi_agent_version: null,
  service_tiers: [],
  supports_image_detail_original: false,
  supports_search_tool: false,
  tool_mode: null,
  upgrade: null,
  use_responses_lite: false,
};

/**
 * Prints the lines that Codex needs in its `config.toml` to find this relay, and nothing else; writes a catalogue of
 * models if one is wanted. Throws `config_invalid`.
 */
export async function printRelayConfig(settings: Settings, { catalog, template }: Wanted, around: Partial<Surroundings> = {}): Promise<void> {
  const { folder = process.cwd(), variables = process.env } = around;
  const { stdout = (text: string) => process.stdout.write(text), stderr = (text: string) => process.stderr.write(text) } = around;
  const { host, port, access, notes } = settings;
  if (port === 0) throw new GatewayError('config_invalid', '--port: Codex needs a fixed port, not 0');
  if (template && !catalog) throw new GatewayError('config_invalid', '--model-template: works only together with --model-catalog');
  const models = await listModels(settings);
  const file = catalog && resolve(folder, catalog);
  const notices = [...notes];
  if (models.length === 0) notices.push('the provider lists no models: put the name of one into the config');
  if (!file) notices.push("Codex does not know the provider's models; add --model-catalog FILE for their context windows and tools");
  if (file) writeCatalog(file, `${JSON.stringify({ models: await catalogOf(models, template, variables, notices) }, null, 2)}\n`);
  const name = host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host.includes(':') ? `[${host}]` : host;
  const config = codexConfig({ model: models[0]?.id ?? 'name-of-the-model', baseUrl: `http://${name}:${port}/v1`, keyed: access.apiKey !== undefined });
  for (const notice of notices) stderr(`tapline: ${notice}\n`);
  stdout(`${file ? mergeToml(config, `model_catalog_json = ${JSON.stringify(file)}`).trimEnd() : config}\n`);
}

async function listModels(settings: Settings): Promise<readonly ModelFacts[]> {
  const { log, secrets } = settings;
  const gateway = await createGateway({ ...settings, log: createLog({ ...log, redact: createRedactor(secrets) }) });
  return gateway.models().finally(() => gateway.stop());
}

/**
 * Codex's own models, and the provider's in the form of one of them. The provider's wins where two have the same name,
 * since requests go to the provider.
 */
async function catalogOf(models: readonly ModelFacts[], template: string | undefined, variables: NodeJS.ProcessEnv, notes: string[]): Promise<object[]> {
  const bundled = await bundledModels(variables).catch((thrown) => {
    if (template) throw new GatewayError('config_invalid', `--model-template "${template}": Codex did not list its models: ${reasonOf(thrown)}`);
    notes.push(`Codex did not list its own models, so the catalogue has only the provider's: ${reasonOf(thrown)}`);
    return [];
  });
  const entries = codexModels(models);
  if (bundled.length === 0) return entries;
  const like = templateOf(bundled, template);
  const taken = new Set(models.map(({ id }) => id));
  return [...bundled.filter(({ slug }) => !taken.has(slug)), ...entries.map((entry, at) => shaped(entry, like, at))];
}

async function bundledModels(variables: NodeJS.ProcessEnv): Promise<BundledModel[]> {
  const { stdout } = await promisify(execFile)('codex', ['debug', 'models', '--bundled'], { env: variables, timeout: CODEX_WITHIN, maxBuffer: 64 << 20 });
  return Bundled.parse(JSON.parse(stdout)).models;
}

function templateOf(bundled: readonly BundledModel[], named: string | undefined): BundledModel {
  const found = bundled.find(({ slug }) => slug === named);
  if (found) return found;
  if (named) throw new GatewayError('config_invalid', `--model-template: Codex has no model "${named}"; it has ${bundled.map(({ slug }) => slug).join(', ')}`);
  return bundled
    .filter(({ visibility }) => visibility === 'list')
    .reduce((best, each) => (each.priority < best.priority ? each : best), bundled[0] as BundledModel);
}

/** Takes instructions and tools from the template, and facts from the provider. */
function shaped(
  { base_instructions: _, shell_type: __, apply_patch_tool_type: ___, truncation_policy: ____, ...facts }: CodexModel,
  like: BundledModel,
  at: number,
) {
  return { ...like, ...OWN, ...facts, priority: FIRST_PRIORITY + at };
}

function reasonOf(thrown: unknown): string {
  const { code, stderr } = thrown as { code?: unknown; stderr?: string };
  if (code === 'ENOENT') return 'there is no "codex" on the PATH';
  return (stderr || messageOf(thrown)).trim().split('\n')[0] ?? '';
}
