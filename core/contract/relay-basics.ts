/** What codex-relay 0.5.8 knew of providers; `presets/relay-basics.ts` has it. */
export interface RelayBasics {
  /** The base it asked where none was named. */
  readonly upstream: string;
  /** What it called quirks, each with what does the same here. */
  readonly quirks: Readonly<Record<string, RelayQuirk>>;
}

/** Something it mended for every provider, unless it was switched off. */
export interface RelayQuirk {
  readonly plugin?: string;
  /** In place of the plugin, at a provider nothing is known of; see the plugin `rules`. */
  readonly rules?: readonly object[];
  /** Why it cannot be switched off here. */
  readonly always?: string;
}
