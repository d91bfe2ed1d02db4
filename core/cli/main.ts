#!/usr/bin/env node
import { readFileSync } from 'node:fs';
import { findPackageJSON } from 'node:module';
import { Argument, Command, Option } from 'commander';
import { CLIENT_CONFIGS, type ConfiguredClient } from '../clients/client-configs.ts';
import { HISTORY_STORES } from '../config/history-settings.ts';
import { LOG_FORMATS, LOG_LEVELS } from '../config/log.ts';
import type { Flags } from '../config/settings.ts';
import { messageOf } from '../contract/errors.ts';
import { endWithReader } from './closed-outputs.ts';
import { ignoresHangup } from './hangup.ts';
import { pluginTest } from './plugin-test.ts';
import { listPlugins } from './plugins.ts';
import { listPresets } from './presets.ts';
import { printClientConfig } from './print-client-config.ts';
import { type PrintFlags, printConfig } from './print-config.ts';
import { type ProbeFlags, probe } from './probe.ts';
import { type RelayCommandFlags, relay } from './relay.ts';
import { serve } from './serve.ts';

const { version } = JSON.parse(readFileSync(findPackageJSON('..', import.meta.url) ?? '', 'utf8')) as { version: string };
const collect = (name: string, names: string[] = []): string[] => [...names, name];

const program = new Command('tapline')
  .description('A local gateway between coding agents and model providers, made of small plugins.')
  .version(version)
  .showHelpAfterError('(tapline --help tells what there is)');

history(place(selection(program.command('serve', { isDefault: true }).description('answer clients, in the foreground (default)'))))
  .option('--body-limit <bytes>', 'the largest request, like 32m')
  .addOption(new Option('--log-level <level>', `${LOG_LEVELS.join(', ')} (LOG_LEVEL; default: info)`))
  .addOption(new Option('--log-format <format>', `${LOG_FORMATS.join(' or ')} (default: text on a terminal, else json)`))
  .action((flags: Flags) => serve(flags, version));

selection(program.command('plugins').description('list the plugins there are'))
  .option('--order', 'the order in which those of the chosen preset run, with their handlers')
  .action((flags: Flags & { order?: boolean }) => listPlugins(flags));

program
  .command('plugin')
  .description('work on a plugin of your own')
  .command('test')
  .description('play the fixtures of a plugin; UPDATE_FIXTURES=1 writes what comes out into them in place of comparing it')
  .argument('<plugin>', 'a file, like ./acme-accent.ts, or a name: see "tapline plugins"')
  .option('--fixtures <folder>', 'where they are (default: beside the file, in acme-accent.fixtures/ or fixtures/acme-accent/)')
  .exitOverride(({ exitCode }) => process.exit(exitCode && 2))
  .action(async (plugin: string, flags: { fixtures?: string }) => {
    const code = await pluginTest(plugin, flags);
    process.stdout.write('', () => process.exit(code)); // a timer that a plugin left behind must not keep it from ending
  });

place(
  selection(program.command('print-config').description('print what a client needs in its config to find the gateway that "serve" starts with the same flags')),
)
  .addArgument(new Argument('<client>').choices(['codex', ...Object.keys(CLIENT_CONFIGS)]))
  .option('--write', "codex: merge it into the client's own config ($CODEX_HOME/config.toml, default ~/.codex), after a dated copy")
  .option('--catalog <file>', 'codex: write the catalogue of models there (default: $CODEX_HOME/tapline-models.json, with --write only)')
  .option('--model <name>', 'the model to use, also one that the preset does not know')
  .action((client: string, flags: PrintFlags) => (client === 'codex' ? printConfig(flags) : printClientConfig(client as ConfiguredClient, flags)));

program.command('presets').description('list the presets there are').action(listPresets);

selection(
  program.command('probe').description("ask a preset's provider tiny questions, and print which plugins its accent needs; this costs a few thousand tokens"),
)
  .argument('<preset>', 'the provider: see "tapline presets"; openai-compatible, with --upstream, for any other')
  .option('--model <name>', "the model to ask (default: the preset's first, else the first that the provider lists)")
  .addOption(new Option('--as <form>', 'what the plugins are printed for: proxy.config.ts or .yaml').choices(['ts', 'yaml']).default('ts'))
  .option('--json', 'print what was found for machines')
  .action((preset: string, flags: ProbeFlags) => probe(preset, flags));

