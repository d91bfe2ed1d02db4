import type { Plugin, ProviderFailure } from '../core/plugin.ts';

type Plain = Pick<ProviderFailure, 'status' | 'code'>;
const QUOTA: Plain = { status: 429, code: 'insufficient_quota' };
const OVERLOADED: Plain = { status: 503, code: 'server_is_overloaded' };
const THROTTLED: Plain = { status: 429, code: 'rate_limit_exceeded' };
const REFUSED: Plain = { status: 403, code: 'permission_denied' };
const KEY: Plain = { status: 401, code: 'invalid_api_key' };
const FAILED: Plain = { status: 500, code: 'server_error' };

/** The numbers GLM's platforms put into `error.code`. Source: the provider's table of API codes. */
const PLAIN = new Map<string, Plain>([
  ...['1000', '1001', '1002', '1003', '1004', '1005'].map((code) => [code, KEY] as const),
  ...['1113', '1308', '1310'].map((code) => [code, QUOTA] as const),
  ...['1302', '1303'].map((code) => [code, THROTTLED] as const),
  ...['1305', '1312'].map((code) => [code, OVERLOADED] as const),
  ...['1304', '1309', '1311', '1313'].map((code) => [code, REFUSED] as const),
  ['1211', { status: 404, code: 'model_not_found' }],
  ['1261', { status: 400, code: 'context_length_exceeded' }],
  ['1301', { status: 400, code: 'content_filter' }],
  ...['500', '1230', '1234'].map((code) => [code, FAILED] as const),
]);

/** Reads GLM's numbered errors: its 429 is throttling, overload, an empty account or a plan without the model. */
export function glmErrors(): Plugin {
  return {
    name: 'glm-errors',
    wire: {
      chat: {
        failure(failure) {
          const plain = PLAIN.get(failure.code ?? '');
          if (plain) return { ...failure, ...plain };
        },
      },
    },
  };
}
