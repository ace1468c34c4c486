import { environmentGraceMs, ladderOf } from '../../action/cancelation.ts'
import { keptLogs } from '../../host/state-directory.ts'
import type { Deadline } from '../../kernel/deadline.ts'
import { LeftBehindError, MissingBinaryError } from '../../kernel/errors.ts'
import type { ProcessIdentity } from '../../process/inspect/identity.ts'
import type { RunMarks } from '../../process/marks.ts'
import { SupervisedProcess } from '../../process/supervised-process.ts'
import type { Run } from '../../run/run.ts'
import { type ContainerOwner, InstanceContainer } from './instance-container.ts'
import { containerOf, type Launch } from './launch.ts'
import { giveNotice } from './notice.ts'
import type { SetUpContext } from './set-up-context.ts'

/** Facts about the instance of the processes. */
interface ProcessOwner extends ContainerOwner, Pick<SetUpContext, 'directory' | 'logFile' | 'forceSignal'> {
  readonly run: Run
  readonly marks: RunMarks
}

/** A process of an instance, with the ways to end it. */
export interface LaunchedProcess {
  readonly process: SupervisedProcess
  /** Stops the process by its ladder, and records the end. @throws ERR_LEFT_BEHIND */
  readonly end: () => Promise<void>
  /** Kills the process without a grace, and records the end. @throws ERR_LEFT_BEHIND */
  readonly kill: () => Promise<void>
}

/** Starts the processes of an instance, on this machine or in the container of the instance. */
export class InstanceProcesses {
  readonly #owner: ProcessOwner
  readonly #container: InstanceContainer

  constructor(owner: ProcessOwner) {
    this.#owner = owner
    this.#container = new InstanceContainer(owner)
  }

  /**
   * Starts a process, with output to the instance's log. The caller registers `end` as a clean-up.
   *
   * @param deadline limit for the work before the process begins
   * @throws ERR_MISSING_BINARY
   */
  async launch(given: Launch, deadline: Deadline): Promise<LaunchedProcess> {
    const { label, directory, forceSignal } = this.#owner
    const container = containerOf(given)
    const launch = container ? await this.#container.launchOf(given, container) : given
    const { process, ended } = await this.#start(launch, deadline)
    const stop = async (force: AbortSignal): Promise<void> => {
      const left = await process.stop(force)
      if (!(await process.isGrouped)) this.#owner.run.noteUngrouped()
      const names = left.map(({ pid }) => `process ${pid}`)
      if (names.length > 0) throw new LeftBehindError(label, names)
      if (container) await this.#container.kill()
      ended()
    }
    const end = async (): Promise<void> => {
      try {
        if (launch.notice) await giveNotice(process, { ...launch.notice, directory, forceSignal })
      } finally {
        await stop(forceSignal)
      }
    }
    return { process, end, kill: () => stop(AbortSignal.abort()) }
  }

  /** Removes the container of the instance; the next launch makes a new container. */
  discardContainer(): Promise<void> {
    return this.#container.discard()
  }

  /** Records and starts a process. `ended` records the end of the process. */
  async #start(
    launch: Launch,
    deadline: Deadline,
  ): Promise<{ readonly process: SupervisedProcess; readonly ended: () => void }> {
    const { label, run, directory, logFile, marks, markVariables } = this.#owner
    const { notice } = launch
    // The signals of the guardian if this process dies.
    const ladder = notice ? ladderOf(notice, environmentGraceMs) : launch.ladder
    let ended = (): void => {}
    let isPreparing = false
    const beforeExec = async (identity: ProcessIdentity): Promise<void> => {
      ended = run.record({ kind: 'process', label, identity, ladder })
      isPreparing = true
      await launch.before?.()
      isPreparing = false
      deadline.check()
    }
    const plan = {
      ...launch,
      environment: { ...(launch.environment ?? pathAlone()), ...markVariables },
      directory: launch.directory ?? directory,
      logFile,
      keptLogs: keptLogs(run.stateDirectory),
      marks,
      secrets: launch.secrets ?? [],
    }
    try {
      return { process: await SupervisedProcess.start(plan, beforeExec), ended }
    } catch (thrown) {
      ended()
      // A program missing in a preparation has advice of its own.
      const lacksProgram = thrown instanceof MissingBinaryError && !isPreparing
      throw lacksProgram ? unstartable(label, thrown, launch) : thrown
    }
  }
}

/** Names the instance, and the command to install the missing program. */
function unstartable(
  label: string,
  cause: MissingBinaryError,
  { server, install = server?.install }: Pick<Launch, 'server' | 'install'> = {},
): MissingBinaryError {
  const advice = install === undefined ? '' : `: ${install}`
  return new MissingBinaryError(`${label} cannot be started: ${cause.message}${advice}`, { cause })
}

function pathAlone(): Record<string, string> {
  return { PATH: process.env.PATH ?? '' }
}
