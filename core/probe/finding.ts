/** A plugin of the catalogue, and the options it is given. */
export interface Advice {
  plugin: string;
  options?: Record<string, unknown>;
}

/** What one question has shown. */
export interface Finding {
  /** In kebab-case, the same in every version: for machines. */
  question: string;
  tried: string;
  /** `plain`: as the dialect has it. `quirk`: not so. `note`: worth knowing, and the gateway copes by itself. `unclear`: nothing was learned. */
  seen: 'plain' | 'quirk' | 'note' | 'unclear';
  /** What the provider did, in our words. */
  did: string;
  /** What makes up for it. */
  advice: readonly Advice[];
  /** The plugins that this question tells about: what is plain needs none of them. */
  about: readonly string[];
}

/** A finding as the dialect has it, unless told otherwise. */
export function finding(question: string, tried: string, told: Partial<Finding> & { did: string }): Finding {
  return { question, tried, seen: 'plain', advice: [], about: [], ...told };
}
