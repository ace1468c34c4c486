import type { Command } from 'commander'
import { InvalidArgumentError, Option } from 'commander'
import { withoutForeignOptions } from './foreign-options.ts'
import { queueVariable } from './pool/queue-option.ts'

type Run = (words: readonly string[], options: never) => Promise<number>

/** Adds the subcommand `pool` with its own subcommands. Each is loaded on first use. */
export function addPool(program: Command, settle: (work: Promise<number>) => Promise<void>): void {
  const pool = program
    .command('pool')
    .description('give tests to machines: the machine that becomes free takes the next')
  const add = (name: string, summary: string, load: () => Promise<Run>): Command => {
    const subcommand = pool.command(name).description(summary).configureHelp(withoutForeignOptions)
    return subcommand.action(() =>
      settle(load().then((run) => run(subcommand.args, subcommand.optsWithGlobals() as never))),
    )
  }
  withSelection(
    add('list', 'the tests that run would run', async () => (await import('./commands/pool-list.ts')).poolList),
  ).option('--json', 'names and data, as JSON')
  withQueue(
    withMachines(
      withSelection(add('run', 'run tests on machines', async () => (await import('./commands/pool-run.ts')).poolRun)),
    ),
  )
    .option('--timeout <time>', 'limit of one test: 90s, 10m; default: 1h')
    .option('--install', 'install packages required by FMF tests on this host, too, with sudo')
    .option('--reruns <number>', 'how often a test that failed is run again', parseCount, 0)
    .option('--listen [address]', 'start a queue here, and say how other hosts join')
  withQueue(
    withMachines(
      add(
        'work',
        'run tests of another host, from its queue',
        async () => (await import('./commands/pool-work.ts')).poolWork,
      ),
    ),
  ).option('--timeout <time>', 'how long to wait for a run: 90s, 10m; default: 60s')
  withQueue(
    add(
      'status',
      'the counts, hosts and machines of a queue',
      async () => (await import('./commands/pool-status.ts')).poolStatus,
    ),
  ).option('--json', 'as JSON')
}

function withMachines(command: Command): Command {
  return command
    .option('-m, --machines <list>', 'such as local=4,ssh://user@host=2,container:image=2', 'local=2')
    .option('-o, --output <directory>', 'directory of the results; default: pool-results/<time>')
    .addOption(
      new Option('--services <how>', 'services of the config, for each machine')
        .choices(['own', 'shared', 'none'])
        .default('own'),
    )
    .option('--spares <number>', 'number of the machines that wait to replace another', parseCount, 0)
}

function withQueue(command: Command): Command {
  return command.addOption(
    new Option('--queue <url>', 'queue of several hosts, such as redis://host').env(queueVariable),
  )
}

function withSelection(command: Command): Command {
  return command
    .argument('[file...]', "parts of paths of the project's Vitest files; with --fmf, names of tests")
    .option('--vitest-config <file>', 'config file of Vitest, relative to the project; default: found by Vitest')
    .option('--commands <file>', 'a test for each line of a file, a command; - for standard input')
    .option('--fmf <directory>', 'the tests of an FMF tree')
    .option('--context <dimension=value...>', 'values that adjust the tree, such as distro=fedora-33')
    .option('--filter <filter...>', 'filter for FMF tests, such as "tag: smoke & component: -kernel"')
    .option('--condition <condition...>', 'condition for FMF tests, such as "tier == 1"')
}

function parseCount(text: string): number {
  if (!/^\d+$/.test(text)) throw new InvalidArgumentError('expected a number of 0 or more')
  return Number(text)
}
