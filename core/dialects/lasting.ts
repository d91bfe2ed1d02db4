import type { ErrorCode } from '../contract/errors.ts';

/** Failures that no wait mends. The SDKs of OpenAI and Anthropic would retry their statuses. */
export const LASTING: ReadonlySet<ErrorCode> = new Set(['quota_exhausted', 'upstream_protocol']);
