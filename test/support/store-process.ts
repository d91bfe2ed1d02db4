import { systemClock } from '../../core/clock.ts';
import { createLog } from '../../core/log.ts';
import { DiskStore } from '../../core/store/disk-store.ts';

/** A process of its own with a store on the disk: `<folder> put <key> <json or number of characters>` or `<folder> get <key>`; tells what came of it, and stays. */
const [dir = '', what, key = '', given = ''] = process.argv.slice(2);
const log = createLog({ level: 'warn', format: 'json', redact: (text) => text });
const store = await DiskStore.open({ dir, clock: systemClock, log });
const json = /^\d+$/.test(given) ? JSON.stringify('x'.repeat(Number(given))) : given;
const done = what === 'put' ? store.put('sessions', key, json).then(() => 'put') : store.get('sessions', key);
done.then(
  (result) => process.stdout.write(`${JSON.stringify(result)}\n`),
  (thrown) => process.stdout.write(`${JSON.stringify(thrown.message)}\n`),
);
setInterval(() => {}, 60_000);
