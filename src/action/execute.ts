import { CanceledError, CommandError } from '../kernel/errors.ts'
import { onAbort } from '../kernel/on-abort.ts'
import { Redactor } from '../kernel/redactor.ts'
import type { UserIds } from '../kernel/user-ids.ts'
import type { Resource } from '../run/journal.ts'
import { acquireRun, releaseRun } from '../run/own-run.ts'
import type { Run } from '../run/run.ts'
import { Action } from './action.ts'
import { ActionGroup } from './action-group.ts'
import type { ActionStatus, Argv } from './action-plan.ts'
import { describeStatus } from './action-status.ts'
import { redactedCommand } from './output/redacted-command.ts'

export interface ExecuteOptions {
  /** Name for messages: `initdb`. */
  readonly name: string
  readonly argv: Argv
  /** The command line shown in errors, without programs that wrap the command. Default: `argv`. */
  readonly shown?: readonly string[]
  /** The complete environment: no variable of this process is added. */
  readonly environment: Readonly<Record<string, string>>
  readonly directory: string
  /** Kills the command and all descendants. */
  readonly signal?: AbortSignal | undefined
  /** User to run as; only root can change the user. */
  readonly user?: UserIds | undefined
  /** Secrets to hide in errors. */
  readonly secrets?: readonly string[]
  /** Resource possibly left behind by a killed command: recorded before the command begins, removed after the end. */
  readonly leaves?: { readonly resource: Resource; readonly remove: () => Promise<void> } | undefined
}

const mostOutputBytes = 64 * 1024

/**
 * Runs one command for its effect, as an action without a session. The command is on record, and its output is read.
 * Processes left running are ended with the command.
 *
 * @throws ERR_COMMAND with the end of the output, ERR_CANCELED, ERR_MISSING_BINARY
 */
export async function execute(options: ExecuteOptions): Promise<void> {
  const run = await acquireRun()
  try {
    await executeIn(run, options)
  } finally {
    await releaseRun(run)
  }
}

async function executeIn(run: Run, options: ExecuteOptions): Promise<void> {
  const { name, argv, signal } = options
  const group = new ActionGroup(run, { label: 'COMMAND' })
  const redactor = new Redactor(options.secrets)
  let output = Buffer.alloc(0)
  const action = new Action(
    name,
    { command: argv, directory: options.directory },
    {
      group,
      environment: options.environment,
      directory: group.directory,
      filesDirectory: `${group.directory}/files`,
      pathMappingFile: '',
      redactor,
      owner: options.user && { name: '', home: '/', via: 'root', ...options.user },
      onLines: (lines) => {
        output = Buffer.concat([output, lines]).subarray(-mostOutputBytes)
      },
    },
  )
  const removed = options.leaves && run.record(options.leaves.resource)
  using _listening = onAbort(signal, () => action.cancel())
  try {
    if (signal?.aborted) throw new CanceledError(name, { cause: signal.reason })
    const status = await action.run()
    if (status.state === 'canceled') throw new CanceledError(name, { cause: signal?.reason })
    if (status.state !== 'success') throw failure(options, status, { redactor, output: output.toString() })
  } finally {
    await group.end()
    await options.leaves?.remove()
    removed?.()
  }
}

function failure(
  { name, argv, shown = argv }: ExecuteOptions,
  status: ActionStatus,
  said: { redactor: Redactor; output: string },
) {
  if (status.error) return status.error
  const how = status.signal ? `signal ${status.signal}` : `exit status ${status.exitCode}`
  const why = status.failMessage === undefined ? how : describeStatus(status)
  const lines = said.output
    .trim()
    .split('\n')
    .map((line) => `    ${line}`)
  const message = `${name} failed: ${why}\n  command: ${redactedCommand(shown, said.redactor)}\n  it said:\n${lines.join('\n')}`
  return new CommandError(message, status.exitCode)
}
