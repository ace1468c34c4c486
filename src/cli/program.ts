import { Argument, Command, Option } from 'commander'
import { asError, hasCode, UsageError } from '../kernel/errors.ts'
import { ownCommand } from '../kernel/own-command.ts'
import { didYouMean, nearest } from '../kernel/suggestion.ts'
import { quoteArguments } from '../shell/quote-argv.ts'
import { type CompletedShell, completedShells } from './completion/shell-scripts.ts'
import { examples } from './help.ts'
import { addPool } from './pool-program.ts'
import { exitCodes } from './terminal/exit-codes.ts'
import type { GlobalOptions } from './terminal/options.ts'
import { addWorkflow } from './workflow-program.ts'

type Options = GlobalOptions & Readonly<Record<string, boolean | undefined>>
type Action = (names: readonly string[], options: Options) => number | Promise<number>

/** Subcommand that is meant if none is named. */
export const defaultCommand = 'start'

const whichServices = 'which services; default: all of the config'

/**
 * Returns the grammar of the command line. Each subcommand is loaded on first use.
 *
 * @param command words after `--`
 * @param settle receives the exit code
 */
export function createProgram(
  version: string,
  command: readonly string[] | undefined,
  settle: (exitCode: number) => void,
): Command {
  const configs: string[] = []
  const program = withGlobalOptions(new Command('test-services'), configs)
    .description('Real services for tests and development, without Docker.')
    .version(version, '-V, --version')
    .configureHelp({ showGlobalOptions: true })
    .helpCommand(false)
    .exitOverride()
    .showSuggestionAfterError()
    .showHelpAfterError(`(see ${ownCommand()} --help)`)
    .addHelpText('after', examples)
  const add = (name: string, summary: string, action: Action): Command => {
    const subcommand = program.command(name, { isDefault: name === defaultCommand }).description(summary)
    return subcommand.action(async () => {
      if (name !== 'exec') refuseCommand(command)
      settle(await action(subcommand.args, subcommand.optsWithGlobals()))
    })
  }

  add(defaultCommand, 'start services and hold them, in the foreground unless --daemonise', async (names, options) => {
    if (options.stop && options.daemonise)
      throw new UsageError('--stop and --daemonise exclude each other: stop first, then start')
    if (options.stop && names.length > 0)
      throw new UsageError(`--stop takes no service (${names.join(', ')}): it stops all that the helper holds`)
    if (options.stop) return (await import('./commands/stop.ts')).stop(options)
    const begin = options.daemonise
      ? (await import('./commands/daemonise.ts')).daemonise
      : (await import('./commands/start.ts')).start
    return begin(names, options).catch((thrown) => {
      throw withNearest(program, names, asError(thrown))
    })
  })
    .argument('[service...]', whichServices)
    .option('-d, --daemonise', 'return when everything is ready, and print the variables')
    .option('--stop', 'the same as the subcommand stop')
  add('stop', 'stop what --daemonise started, and print what unsets the variables', async (_, options) =>
    (await import('./commands/stop.ts')).stop(options),
  )
  add('exec', 'unique instances for one command: exec [SERVICE…] -- COMMAND…', async (names, options) =>
    (await import('./commands/exec.ts')).exec(names, command, options),
  ).argument('[service...]', whichServices)
  add('env', 'print the variables of what is running, again', async (_, options) =>
    (await import('./commands/env.ts')).env(options),
  )
  add('status', 'what runs: state, pid, uptime, url, memory', async (_, options) =>
    (await import('./commands/status.ts')).status(options),
  ).option('--json', 'machine-readable output')
  add('logs', 'the log of a service, or of all', async ([name], options) =>
    (await import('./commands/logs.ts')).logs(name, options),
  )
    .argument('[service]')
    .option('-f, --follow', 'follow the log until the service stops')
  add('reset', 'make what is running as it was when it became ready', async (names, options) =>
    (await import('./commands/reset.ts')).reset(names, options),
  ).argument('[service...]')
  add('list', 'all helpers of this user: project, name, since when', async (_, options) =>
    (await import('./commands/list.ts')).list(options),
  ).option('--json', 'machine-readable output')
  add('sweep', 'clean up after processes that were killed', async (_, options) =>
    (await import('./commands/sweep.ts')).sweepAll({ dryRun: options.dryRun ?? false, cache: options.cache }),
  )
    .option('--dry-run', 'only say what would be removed')
    .option('--cache', 'prepared data too, unless it was used in the last 10 minutes; it is made again when needed')
  add('doctor', 'which fixtures can run here, and what to install for the others', async (names, options) =>
    (await import('./commands/doctor.ts')).doctor(names, options),
  )
    .argument('[fixture...]', 'which of them; fails if one of these cannot run')
    .option('--json', 'machine-readable output')
  add(
    'init',
    'write a config and an example test for fixtures, or a workflow: init postgres',
    async (names, options) => {
      const [first, ...others] = names
      if (first === 'workflow')
        return (await import('./commands/init-workflow.ts')).initWorkflow(others, options.force ?? false)
      return (await import('./commands/init.ts')).init(names, options)
    },
  )
    .argument('[fixture...]', 'which fixtures; or "workflow"')
    .option('--force', 'replace files that exist; the old config is kept beside, as .bak')
  add(
    'report',
    'an HTML page of a pool or a workflow, and JUnit XML of the results of a pool',
    async (directories, options) => (await import('./commands/report.ts')).report(directories, options),
  )
    .argument('[directory...]', 'directories of results, all of a run, or of a workflow; default: pool-results')
    .option('--junit <file>', 'file for the JUnit XML; default: junit.xml in the directory')
  const settleOthers = async (work: Promise<number>): Promise<void> => {
    refuseCommand(command)
    settle(await work)
  }
  addPool(program, settleOthers)
  addWorkflow(program, configs, settleOthers)
  add('resources', 'the scripts, workflows and configs that are found, or one of them', async ([name], options) =>
    (await import('./commands/resources.ts')).resources(name, options),
  )
    .argument('[name]', 'a script and its arguments, a workflow and its steps, or a config and its values')
    .option('--json', 'machine-readable output')
  add('completion', 'print what a shell evaluates to complete commands: eval "$(… completion bash)"', async ([shell]) =>
    (await import('./commands/completion.ts')).completion(shell as CompletedShell),
  ).addArgument(new Argument('<shell>').choices(completedShells))
  add('help', 'this, or the help of a subcommand', ([name]) => {
    const chosen = name === undefined ? program : program.commands.find((subcommand) => subcommand.name() === name)
    if (!chosen) throw noSubcommand(program, name ?? '')
    chosen.outputHelp()
    return exitCodes.done
  }).argument('[subcommand]')
  return program
}

