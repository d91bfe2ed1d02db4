/**
 * The knowledge of codex-relay 0.5.8 about providers. `presets/relay-basics.ts` holds the values.
 * @example const { upstream, quirks }: RelayBasics = relayBasics();
 */
export interface RelayBasics {
  /** The default base. */
  readonly upstream: string;
  /** Its "quirks", each with the replacement here. */
  readonly quirks: Readonly<Record<string, RelayQuirk>>;
}

/** A repair that codex-relay made for every provider, unless it was disabled. */
export interface RelayQuirk {
  /** The plugin that makes the repair. */
  readonly plugin?: string;
  /** Replaces the plugin at a provider without a preset of its own; see the plugin `rules`. */
  readonly rules?: readonly object[];
  /** The reason why the repair cannot be disabled here. */
  readonly always?: string;
}
