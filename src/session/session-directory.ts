import { join } from 'node:path'
import { ActionLog } from '../action/action-log.ts'
import { type NamedWorkspaceOptions, Workspace } from '../action/workspace/workspace.ts'
import { keptLogs } from '../host/state-directory.ts'
import { CleanUpStack } from '../kernel/cleanup-stack.ts'
import { asError, combineErrors, StateError } from '../kernel/errors.ts'
import { lazy } from '../kernel/lazy.ts'
import type { ServiceEvidence } from '../kernel/service-evidence.ts'
import { acquireRun, releaseRun } from '../run/own-run.ts'

/** An opened directory: the place of the actions, and the log of their output. */
export interface OpenDirectory {
  readonly workspace: Workspace
  readonly log: ActionLog
  /** Directory for a copy of the log that outlives the session. */
  readonly keptLogs: string
}

/**
 * The directory of a session, and the log of its actions. Made for the first environment or action: a session with
 * services alone needs no directory.
 */
export class SessionDirectory {
  /** Opens the directory, once. @throws errors of `Workspace.open` and `acquireRun`, after undoing every step */
  readonly open: () => Promise<OpenDirectory>
  readonly #cleanUps = new CleanUpStack()
  #made: OpenDirectory | undefined
  #keptLog: string | undefined
  #isClosed = false

  constructor(options: NamedWorkspaceOptions) {
    this.open = lazy(async () => {
      this.#made = await this.#make(options)
      return this.#made
    })
  }

  /** @throws ERR_STATE before the directory is opened */
  get path(): string {
    return this.#opened.workspace.directory
  }

  /** File with the output of all actions; after the end, the kept copy. @throws ERR_STATE without such a file */
  get logFile(): string {
    if (!this.#isClosed) return this.#opened.log.file.path
    if (this.#keptLog !== undefined) return this.#keptLog
    throw new StateError('the log of this session is gone: a session keeps it when an action did not succeed')
  }

  /** Copies the log to a place outside the session; returns the path and the last lines, or nothing without a log. */
  keepLog(): Pick<ServiceEvidence, 'logFile' | 'logTail'> {
    if (!this.#made) return {}
    const { log, keptLogs } = this.#made
    this.#keptLog = log.file.keep(keptLogs)
    return { logFile: this.#keptLog, logTail: log.file.tail() }
  }

  /** Ends the processes left in the directory and removes the directory; returns the errors. No action is running. */
  async close(): Promise<Error[]> {
    this.#isClosed = true
    this.#made?.log.close()
    return this.#cleanUps.run()
  }

  get #opened(): OpenDirectory {
    if (this.#made) return this.#made
    throw new StateError('this session has no working directory before its first environment or action')
  }

  async #make(options: NamedWorkspaceOptions): Promise<OpenDirectory> {
    try {
      const run = await acquireRun()
      this.#cleanUps.add(() => releaseRun(run))
      const workspace = await Workspace.open(run, options)
      this.#cleanUps.add(() => workspace.close())
      const group = workspace.createOuterGroup('SESSION')
      this.#cleanUps.add(() => group.end())
      const log = new ActionLog(join(group.directory, 'session.log'))
      return { workspace, log, keptLogs: keptLogs(run.stateDirectory) }
    } catch (thrown) {
      throw combineErrors([asError(thrown), ...(await this.#cleanUps.run())])
    }
  }
}
