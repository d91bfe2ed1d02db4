interface Concern {
  title: string;
  about: string;
  plugins: readonly string[];
}

/** Which plugins belong together. Each plugin has its place in one of these lists. */
const CONCERNS: readonly Concern[] = [
  {
    title: 'Conversation and memory',
    about: 'These plugins keep what a conversation needs on its next turn.',
    plugins: ['history', 'reasoning-memory', 'call-ids', 'compaction', 'compaction-trigger', 'corpus'],
  },
  {
    title: 'Clients and models',
    about: 'These plugins know what one client expects, and which model it means.',
    plugins: ['codex-client', 'claude-code-client', 'agent-messages', 'model-map'],
  },
  {
    title: 'Instructions and messages',
    about: 'These plugins bring messages into the roles and forms that a provider accepts.',
    plugins: [
      ...['instructions-to-system', 'developer-to-system', 'merge-system', 'late-system', 'images', 'blank-messages', 'nonempty-assistant'],
      ...['continue-turn', 'assistant-bridge', 'flatten-content', 'strip-names', 'strip-nulls'],
    ],
  },
  {
    title: 'Tools that a provider does not know',
    about: "These plugins offer a client's tools as plain functions, and give the client its own kind of call back.",
    plugins: [
      ...['additional-tools', 'tool-search', 'namespaces', 'hosted-tools', 'apply-patch', 'local-shell', 'custom-tools', 'tool-names'],
      ...['tool-shape', 'parallel-calls'],
    ],
  },
  {
    title: 'Provider accents: tools',
    about: 'These plugins spell tools, calls and outputs as one provider wants them.',
    plugins: ['tool-choice', 'tool-id', 'tool-output-names', 'tool-schema', 'tool-limit', 'tool-stream', 'strict-flag', 'blank-outputs'],
  },
  {
    title: 'Reasoning: how much',
    about: "These plugins ask for as much reasoning as the client wants, in the provider's own terms.",
    plugins: ['effort-words', 'reasoning-switch', 'reasoning-object', 'glm-thinking', 'adaptive-thinking', 'reasoning-strip'],
  },
  {
    title: 'Reasoning: there and back',
    about: 'These plugins show the client what a model thought, and give it back to the model on later turns.',
    plugins: [
      ...['reasoning-content', 'reasoning-envelope', 'reasoning-field', 'reasoning-replay', 'reasoning-details', 'thinking-chunks'],
      'extra-content',
      'unsigned-calls',
    ],
  },
  {
    title: 'Healing what models write',
    about: 'These plugins mend slips of the model before a client meets them.',
    plugins: ['json-repair', 'argument-types', 'call-names', 'dsml-calls', 'xml-calls', 'kimi-calls', 'invoke-calls', 'think-tags'],
  },
  {
    title: 'Provider accents: requests',
    about: 'These plugins change fields of the request that a provider refuses or spells differently.',
    plugins: ['drop-params', 'allow-params', 'rules', 'max-tokens', 'json-schema-prompt', 'force-stream'],
  },
  {
    title: 'Provider accents: streams',
    about: 'These plugins turn a peculiar stream into a plain one.',
    plugins: ['dedupe-delta', 'usage-place', 'stop-sequences'],
  },
  {
    title: 'Errors',
    about: 'These plugins find out what a failure means, and say it in words that are safe to show.',
    plugins: ['provider-errors', 'inner-error', 'empty-length', 'region-hint', 'error-sanitizer'],
  },
  {
    title: 'Limits and safety',
    about: 'These plugins restrict what reaches a provider, and whose key pays for it.',
    plugins: ['serialise', 'tool-denylist', 'client-key'],
  },
];

/** The concerns, if each of these plugins belongs to just one of them. Throws an Error that names those that do not. */
export function concerns(names: readonly string[]): readonly Concern[] {
  const placed = CONCERNS.flatMap(({ plugins }) => plugins);
  const wrong = [
    ...names.filter((name) => !placed.includes(name)).map((name) => `plugin "${name}" has no concern`),
    ...placed.filter((name) => !names.includes(name)).map((name) => `there is no plugin "${name}"`),
    ...placed.filter((name, at) => placed.indexOf(name) !== at).map((name) => `plugin "${name}" has two concerns`),
  ];
  if (wrong.length > 0) throw new Error(`docs/concerns.ts: ${wrong.join('; ')}`);
  return CONCERNS;
}
