import { perExchange } from './per-exchange.ts';

/** True if Codex asks: the CLI, its SDK or its editor extension. */
export const isCodex = perExchange(({ client: { headers } }) => /^codex/i.test(String(headers['originator'] ?? headers['user-agent'] ?? '')));
