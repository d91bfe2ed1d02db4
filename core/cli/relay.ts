import { printRelayConfig } from '../clients/codex-relay/relay-config.ts';
import { type RelayFlags, relaySettings } from '../clients/codex-relay/relay-settings.ts';
import { GatewayError } from '../contract/errors.ts';
import { serveWith } from './serve.ts';

export interface RelayCommandFlags extends RelayFlags {
  /** Prints a config for Codex, in place of serving. */
  printConfig?: boolean | undefined;
  /** The file that takes the catalogue of models. */
  modelCatalog?: string | undefined;
  /** The model of Codex's own whose instructions and tools the provider's are given. */
  modelTemplate?: string | undefined;
}

/** Serves, or prints a config, as codex-relay 0.5.8 did with these flags. */
export async function relay({ printConfig, modelCatalog, modelTemplate, ...flags }: RelayCommandFlags, version: string): Promise<void> {
  if (!printConfig && (modelCatalog || modelTemplate)) {
    throw new GatewayError('config_invalid', `${modelCatalog ? '--model-catalog' : '--model-template'} is of use with --print-config only`);
  }
  const settings = await relaySettings(flags);
  if (printConfig) return printRelayConfig(settings, { catalog: modelCatalog, template: modelTemplate });
  settings.notes.push("for what Codex should know of the provider's models: the same command with --print-config --model-catalog FILE");
  await serveWith(settings, version);
}
