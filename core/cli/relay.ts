import { printRelayConfig } from '../clients/codex-relay/relay-config.ts';
import { type RelayFlags, relaySettings } from '../clients/codex-relay/relay-settings.ts';
import { GatewayError } from '../contract/errors.ts';
import { serveWith } from './serve.ts';

export interface RelayCommandFlags extends RelayFlags {
  /** Prints a config for Codex instead of serving. */
  printConfig?: boolean | undefined;
  /** The file for the catalogue of models. */
  modelCatalog?: string | undefined;
  /** Codex's own model whose instructions and tools the provider's models get. */
  modelTemplate?: string | undefined;
}

/** Serves or prints a config, like codex-relay 0.5.8 with these flags. */
export async function relay({ printConfig, modelCatalog, modelTemplate, ...flags }: RelayCommandFlags, version: string): Promise<void> {
  if (!printConfig && (modelCatalog || modelTemplate)) {
    throw new GatewayError('config_invalid', `${modelCatalog ? '--model-catalog' : '--model-template'} needs --print-config`);
  }
  const settings = await relaySettings(flags);
  if (printConfig) return printRelayConfig(settings, { catalog: modelCatalog, template: modelTemplate });
  settings.notes.push("to describe the provider's models to Codex, run the same command with --print-config --model-catalog FILE");
  await serveWith(settings, version);
}