function noSubcommand({ commands }: Command, name: string): UsageError {
  const known = commands.map((subcommand) => subcommand.name())
  return new UsageError(`"${name}" is no subcommand${didYouMean(name, known)}; there are ${known.join(', ')}`)
}

/** @param configs gets all values of `--config`; every subcommand but `workflow` uses the last */
function withGlobalOptions(program: Command, configs: string[]): Command {
  const remember = (file: string): string => {
    configs.push(file)
    return file
  }
  return program
    .option('-c, --config <file>', 'the config file; default: test-services.config.ts from here upward', remember)
    .option('-n, --name <name>', 'name of this helper, if a project runs several (default: "default")')
    .option('--prefix <prefix>', 'prefix of the variables; default: LP')
    .option('--shell <shell>', 'sh, bash, zsh, fish, csh or powershell; default: the calling shell')
    .option('--format <format>', 'print for dotenv, json or github instead of a shell')
    .option('--timeout <time>', 'limit of the whole start: 90s, 1500ms, 2m; default: 60s')
    .option('-q, --quiet', 'say nothing but errors')
    .option('-v, --verbose', 'say every step on a line of its own, and where an error comes from')
    .addOption(new Option('-i, --instance <name>').hideHelp().argParser(refuseInstance))
}

/**
 * Rejects `-i`, by which other tools choose an instance: a test in a subprocess must choose the same instance, so only
 * the environment can choose.
 */
function refuseInstance(name: string): never {
  throw new UsageError(`there is no -i: the environment chooses an instance, LP_CONFIG=${name} ${ownCommand()}`)
}

function refuseCommand(command: readonly string[] | undefined): void {
  if (command)
    throw new UsageError(`only exec takes a command after "--": ${ownCommand()} exec -- ${quoteArguments(command)}`)
}

/**
 * Adds a hint to an error about an unknown service: without a subcommand a word names a service, so a misspelt
 * subcommand looks like an unknown service.
 */
function withNearest({ commands }: Command, names: readonly string[], error: Error): Error {
  if (!hasCode(error, 'ERR_USAGE')) return error
  const subcommands = commands.map((subcommand) => subcommand.name())
  const [meant] = names.flatMap((name) => nearest(name, subcommands) ?? [])
  return meant ? new UsageError(`${error.message}; or is it the subcommand "${meant}" that you want?`) : error
}
