import { createHash } from 'node:crypto';
import type { CanonicalRequest } from '../../../contract/canonical.ts';
import type { Exchange } from '../../../contract/exchange.ts';
import { fitsStrict } from '../../../kit/json-schema.ts';
import { checkBody } from '../../check-body.ts';
import { markOrigin } from '../../origin.ts';
import { bodyNames } from './client-names.ts';
import { Conversation } from './decode-messages.ts';
import { decodeTools } from './decode-tools.ts';
import { DoorBody, type DoorRequest, dotted } from './door-body.ts';
import { refuseThread } from './refuse-thread.ts';

/** Fields about state that only Anthropic keeps. */
const ELSEWHERE = ['container', 'mcp_servers', 'inference_geo'] as const;
/** Begins a line for Anthropic's own accounts, which clients put among the instructions. */
const BILLING = 'x-anthropic-billing-header:';
const EFFORTS = new Set(['low', 'medium', 'high', 'xhigh', 'max']);
/** The lowest thinking budget of each effort, in tokens. */
const BUDGETS = [
  [32_768, 'xhigh'],
  [16_384, 'high'],
  [4_096, 'medium'],
] as const;

/**
 * Checks a client's body and decodes it into the canonical form. Throws `missing_parameter`, `invalid_request`,
 * `unsupported_parameter` or `unsupported_value`, naming the field.
 */
export function decodeRequest(body: Record<string, unknown>, exchange: Exchange): CanonicalRequest {
  refuseThread(body);
  checkBody(DoorBody, body, '', dotted);
  reportLosses(body, exchange);
  const request = body as unknown as DoorRequest;
  const conversation = new Conversation(request.messages, exchange);
  const format = request.output_config?.format ?? request.output_format;
  const decoded = {
    model: request.model,
    instructions: instructionsOf(request.system),
    input: conversation.input,
    ...decodeTools(request, conversation, exchange),
    ...decodeThinking(request, conversation.effort, exchange),
    ...(format && { text: { format: { type: 'json_schema', name: 'output', schema: format.schema, ...(fitsStrict(format.schema) && { strict: true }) } } }),
    max_output_tokens: request.max_tokens,
    temperature: request.temperature,
    top_p: request.top_p,
    top_k: request.top_k,
    stop: request.stop_sequences?.length ? request.stop_sequences : null,
    service_tier: tierOf(request, exchange),
    ...decodeUser(request.metadata?.user_id),
    store: false,
    stream: request.stream,
  };
  const known = Object.fromEntries(Object.entries(decoded).filter(([, value]) => value != null)) as unknown as CanonicalRequest;
  return markOrigin(known, '', bodyNames(request));
}

function reportLosses(body: Record<string, unknown>, exchange: Exchange): void {
  const unknown = Object.keys(body).filter((field) => !Object.hasOwn(DoorBody.shape, field));
  if (unknown.length > 0) exchange.log.debug({ fields: unknown }, 'fields left out');
  for (const param of ELSEWHERE) if (body[param] != null) exchange.warn({ param, reason: 'kept_by_its_own_provider' });
}

function instructionsOf(system: DoorRequest['system']): string | null {
  const texts = typeof system === 'string' ? [system] : (system ?? []).map(({ text }) => text);
  return texts.filter((text) => text.trim() !== '' && !text.startsWith(BILLING)).join('\n\n') || null;
}

/**
 * Asks for thinking back only if the client did: `summary` decides if its text is shown, `include` if it is kept for
 * the next turn.
 */
function decodeThinking(
  { thinking, output_config: config }: DoorRequest,
  ofMessage: string | undefined,
  exchange: Exchange,
): Pick<CanonicalRequest, 'reasoning' | 'include'> {
  if (thinking?.type === 'disabled') return { reasoning: { effort: 'none' } };
  const asked = ofMessage ?? config?.effort ?? (thinking?.type === 'enabled' ? effortOf(thinking.budget_tokens) : undefined);
  const effort = asked === undefined || EFFORTS.has(asked) ? asked : undefined;
  if (effort !== asked) exchange.warn({ param: 'output_config.effort', reason: 'unknown_effort' });
  const summary = thinking && thinking.display !== 'omitted' ? 'auto' : null;
  return {
    ...((effort || summary) && { reasoning: { ...(effort && { effort }), ...(summary && { summary }) } }),
    include: thinking ? ['reasoning.encrypted_content'] : null,
  };
}

function effortOf(budget: number): string {
  return BUDGETS.find(([from]) => budget >= from)?.[1] ?? 'low';
}

function tierOf({ service_tier: tier, speed }: DoorRequest, exchange: Exchange): string | null {
  if (speed === 'fast') return 'priority';
  if (tier == null || tier === 'auto') return tier ?? null;
  if (tier === 'standard_only') return 'default';
  exchange.warn({ param: 'service_tier', reason: 'unknown' });
  return null;
}

/**
 * Digests the user and the conversation, so that neither goes out in clear. Some clients put both as JSON into the one
 * field there is.
 */
function decodeUser(id: string | null | undefined): Pick<CanonicalRequest, 'safety_identifier' | 'prompt_cache_key'> {
  if (!id) return {};
  const ids = parse(id);
  const [before = id, after] = id.split('_session_');
  const user = ids ? String(ids['account_uuid'] || ids['device_id'] || id) : before;
  const session = ids ? ids['session_id'] : after;
  return { safety_identifier: digest(user), ...(typeof session === 'string' && session !== '' && { prompt_cache_key: digest(session).slice(0, 32) }) };
}

function parse(json: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(json);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
