import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { createLog } from '../../core/config/log.ts';
import { messageOf } from '../../core/contract/errors.ts';
import { systemClock } from '../../core/kit/system-clock.ts';
import { DiskStore } from '../../core/store/disk-store.ts';

/**
 * A process of its own with a store on the disk, started with `<folder> put <key> <json, or a number of characters>`
 * or with `<folder> get <key>`. It prints the result and the list of files in one line, and runs until it is killed.
 */
const [dir = '', what, key = '', given = ''] = process.argv.slice(2);
const log = createLog({ level: 'warn', format: 'json', redact: (text) => text });
const store = await DiskStore.open({ dir, clock: systemClock, log });
const json = /^\d+$/.test(given) ? JSON.stringify('x'.repeat(Number(given))) : given;
const result = await (what === 'put' ? store.put('sessions', key, json) : store.get('sessions', key)).catch(messageOf);
process.stdout.write(`${JSON.stringify({ result, files: readdirSync(join(dir, 'sessions')) })}\n`);
setInterval(() => {}, 60_000);
