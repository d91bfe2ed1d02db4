interface Choice {
  model: string;
  /** URL of the gateway, with `/v1`. */
  baseUrl: string;
  /** Clients must send a key. */
  keyed: boolean;
}

/** Lines for `~/.codex/config.toml`. Top-level keys come first; a `profile` would stop Codex 0.169 from starting. */
export function codexConfig({ model, baseUrl, keyed }: Choice): string {
  return [
    `model = ${JSON.stringify(model)}`,
    'model_provider = "tapline"',
    '',
    '[model_providers.tapline]',
    'name = "Tapline"',
    `base_url = ${JSON.stringify(baseUrl)}`,
    'wire_api = "responses"',
    ...(keyed ? ['env_key = "TAPLINE_API_KEY"'] : []),
  ].join('\n');
}
