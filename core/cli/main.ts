#!/usr/bin/env node
import { readFileSync } from 'node:fs';
import { findPackageJSON } from 'node:module';
import { Argument, Command, Option } from 'commander';
import { CLIENT_CONFIGS, type ConfiguredClient } from '../clients/client-configs.ts';
import { HISTORY_STORES } from '../config/history-settings.ts';
import { LOG_FORMATS, LOG_LEVELS } from '../config/log.ts';
import type { Flags } from '../config/settings.ts';
import { messageOf } from '../contract/errors.ts';
import { didYouMean } from '../kit/did-you-mean.ts';
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
  .showHelpAfterError('(tapline --help lists commands and flags)');

history(place(selection(program.command('serve', { isDefault: true }).description('serve clients, in the foreground (default)'))))
  .option('--body-limit <bytes>', 'the largest request, unpacked, like 32m (default: 32m)')
  .addOption(new Option('--log-level <level>', `${LOG_LEVELS.join(', ')} (LOG_LEVEL; default: info)`))
  .addOption(new Option('--log-format <format>', `${LOG_FORMATS.join(' or ')} (default: text on a terminal, else json)`))
  .allowExcessArguments() // of the default command: a mistyped command, see below
  .action((flags: Flags, { args: [unknown] }: Command) => (unknown === undefined ? serve(flags, version) : program.error(noCommand(unknown))));

selection(program.command('plugins').description('list the plugins'))
  .option('--order', "list the chosen preset's plugins in their order, with their handlers")
  .action((flags: Flags & { order?: boolean }) => listPlugins(flags));

program
  .command('plugin')
  .description('work on a plugin of your own')
  .command('test')
  .description('play the fixtures of a plugin; with UPDATE_FIXTURES=1 write the outcomes into them instead of comparing')
  .argument('<plugin>', 'a file, like ./acme-accent.ts, or a name: see "tapline plugins"')
  .option('--fixtures <folder>', 'their folder (default: beside the file, acme-accent.fixtures/ or fixtures/acme-accent/)')
  .exitOverride(({ exitCode }) => process.exit(exitCode && 2))
  .action(async (plugin: string, flags: { fixtures?: string }) => {
    const code = await pluginTest(plugin, flags);
    process.stdout.write('', () => process.exit(code)); // a timer of a plugin must not keep it running
  });

place(selection(program.command('print-config').description('print the config of a client for the gateway that "serve" starts with the same flags')))
  .addArgument(new Argument('<client>').choices(['codex', ...Object.keys(CLIENT_CONFIGS)]))
  .option('--write', 'codex: merge it into config.toml in $CODEX_HOME (default ~/.codex), after a dated copy')
  .option('--catalog <file>', 'codex: write the catalogue of models to this file (default, with --write: $CODEX_HOME/tapline-models.json)')
  .option('--model <name>', 'the model to use; it may be one that the preset does not list')
  .action((client: string, flags: PrintFlags) => (client === 'codex' ? printConfig(flags) : printClientConfig(client as ConfiguredClient, flags)));

program.command('presets').description('list the presets').action(listPresets);

selection(
  program.command('probe').description("send a preset's provider tiny requests, and print the plugins that its accent needs; costs a few thousand tokens"),
)
  .argument('<preset>', 'the provider: see "tapline presets"; openai-compatible, with --upstream, for any other')
  .option('--model <name>', "the model to ask (default: the preset's first, else the first that the provider lists)")
  .addOption(new Option('--as <form>', 'the format of the printed plugins: for proxy.config.ts or .yaml').choices(['ts', 'yaml']).default('ts'))
  .option('--json', 'print the findings as JSON')
  .action((preset: string, flags: ProbeFlags) => probe(preset, flags));

