import type { Command } from 'commander'
import { ownCommand } from '../kernel/own-command.ts'
import type { WorkflowOptions } from './commands/workflow.ts'
import { withoutForeignOptions } from './foreign-options.ts'

type Settle = (work: Promise<number>) => Promise<void>

/**
 * Adds the subcommand `workflow`, loaded on first use.
 *
 * @param configs all values of `--config`: a workflow merges several files
 */
export function addWorkflow(program: Command, configs: readonly string[], settle: Settle): void {
  const workflow = program
    .command('workflow')
    .description('run the steps of a workflow, on this machine, over ssh or in a container')
    .argument('[file]', 'the workflow; default: workflow.yaml')
    .argument('[step...]', 'only these steps; default: all')
    .option('--lint', 'only check the workflow')
    .option('--from <step>', 'go on with the last run, from this step')
    .option('--fail-fast', 'run no step after one that fails')
    .option('--monitor', 'show the output of all commands')
    .option('-o, --output <directory>', 'for the records and the report', 'workflow-output')
    .option('--tag <tag>', 'a word for the report; may be repeated', collect)
    .addHelpText(
      'after',
      `
several configs: repeat -c, a later file wins, key by key
scripts for "uses", workflows, configs: ${ownCommand()} resources
arguments of a script: ${ownCommand()} resources SCRIPT
a first workflow: ${ownCommand()} init workflow`,
    )
    .configureHelp(withoutForeignOptions)
  workflow.action(() =>
    settle(
      import('./commands/workflow.ts').then((loaded) =>
        loaded.workflow(workflow.args, { ...workflow.optsWithGlobals<WorkflowOptions>(), configs }),
      ),
    ),
  )
}

/** Collects the values of a repeated option. */
function collect(value: string, earlier: readonly string[] = []): readonly string[] {
  return [...earlier, value]
}
