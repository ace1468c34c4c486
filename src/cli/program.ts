import { Command } from 'commander'
import { UsageError } from '../kernel/errors.ts'
import { examples } from './help.ts'
import { defaultName, type GlobalOptions } from './options.ts'

interface StartOptions extends GlobalOptions {
  readonly daemonise?: boolean
  readonly stop?: boolean
}

interface StatusOptions extends GlobalOptions {
  readonly json?: boolean
}

interface LogsOptions extends GlobalOptions {
  readonly follow?: boolean
}

interface SweepFlags extends GlobalOptions {
  readonly dryRun?: boolean
}

/**
 * The command line's grammar. Each subcommand is loaded when it is used.
 *
 * @param command what stood after `--`
 * @param settle takes the exit code
 */
export function createProgram(
  version: string,
  command: readonly string[] | undefined,
  settle: (exitCode: number) => void,
): Command {
  const program = new Command('test-services')
    .description('Real services for tests and development, without Docker.')
    .version(version, '-V, --version')
    .exitOverride()
    .showSuggestionAfterError()
    .showHelpAfterError('(see test-services --help)')
    .addHelpText('after', examples)
  const add = (usage: string, summary: string): Command =>
    withGlobalOptions(program.command(usage).description(summary))

  withGlobalOptions(
    program
      .command('start', { isDefault: true })
      .argument('[service...]', 'which services; default: all of the config'),
  )
    .description('start services and hold them, in the foreground unless --daemonise')
    .option('-d, --daemonise', 'return when everything is ready, and print the variables')
    .option('--stop', 'the same as the subcommand stop')
    .action(async (names: string[], options: StartOptions) => {
      refuseCommand(command)
      if (options.stop) return settle(await (await import('./stop.ts')).stop(options))
      if (options.daemonise) return settle(await (await import('./daemonise.ts')).daemonise(names, options))
      settle(await (await import('./start.ts')).start(names, options))
    })
  add('stop', 'stop what --daemonise started, and print what unsets the variables').action(
    async (options: GlobalOptions) => {
      settle(await (await import('./stop.ts')).stop(options))
    },
  )
  add('exec', 'unique instances for one command: exec [SERVICE…] -- COMMAND…')
    .argument('[service...]', 'which services; default: all of the config')
    .action(async (names: string[], options: GlobalOptions) => {
      settle(await (await import('./exec.ts')).exec(names, command, options))
    })
  add('env', 'print the variables of what is running, again').action(async (options: GlobalOptions) => {
    settle(await (await import('./env.ts')).env(options))
  })
  add('status', 'what runs: state, pid, uptime, url, memory')
    .option('--json', 'for programs')
    .action(async (options: StatusOptions) => {
      settle(await (await import('./status.ts')).status(options))
    })
  add('logs', 'the log of a service, or of all')
    .argument('[service]')
    .option('-f, --follow', 'go on until it stops')
    .action(async (service: string | undefined, options: LogsOptions) => {
      settle(await (await import('./logs.ts')).logs(service, options))
    })
  add('reset', 'make what is running as it was when it became ready')
    .argument('[service...]')
    .action(async (names: string[], options: GlobalOptions) => {
      settle(await (await import('./reset.ts')).reset(names, options))
    })
  add('sweep', 'remove what dead holders left behind')
    .option('--dry-run', 'only say what would be removed')
    .action(async (options: SweepFlags) => {
      settle(await (await import('./sweep.ts')).sweepAll(options))
    })
  return program
}

function withGlobalOptions(subcommand: Command): Command {
  return subcommand
    .option('-c, --config <file>', 'the config file; default: test-services.config.ts from here upward')
    .option('-n, --name <name>', 'tells several helpers of one project apart', defaultName)
    .option('--prefix <prefix>', 'of the variables; default: LP')
    .option('--shell <shell>', 'sh, bash, zsh, fish, csh or powershell; default: the one that calls')
    .option('--format <format>', 'dotenv, json or github instead of a shell')
    .option('--timeout <time>', 'for the whole start: 90s, 1500ms, 2m; default: 60s')
    .option('-q, --quiet', 'say nothing but errors')
    .option('-v, --verbose', 'say more')
}

function refuseCommand(command: readonly string[] | undefined): void {
  if (command) throw new UsageError(`only exec takes a command after "--": test-services exec -- ${command.join(' ')}`)
}