program
  .command('relay')
  .description('serve like codex-relay 0.5.8, with its flags and variables (CODEX_RELAY_*); docs/migrating.md lists the differences')
  .option('--port <number>', 'the port to listen on (CODEX_RELAY_PORT; default: 4444)')
  .option('--bind <address>', 'the address to listen on; any but loopback needs a client key in TAPLINE_API_KEY (CODEX_RELAY_BIND; default: 127.0.0.1)')
  .option('--upstream <url>', "the base of the provider's API (CODEX_RELAY_UPSTREAM; default: that of codex-relay)")
  .option('--allow-http-upstream', 'send requests to another machine over http')
  .option('--api-key <key>', "the provider's key; prefer CODEX_RELAY_API_KEY, which no process list shows")
  .option('--upstream-extra-params <json>', 'an object to merge into every request (CODEX_RELAY_UPSTREAM_EXTRA_PARAMS)')
  .option('--drop-upstream-params <json>', 'a list of fields to drop from every request, before the merge (CODEX_RELAY_DROP_PARAMS)')
  .option('--model-map <pairs>', "client's model and provider's: gpt-5:other-model,o3:another (CODEX_RELAY_MODEL_MAP)")
  .option('--print-config', "print the lines for Codex's config.toml, and end")
  .option('--model-catalog <file>', 'with --print-config: write a catalogue of models to this file')
  .option('--model-template <model>', "with --print-config: Codex's own model whose instructions and tools the others get")
  .option('--max-sessions <number>', 'the number of responses to keep (CODEX_RELAY_MAX_SESSIONS; default: 256)')
  .option('--max-session-memory-mb <number>', 'MiB of responses to keep (CODEX_RELAY_MAX_SESSION_MEMORY_MB; default: 512)')
  .option('--session-ttl-hours <hours>', 'hours to keep an unused response (CODEX_RELAY_SESSION_TTL_HOURS; default: 168)')
  .option('--history-store <store>', `${HISTORY_STORES.join(' or ')} (CODEX_RELAY_HISTORY_STORE; default: memory)`)
  .option('--history-dir <folder>', 'the folder of "disk" (CODEX_RELAY_HISTORY_DIR; default: .codex-relay-history)')
  .option('--record-corpus <folder>', 'write every completed turn to files in this folder: treat them as sensitive (CODEX_RELAY_RECORD_CORPUS)')
  .action((flags: RelayCommandFlags) => relay(flags, version));

/** Commander itself would report the word as an argument too many of `serve`. */
function noCommand(word: string): string {
  const names = program.commands.map((command) => command.name());
  return `error: there is no command "${word}"${didYouMean(word, names)}; there are ${names.join(', ')}`;
}

/** The flags for the gateway's address and its client key. */
function place(command: Command): Command {
  return command
    .option('--host <address>', 'the address to listen on; any but loopback needs a client key (default: 127.0.0.1)')
    .option('--port <number>', "the port to listen on (PROXY_PORT; default: the preset's, or 4891)")
    .option('--api-key <key>', 'the key that clients must send; prefer TAPLINE_API_KEY, which no process list shows');
}

/** The flags for the kept responses. */
function history(command: Command): Command {
  return command
    .addOption(new Option('--history-store <store>', `the store of the history: ${HISTORY_STORES.join(' or ')} (TAPLINE_HISTORY_STORE; default: memory)`))
    .option('--history-dir <folder>', 'the folder of "disk" (TAPLINE_HISTORY_DIR; default: "history" in the state directory)')
    .option('--state-dir <folder>', "the folder for state (TAPLINE_STATE_DIR; default: tapline in $XDG_STATE_HOME, or the platform's usual place)")
    .option('--history-ttl-hours <hours>', 'hours to keep an unused response (default: 168)')
    .option('--history-max-entries <number>', 'the number of responses to keep (default: 256)')
    .option('--history-max-mb <number>', 'MiB of responses to keep (default: 512)');
}

/** The flags that choose a provider. */
function selection(command: Command): Command {
  return command
    .option('--config <file>', 'the config file (default: proxy.config.* of the working directory)')
    .option('--no-config', 'use no config file and no .env')
    .option('--preset <name>', 'the provider, or several by comma: see "tapline presets"')
    .option('--upstream <url>', "the base of the provider's API instead of the preset's (TAPLINE_UPSTREAM)")
    .option('--upstream-dialect <dialect>', 'the dialect of that API: chat, responses or messages')
    .option('--upstream-key <key>', "the provider's key; prefer TAPLINE_UPSTREAM_KEY, which no process list shows")
    .option('--allow-http-upstream', 'send the key over http to another machine')
    .addOption(new Option('--lane <lane>', "translate even if the provider speaks the client's dialect").choices(['translated']))
    .option('--plugin <file>', 'add a plugin: a file like ./acme-accent.ts, or a name; may be repeated', collect)
    .option('--model-map <pairs>', "client's model and provider's: gpt-5=other-model,o3=another")
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
