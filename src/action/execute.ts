import { CanceledError, CommandError } from '../kernel/errors.ts'
import type { Resource } from '../run/journal.ts'
import { acquireRun, type Run, releaseRun } from '../run/run.ts'
import { Action } from './action.ts'
import type { ActionStatus, Argv } from './action-plan.ts'
import { ActionScope } from './action-scope.ts'
import { describeStatus } from './action-status.ts'
import { Redactions } from './redactions.ts'

export interface ExecuteOptions {
  /** For messages: `initdb`. */
  readonly name: string
  readonly argv: Argv
  /** The command as errors show it, without what it runs in. Default: all of it. */
  readonly shown?: readonly string[]
  /** All of it: nothing of this process's own is added. */
  readonly environment: Readonly<Record<string, string>>
  readonly directory: string
  /** Kills it with all that it started. */
  readonly signal?: AbortSignal | undefined
  /** Another user to run as; only root can ask for one. */
  readonly user?: { readonly uid: number; readonly gid: number } | undefined
  /** What must not be shown in an error. */
  readonly secrets?: readonly string[]
  /** What it may leave when it is killed: on record before it begins, removed after it. */
  readonly leaves?: { readonly resource: Resource; readonly remove: () => Promise<void> } | undefined
}

const mostOutputBytes = 64 * 1024

/**
 * Runs one command for its effect, as an action without a session: on record, its output read, and with all that it
 * leaves running ended after it.
 *
 * @throws ERR_COMMAND with the end of what it said, ERR_CANCELED, ERR_MISSING_BINARY
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
  const scope = new ActionScope(run, { label: 'COMMAND' })
  const redactions = new Redactions()
  for (const secret of options.secrets ?? []) redactions.add(secret)
  let output = Buffer.alloc(0)
  const action = new Action(
    name,
    { command: argv, directory: options.directory },
    {
      scope,
      environment: options.environment,
      directory: scope.directory,
      filesDirectory: `${scope.directory}/files`,
      pathMappingFile: '',
      redactions,
      owner: options.user && { name: '', home: '/', via: 'root', ...options.user },
      onLines: (lines) => {
        output = Buffer.concat([output, lines]).subarray(-mostOutputBytes)
      },
    },
  )
  const removed = options.leaves && run.record(options.leaves.resource)
  const cancel = (): void => action.cancel()
  signal?.addEventListener('abort', cancel, { once: true })
  try {
    if (signal?.aborted) throw new CanceledError(name, { cause: signal.reason })
    const status = await action.run()
    if (status.state === 'canceled') throw new CanceledError(name, { cause: signal?.reason })
    if (status.state !== 'success') throw failure(options, status, { redactions, output: output.toString() })
  } finally {
    signal?.removeEventListener('abort', cancel)
    await scope.end()
    await options.leaves?.remove()
    removed?.()
  }
}

function failure(
  { name, argv, shown = argv }: ExecuteOptions,
  status: ActionStatus,
  said: { redactions: Redactions; output: string },
) {
  if (status.error) return status.error
  const how = status.signal ? `signal ${status.signal}` : `exit status ${status.exitCode}`
  const why = status.failMessage === undefined ? how : describeStatus(status)
  const lines = said.output
    .trim()
    .split('\n')
    .map((line) => `    ${line}`)
  const message = `${name} failed: ${why}\n  command: ${said.redactions.command(shown)}\n  it said:\n${lines.join('\n')}`
  return new CommandError(message, status.exitCode)
}
