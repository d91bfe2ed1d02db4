interface Choice {
  model: string;
  /** Of the gateway, with `/v1`. */
  baseUrl: string;
  /** Whether clients must show a key. */
  keyed: boolean;
}

/** What to paste into `~/.codex/config.toml`. Top-level keys come first; a `profile` would stop Codex 0.169 from starting. */
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
