import type { GatewayError } from '../contract/errors.ts';

/** Google's names of statuses. */
const STATUS: Readonly<Record<number, string>> = {
  400: 'INVALID_ARGUMENT',
  401: 'UNAUTHENTICATED',
  403: 'PERMISSION_DENIED',
  404: 'NOT_FOUND',
  429: 'RESOURCE_EXHAUSTED',
};

/** `{error:{code,message,status}}`, as Google answers. */
export function encodeGoogleError({ message, status: code }: GatewayError): { status: number; headers: Record<string, string>; body: string } {
  return { status: code, headers: {}, body: JSON.stringify({ error: { code, message, status: STATUS[code] ?? 'INTERNAL' } }) };
}
