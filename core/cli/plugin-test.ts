import { existsSync } from 'node:fs';
import { basename, extname, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { loadPluginFile } from '../config/load-plugin-file.ts';
import { GatewayError, messageOf } from '../contract/errors.ts';
import { fixturesBeside, fixturesIn } from '../fixtures/find-fixtures.ts';
import { idleHandlers } from '../fixtures/idle-handlers.ts';
import type { CreatePlugin } from '../fixtures/pipeline-of.ts';
import { playFixture } from '../fixtures/play-fixture.ts';
import { type FixtureFile, readFixture } from '../fixtures/read-fixture.ts';
import { updateFixture } from '../fixtures/update-fixture.ts';
import { findPlugin } from '../pipeline/catalogue.ts';
import type { Surroundings } from './print-config.ts';

interface TestFlags {
  /** The folder of the fixtures, or one of them. */
  fixtures?: string | undefined;
}

/** All passed; a fixture failed; no fixture could be played. */
const [PASSED, FAILED, IMPOSSIBLE] = [0, 1, 2];
/** Only the repository has it; the package ships no fixtures. */
const CATALOGUE_FIXTURES = fileURLToPath(new URL('../../fixtures/plugins/', import.meta.url));

/**
 * Plays the fixtures of a plugin, from the catalogue or from a file, and prints a line for each. Returns the exit code:
 * 0 if all passed, 1 if one failed, 2 if none could be played.
 */
export async function pluginTest(plugin: string, { fixtures }: TestFlags, around: Partial<Surroundings> = {}): Promise<number> {
  const { folder = process.cwd(), variables = process.env } = around;
  const { stdout = (text: string) => process.stdout.write(text), stderr = (text: string) => process.stderr.write(text) } = around;
  try {
    const file = isFile(plugin) ? resolve(folder, plugin) : undefined;
    const create = (file === undefined ? await findPlugin(plugin) : await loadPluginFile(file)) as CreatePlugin;
    const named = fixtures === undefined ? undefined : resolve(folder, fixtures);
    const found = named !== undefined ? fixturesIn(named) : file === undefined ? fixturesOfCatalogue(plugin) : fixturesBeside(file);
    const files = found.map(readFixture);
    return (await playAll(files, create, variables['UPDATE_FIXTURES'] === '1', stdout)) ? PASSED : FAILED;
  } catch (thrown) {
    stderr(`tapline: ${messageOf(thrown)}\n`);
    return IMPOSSIBLE;
  }
}

function isFile(plugin: string): boolean {
  return /[/\\]/.test(plugin) || /^\.[cm]?[jt]s$/.test(extname(plugin));
}

function fixturesOfCatalogue(name: string): string[] {
  const folder = resolve(CATALOGUE_FIXTURES, name);
  if (existsSync(folder)) return fixturesIn(folder);
  throw new GatewayError('config_invalid', `there are no fixtures of "${name}" here: only the repository has them; name a folder of your own with --fixtures`);
}

async function playAll(files: readonly FixtureFile[], create: CreatePlugin, update: boolean, stdout: (text: string) => unknown): Promise<boolean> {
  let failed = 0;
  for (const each of files) {
    const { difference, outcome } = await playFixture(each.json, create);
    const written = update && outcome !== undefined;
    if (written) updateFixture(each, outcome);
    else if (difference !== undefined) failed++;
    const status = written ? 'written' : difference === undefined ? 'ok' : 'FAILED';
    stdout(`${status.padEnd(8)}${basename(each.file)}: ${each.fixture.it}\n`);
    if (difference !== undefined && !written) stdout(`${difference.replaceAll(/^/gm, '        ')}\n`);
  }
  const idle = await idleHandlers(
    create,
    files.map(({ fixture }) => fixture),
  );
  if (idle.length > 0) stdout(`notice: no fixture shows what these handlers change: ${idle.join(', ')}\n`);
  stdout(`${files.length - failed} passed, ${failed} failed\n`);
  return failed === 0;
}
