import { createLog } from '../../core/config/log.ts';
import type { Dialect } from '../../core/contract/dialect.ts';
import type { ClientHeaders } from '../../core/contract/exchange.ts';
import type { Preset } from '../../core/contract/preset.ts';
import { CountingClock } from '../../core/fixtures/counting-clock.ts';
import { RunningExchange } from '../../core/run/running-exchange.ts';

interface Options {
  dialect?: Dialect;
  headers?: ClientHeaders;
  preset?: Preset;
  clock?: CountingClock;
}

const log = createLog({ level: 'silent', format: 'json', redact: (text) => text });
const PRESET: Preset = { name: 'test', endpoints: {}, models: [], plugins: [] };

/** An exchange outside any gateway, for tests of one door, codec or plugin; its clock stands still. */
export function testExchange({ dialect = 'responses', headers = {}, preset = PRESET, clock = new CountingClock() }: Options = {}): RunningExchange {
  return new RunningExchange({ dialect, headers, preset, url: new URL('http://127.0.0.1/'), authorization: {}, clock, log });
}
