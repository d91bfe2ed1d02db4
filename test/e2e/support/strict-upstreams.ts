import { MESSAGES_KEY, MessagesProvider } from '../../support/messages-provider.ts';
import { responsesWire } from '../../support/responses-wire.ts';
import { type RunningGateway, runGateway } from '../../support/run-gateway.ts';
import { PROVIDER_KEY, StrictProvider } from '../../support/strict-provider.ts';
import type { TurnProvider } from '../../support/turn.ts';
import { chatWire } from './chat-wire.ts';

// biome-ignore lint/suspicious/noExplicitAny: bodies of any dialect
type Loose = any;

/** A strict provider of one dialect. */
interface StrictUpstream {
  /** The key it wants. */
  key: string;
  start(): Promise<TurnProvider>;
  /** Whether the model may think where this is asked. */
  thinks(body: Loose): boolean;
}

/** One of each dialect. */
export const UPSTREAMS: Record<'chat' | 'responses' | 'messages', StrictUpstream> = {
  chat: { key: PROVIDER_KEY, start: () => StrictProvider.start(chatWire()), thinks: () => true },
  responses: { key: PROVIDER_KEY, start: () => StrictProvider.start(responsesWire()), thinks: () => true },
  messages: { key: MESSAGES_KEY, start: () => MessagesProvider.start(), thinks: ({ thinking }) => ['enabled', 'adaptive'].includes(thinking?.type) },
};

/** A gateway that asks nobody but this provider; with a key of its own where one is given. */
export function gatewayOn(provider: TurnProvider, dialect: keyof typeof UPSTREAMS, key?: string): Promise<RunningGateway> {
  const words = ['--no-config', '--preset', 'openai-compatible', '--upstream', provider.base, '--upstream-dialect', dialect];
  return runGateway(words, { environment: { TAPLINE_UPSTREAM_KEY: UPSTREAMS[dialect].key, ...(key !== undefined && { TAPLINE_API_KEY: key }) } });
}
