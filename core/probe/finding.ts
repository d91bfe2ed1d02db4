/** A plugin of the catalogue, with its options. */
export interface Advice {
  plugin: string;
  options?: Record<string, unknown>;
}

/** The result of one question. */
export interface Finding {
  /** In kebab-case and the same in every version: for machines. */
  question: string;
  tried: string;
  /**
   * `plain`: as the dialect has it. `quirk`: different. `note`: worth knowing, but the gateway copes by itself.
   * `unclear`: nothing was learned.
   */
  seen: 'plain' | 'quirk' | 'note' | 'unclear';
  /** The provider's behaviour, in our words. */
  did: string;
  /** Plugins that make up for it. */
  advice: readonly Advice[];
  /** The plugins that this question is about: a plain result needs none of them. */
  about: readonly string[];
}

/** A finding that is plain unless `rest` says otherwise. */
export function finding(question: string, tried: string, rest: Partial<Finding> & { did: string }): Finding {
  return { question, tried, seen: 'plain', advice: [], about: [], ...rest };
}
