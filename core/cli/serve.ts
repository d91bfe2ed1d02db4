import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { codexConfig } from '../clients/codex/codex-config.ts';
import { codexModels } from '../clients/codex/codex-models.ts';
import { createLog } from '../config/log.ts';
import { type Flags, readSettings, type Settings } from '../config/settings.ts';
import { visible } from '../config/visible.ts';
import { GatewayError, messageOf } from '../contract/errors.ts';
import { createGateway, type Gateway } from '../gateway/create-gateway.ts';
import { createRedactor } from '../gateway/redactor.ts';
import { systemClock } from '../kit/system-clock.ts';
import { createServer } from '../server/app.ts';
import { DiskStore } from '../store/disk-store.ts';
import { openStore } from '../store/open-store.ts';
import { outliveReaders } from './closed-outputs.ts';
import { ignoresHangup } from './hangup.ts';
import { catchStrayErrors } from './stray-errors.ts';

/** Milliseconds that running exchanges have to end after a signal. */
const DRAIN = 25_000;
/** Milliseconds in which those that are cut off are logged. */
const LAST_WORDS = 200;
const BACKLOG = 4096;

/** Serves until a signal stops it. */
export async function serve(flags: Flags, version: string): Promise<void> {
  await serveWith(await readSettings(flags), version);
}

/** Serves with the settings of another command. */
export async function serveWith(settings: Settings, version: string): Promise<void> {
  const log = createLog({ ...settings.log, redact: createRedactor(settings.secrets) });
  outliveReaders(log);
  const store = await openStore(settings.history, systemClock, log);
  const gateway = await createGateway({ ...settings, preset: settings.presets, log, store });
  const server = createServer(gateway, { access: settings.access, bodyLimit: settings.bodyLimit, version, lists: { models: codexModels } });
  try {
    await listen(server, settings);
  } catch (thrown) {
    await gateway.stop();
    throw thrown;
  }
  catchStrayErrors(gateway);
  stopOnSignals(server, gateway);
  for (const note of settings.notes) log.warn(note);
  process.stdout.write(greeting(gateway, settings, server.address() as AddressInfo, version));
  printModels(gateway);
}

function listen(server: Server, { host, port }: Settings): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      const message =
        error.code === 'EADDRINUSE' ? `port ${port} of ${host} is in use; choose another with --port` : `cannot listen on ${host}:${port}: ${messageOf(error)}`;
      reject(new GatewayError('config_invalid', message));
    });
    server.listen(port, host, BACKLOG, resolve);
  });
}

function greeting(
  { store, providers: [{ preset, plugins, paths, base }, ...others] }: Gateway,
  { access, configFile, history, host }: Settings,
  { port, family }: AddressInfo,
  version: string,
): string {
  const name = host === '0.0.0.0' || host === '::' ? '127.0.0.1' : family === 'IPv6' ? `[${host}]` : host;
  const url = `http://${name}:${port}`;
  const { origin, pathname } = new URL(base);
  const model = preset.models[0]?.id ?? 'name-of-the-model';
  const config = codexConfig({ model, baseUrl: `${url}/v1`, keyed: access.apiKey !== undefined });
  return `Tapline ${version} listens on ${url}
  preset   ${preset.name}: ${origin}${pathname} (${paths.responses.dialect})
${others.map((other) => `  preset   ${other.preset.name}: ${other.base} (models as ${other.preset.name}/…)\n`).join('')}  config   ${configFile ?? 'none'}
  history  ${store instanceof DiskStore ? history.dir : 'in memory'}
  plugins  ${plugins.map((plugin) => plugin.name).join(', ')}

For Codex, put this into ~/.codex/config.toml:

${config}

`;
}

/** Runs after the port is open: a slow provider must not delay the start. */
function printModels(gateway: Gateway): void {
  gateway.models().then(
    (models) => process.stdout.write(visible(`models: ${models.map(({ id }) => id).join(', ') || 'the provider lists none'}\n`)),
    (thrown) => gateway.log.warn({ err: thrown }, 'the models could not be listed'),
  );
}

/**
 * The first signal lets running exchanges end, the second ends them. A terminal that is closed sends SIGHUP more than
 * once, and one that was ignored at the start (nohup) stays ignored.
 */
function stopOnSignals(server: Server, gateway: Gateway): void {
  let stopping = false;
  const stop = async () => {
    if (stopping) process.exit(1);
    stopping = true;
    gateway.log.info('stopping: waiting for running exchanges to end');
    for (const reply of gateway.replies) reply.hurry();
    setTimeout(() => cutOff(gateway), DRAIN).unref();
    await new Promise((resolve) => {
      server.close(resolve);
      // a connection that a client keeps open after its last exchange would delay the end
      setInterval(() => server.closeIdleConnections(), 100).unref();
    });
    await gateway.stop();
    process.exit();
  };
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => void stop());
  const ignored = ignoresHangup();
  process.on('SIGHUP', () => {
    if (!stopping && !ignored) void stop();
  });
}

/** Ends what has not ended, so that each exchange has its `end` and its line in the log. */
function cutOff(gateway: Gateway): void {
  process.exitCode = 1;
  for (const reply of gateway.replies) reply.close();
  setTimeout(() => process.exit(), LAST_WORDS);
}
