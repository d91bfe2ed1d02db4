import { expect } from 'chai';
import type { ErrorCode } from '../../core/contract/errors.ts';
import { glm } from '../../presets/glm.ts';
import { type Pair, startPair } from '../support/pair.ts';
import { json } from '../support/scripted-provider.ts';

/** Source: the provider's table of API codes. */
const NUMBERS: [status: number, means: ErrorCode, ...numbers: string[]][] = [
  [401, 'upstream_authentication', '1000', '1001', '1002', '1003', '1004', '1005'],
  [429, 'quota_exhausted', '1113', '1308', '1310'],
  [429, 'rate_limited', '1302', '1303'],
  [429, 'upstream_overloaded', '1305', '1312'],
  [429, 'upstream_permission', '1304', '1309', '1311', '1313'],
  [400, 'model_not_found', '1211'],
  [400, 'context_length_exceeded', '1261'],
  [400, 'content_filtered', '1301'],
  [400, 'upstream_failed', '500', '1230', '1234'],
  [400, 'invalid_request', '1210', '1214', '__proto__'],
];

describe("GLM's numbered errors", () => {
  let pair: Pair;
  before(async () => {
    const { plugins } = glm();
    pair = await startPair({ preset: { plugins, apiKey: 'key-of-the-plan', retries: { times: 0 } } });
  });
  after(() => pair.stop());

  for (const [status, means, ...numbers] of NUMBERS) {
    it(`mean ${means}: ${numbers.join(', ')}`, async () => {
      for (const code of numbers) {
        const { line } = await pair.ask([json(status, { error: { code, message: 'told' } })]);
        expect([code, line.error.code]).to.deep.equal([code, means]);
      }
    });
  }
});