program
  .command('relay')
  .description('serve as codex-relay 0.5.8 did, with its flags and its variables (CODEX_RELAY_*); docs/migrating.md tells the differences')
  .option('--port <number>', 'where to listen (CODEX_RELAY_PORT; default: 4444)')
  .option('--bind <address>', 'where to listen; any but loopback needs a key of clients: TAPLINE_API_KEY (CODEX_RELAY_BIND; default: 127.0.0.1)')
  .option('--upstream <url>', "the base of the provider's API (CODEX_RELAY_UPSTREAM; default: the one codex-relay had)")
  .option('--allow-http-upstream', 'ask another machine over http')
  .option('--api-key <key>', "the provider's key; better set CODEX_RELAY_API_KEY, which no process list shows")
  .option('--upstream-extra-params <json>', 'an object that is merged into every request (CODEX_RELAY_UPSTREAM_EXTRA_PARAMS)')
  .option('--drop-upstream-params <json>', 'a list of fields to leave out of every request, before that (CODEX_RELAY_DROP_PARAMS)')
  .option('--model-map <pairs>', "client's model to provider's: gpt-5:other-model,o3:another (CODEX_RELAY_MODEL_MAP)")
  .option('--print-config', "print what stands in Codex's config.toml, and end")
  .option('--model-catalog <file>', 'write a catalogue of models there, with --print-config')
  .option('--model-template <model>', "the model of Codex's own whose instructions and tools the others get")
  .option('--max-sessions <number>', 'how many responses are kept (CODEX_RELAY_MAX_SESSIONS; default: 256)')
  .option('--max-session-memory-mb <number>', 'how many MiB of responses are kept (CODEX_RELAY_MAX_SESSION_MEMORY_MB; default: 512)')
  .option('--session-ttl-hours <hours>', 'how long a response is kept unused (CODEX_RELAY_SESSION_TTL_HOURS; default: 168)')
  .option('--history-store <store>', `${HISTORY_STORES.join(' or ')} (CODEX_RELAY_HISTORY_STORE; default: memory)`)
  .option('--history-dir <folder>', 'where "disk" keeps it (CODEX_RELAY_HISTORY_DIR; default: .codex-relay-history)')
  .option('--record-corpus <folder>', 'write every completed turn to files there: treat them as sensitive (CODEX_RELAY_RECORD_CORPUS)')
  .action((flags: RelayCommandFlags) => relay(flags, version));

/** The flags that say where the gateway is, and to whom it answers. */
function place(command: Command): Command {
  return command
    .option('--host <address>', 'where to listen; any but loopback needs a client key (default: 127.0.0.1)')
    .option('--port <number>', "where to listen (PROXY_PORT; default: the preset's, or 4891)")
    .option('--api-key <key>', 'what clients must show; better set TAPLINE_API_KEY, which no process list shows');
}

/** The flags that say what is kept across exchanges. */
function history(command: Command): Command {
  return command
    .addOption(new Option('--history-store <store>', `where the history is kept: ${HISTORY_STORES.join(' or ')} (TAPLINE_HISTORY_STORE; default: memory)`))
    .option('--history-dir <folder>', 'where "disk" keeps it (TAPLINE_HISTORY_DIR; default: "history" in the state directory)')
    .option('--state-dir <folder>', "where state is kept (TAPLINE_STATE_DIR; default: tapline in $XDG_STATE_HOME, or in the platform's place)")
    .option('--history-ttl-hours <hours>', 'how long a response is kept unused (default: 168)')
    .option('--history-max-entries <number>', 'how many responses are kept (default: 256)')
    .option('--history-max-mb <number>', 'how many MiB of responses are kept (default: 512)');
}

/** The flags that choose a provider. */
function selection(command: Command): Command {
  return command
    .option('--config <file>', 'the config file (default: proxy.config.* of the working directory)')
    .option('--no-config', 'use no config file and no .env')
    .option('--preset <name>', 'the provider: see "tapline presets"')
    .option('--upstream <url>', "the base of the provider's API, in place of the preset's (TAPLINE_UPSTREAM)")
    .option('--upstream-dialect <dialect>', 'what it speaks: chat, responses or messages')
    .option('--upstream-key <key>', 'its key; better set TAPLINE_UPSTREAM_KEY, which no process list shows')
    .option('--allow-http-upstream', 'send the key over http to another machine')
    .addOption(
      new Option('--lane <lane>', "translated: through the canonical form, also where the provider speaks the client's dialect").choices(['translated']),
    )
    .option('--plugin <file>', 'a plugin of your own, as a file or by its name; may be repeated', collect)
    .option('--model-map <pairs>', "client's model to provider's: gpt-5=other-model,o3=another")
    .option('--disable <names>', 'plugins to leave out, by comma; may be repeated', collect);
}

endWithReader();
if (ignoresHangup()) process.on('SIGHUP', () => {});
// as in tapline.mjs, for a gateway that is started without it: a key that was given must not stay in the process list
if (process.argv.some((word) => /^--[\w-]*key\b/.test(word))) process.title = 'tapline';

try {
  await program.parseAsync();
} catch (thrown) {
  process.stderr.write(`tapline: ${messageOf(thrown)}\n`);
  process.exitCode = 1;
}
