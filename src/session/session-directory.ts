import { join } from 'node:path'
import type { ActionGroup } from '../action/action-group.ts'
import { ActionLog } from '../action/action-log.ts'
import { type NamedWorkspaceOptions, Workspace } from '../action/workspace/workspace.ts'
import { keptLogs } from '../host/state-directory.ts'
import { CleanUpStack } from '../kernel/cleanup-stack.ts'
import { asError, combineErrors } from '../kernel/errors.ts'
import { acquireRun, type Run, releaseRun } from '../run/run.ts'

/** The directory and log of a session's actions. */
export class SessionDirectory {
  readonly workspace: Workspace
  readonly log: ActionLog
  readonly #run: Run
  readonly #cleanUps: CleanUpStack

  private constructor(run: Run, workspace: Workspace, scope: ActionGroup, cleanUps: CleanUpStack) {
    this.#run = run
    this.workspace = workspace
    this.log = new ActionLog(join(scope.directory, 'session.log'))
    this.#cleanUps = cleanUps
  }

  /** @throws errors of `Workspace.open` and `acquireRun`, after undoing every step */
  static async open(options: NamedWorkspaceOptions): Promise<SessionDirectory> {
    const cleanUps = new CleanUpStack()
    try {
      const run = await acquireRun()
      cleanUps.add(() => releaseRun(run))
      const workspace = await Workspace.open(run, options)
      cleanUps.add(() => workspace.close())
      const scope = workspace.createOuterScope('SESSION')
      cleanUps.add(() => scope.end())
      return new SessionDirectory(run, workspace, scope, cleanUps)
    } catch (thrown) {
      throw combineErrors([asError(thrown), ...(await cleanUps.run())])
    }
  }

  /** Copies the log to a place outside the session; returns the path of the copy. */
  keepLog(): string {
    return this.log.file.keep(keptLogs(this.#run.stateDirectory))
  }

  /** Ends the processes left in the directory and removes the directory; returns the errors. */
  async close(): Promise<Error[]> {
    this.log.close()
    return this.#cleanUps.run()
  }
}
