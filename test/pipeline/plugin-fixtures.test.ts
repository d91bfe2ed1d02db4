import { existsSync, readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect } from 'chai';
import { idleHandlers } from '../../core/fixtures/idle-handlers.ts';
import { partsOf } from '../../core/fixtures/parts-of.ts';
import { playFixture } from '../../core/fixtures/play-fixture.ts';
import { readFixture } from '../../core/fixtures/read-fixture.ts';
import { updateFixture } from '../../core/fixtures/update-fixture.ts';
import { createPlugin, pluginNames } from '../../core/pipeline/catalogue.ts';

const FOLDER = resolve(import.meta.dirname, '../../fixtures/plugins');
const LEAST = 4;
/** With `UPDATE_FIXTURES=1` the outcomes are written instead of compared: review them as data. */
const UPDATE = process.env['UPDATE_FIXTURES'] === '1';

for (const name of pluginNames()) {
  describe(`plugin ${name}`, () => {
    const create = (options?: unknown) => createPlugin(name, options);
    const folder = join(FOLDER, name);
    const files = existsSync(folder) ? readdirSync(folder).sort() : [];
    const fixtures = files.map((file) => readFixture(join(folder, file)));
    for (const each of fixtures) {
      it(each.fixture.it, async () => {
        const { difference, outcome } = await playFixture(each.json, create);
        if (UPDATE && outcome) updateFixture(each, outcome);
        else expect(difference).to.equal(undefined);
      });
    }

    it(`has ${LEAST} fixtures at least`, () => expect(files).to.have.length.of.at.least(LEAST));

    it('has a fixture in which each of its handlers acts, and one in which it leaves all as it is', async () => {
      const all = fixtures.map(({ fixture }) => fixture);
      expect(await idleHandlers(create, all), 'the handlers that never act').to.deep.equal([]);
      expect(all.some((fixture) => !fixture.throws && partsOf(fixture).every(([, changes]) => !changes))).to.equal(true);
    });
  });
}
