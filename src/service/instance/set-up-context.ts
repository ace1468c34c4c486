import { join } from 'node:path'
import { environmentGraceMs, ladderOf } from '../../action/cancelation.ts'
import { giveTo } from '../../host/reach.ts'
import { keptLogs } from '../../host/state-directory.ts'
import type { UnprivilegedAccount } from '../../host/unprivileged.ts'
import { CleanUpStack } from '../../kernel/cleanup-stack.ts'
import type { Deadline } from '../../kernel/deadline.ts'
import { LeftBehindError, MissingBinaryError } from '../../kernel/errors.ts'
import { makeControlGroup, removeControlGroup } from '../../process/control-group.ts'
import type { ProcessIdentity } from '../../process/identity.ts'
import type { RunMarks } from '../../process/marks.ts'
import type { StopLadder } from '../../process/stop-ladder.ts'
import { SupervisedProcess } from '../../process/supervised-process.ts'
import type { Resource } from '../../run/journal.ts'
import type { RecordedResource, Run } from '../../run/run.ts'
import type { HealthChange } from './health-check.ts'
import { giveNotice, type Notice } from './notice.ts'

/** Origin of an instance: a new one, the configured one, or a tenant of a running instance. */
export type InstanceMode = 'unique' | 'configured' | 'attached'

export interface Launch {
  readonly argv: readonly string[]
  /** The command line shown in messages, without programs that wrap the command. Default: `argv`. */
  readonly shown?: readonly string[] | undefined
  /** Variables besides the marks; no other variable of this process is passed on. */
  readonly environment: Readonly<Record<string, string>>
  /** The working directory. Default: the instance's own. */
  readonly directory?: string | undefined
  readonly ladder: StopLadder
  /** Slow preparation, to be done before the process begins. Runs while the process waits at the gate. */
  readonly before?: (() => Promise<void>) | undefined
  /** Notice given before the ladder. */
  readonly notice?: Notice | undefined
  /** Values to hide from people, in the log and in the command line. */
  readonly secrets?: readonly string[]
  readonly user?: { readonly uid: number; readonly gid: number } | undefined
}

/** Progress of a start, as reported by the service. */
export interface Progress {
  /** Percentage. */
  readonly percent?: number
  readonly message?: string
}

export interface SetUpContextOptions {
  readonly label: string
  readonly mode: InstanceMode
  readonly run: Run
  readonly deadline: Deadline
  /** The configs of the service's needs, by name. */
  readonly needs: Readonly<Record<string, object>>
  /** Settings of the chosen profile for a configured instance; empty for other modes. */
  readonly profile: Readonly<Record<string, unknown>>
  readonly expectedClients?: number | undefined
  readonly onProgress?: ((progress: Progress) => void) | undefined
  readonly onHealth?: ((change: HealthChange) => void) | undefined
  /** Restarts a failed service within the limits of its policy. Default: false. */
  readonly restarts?: boolean | undefined
  readonly forceSignal?: AbortSignal | undefined
}

/** Resources of one `setUp`. Each resource is recorded before being made, and removed by `cleanUp`. */
export class SetUpContext {
  readonly label: string
  readonly mode: InstanceMode
  readonly deadline: Deadline
  readonly needs: Readonly<Record<string, object>>
  /** Settings of the chosen profile for a configured instance; empty for other modes. */
  readonly profile: Readonly<Record<string, unknown>>
  /** Private directory of the instance, mode 0700, removed at the end. */
  readonly directory: string
  readonly logFile: string
  readonly run: Run
  readonly marks: RunMarks
  /** Number of clients expected to attach. */
  readonly expectedClients: number
  /** Reports the progress of the start. */
  readonly emitProgress: (progress: Progress) => void
  /** Reports a change of the health, also after the start. */
  readonly emitHealth: (change: HealthChange) => void
  /** Whether a failed service is restarted within the limits of its policy. */
  readonly restarts: boolean
  readonly #markVariables: Readonly<Record<string, string>>
  readonly #cleanUps = new CleanUpStack()
  #forceSignal: AbortSignal | undefined

  constructor(options: SetUpContextOptions) {
    const made = options.run.createInstance(options.label)
    this.label = options.label
    this.mode = options.mode
    this.deadline = options.deadline
    this.needs = options.needs
    this.profile = options.profile
    this.run = options.run
    this.#forceSignal = options.forceSignal
    this.expectedClients = options.expectedClients ?? 0
    this.emitProgress = options.onProgress ?? (() => {})
    this.emitHealth = options.onHealth ?? (() => {})
    this.restarts = options.restarts ?? false
    this.directory = made.directory
    this.marks = made.marks
    this.#markVariables = made.environment
    this.logFile = join(this.directory, 'service.log')
    this.#ownControlGroup()
  }

  /** Ends the graces when fired. */
  get forceSignal(): AbortSignal | undefined {
    return this.#forceSignal
  }

  addCleanUp(cleanUp: () => Promise<void> | void): void {
    this.#cleanUps.add(cleanUp)
  }

  /** Claims a port of 127.0.0.1 for the lifetime of the instance. */
  claimPort(): Promise<number> {
    return this.#own(this.run.claimPort())
  }

  /**
   * Creates a directory, mode 0700, with a path short enough for a socket name of the given number of bytes.
   *
   * @param account account of the server, if different from ours; receives the directory, in a place it can reach
   */
  async createSocketDirectory(longestSocketName: number, account?: UnprivilegedAccount): Promise<string> {
    const directory = await this.#own(this.run.createSocketDirectory(longestSocketName, account))
    if (account) giveTo(directory, account)
    return directory
  }

  /** Creates a new directory at the given path, outside the instance's own directory. */
  createDirectory(path: string, mode = 0o700): Promise<string> {
    return this.#own(this.run.createDirectory(path, mode))
  }

  /** Records a resource outside the instance's directory, before the resource is made, and registers the removal. */
  own(resource: Resource, remove: () => Promise<void>): void {
    const ended = this.run.record(resource)
    this.addCleanUp(async () => {
      await remove()
      ended()
    })
  }

  /**
   * Starts a process of this instance, with output to the instance's log.
   *
   * @throws ERR_MISSING_BINARY
   */
  async launch(launch: Launch): Promise<SupervisedProcess> {
    let ended = (): void => {}
    const { notice } = launch
    const graceMs = notice?.graceMs ?? environmentGraceMs
    const ladder = notice ? ladderOf(notice, graceMs) : launch.ladder
    const plan = {
      ...launch,
      environment: { ...launch.environment, ...this.#markVariables },
      directory: launch.directory ?? this.directory,
      logFile: this.logFile,
      keptLogs: keptLogs(this.run.stateDirectory),
      marks: this.marks,
      secrets: launch.secrets ?? [],
    }
    const beforeExec = async (identity: ProcessIdentity): Promise<void> => {
      ended = this.run.record({ kind: 'process', label: this.label, identity, ladder })
      await launch.before?.()
      this.deadline.check()
    }
    const started = await SupervisedProcess.start(plan, beforeExec).catch((thrown) => {
      ended()
      throw thrown instanceof MissingBinaryError ? this.#unstartable(thrown) : thrown
    })
    this.addCleanUp(async () => {
      try {
        if (notice) await giveNotice(started, { directory: this.directory, graceMs, forceSignal: this.#forceSignal })
      } finally {
        await this.#stop(started)
        ended()
      }
    })
    return started
  }

  #unstartable(cause: MissingBinaryError): MissingBinaryError {
    return new MissingBinaryError(`${this.label} cannot be started: ${cause.message}`, { cause })
  }

  /** @throws ERR_LEFT_BEHIND */
  async #stop(started: SupervisedProcess): Promise<void> {
    const left = await started.stop(this.#forceSignal)
    if (left.length === 0) return
    const names = left.map(({ pid }) => `process ${pid}`)
    throw new LeftBehindError(this.label, names)
  }

  /** Removes all resources in reverse order; returns the errors. `forceSignal` skips the graces. */
  cleanUp(forceSignal?: AbortSignal): Promise<Error[]> {
    this.#forceSignal = forceSignal ?? this.#forceSignal
    return this.#cleanUps.run()
  }

  /** Cleans up after a failed attempt, so that the next attempt finds the same conditions, including an empty control group. */
  async startAfresh(): Promise<Error[]> {
    const errors = await this.cleanUp()
    if (this.marks.controlGroup) makeControlGroup(this.marks.controlGroup)
    this.#ownControlGroup()
    return errors
  }

  /** The control group is removed after the processes inside have ended. */
  #ownControlGroup(): void {
    const { controlGroup } = this.marks
    if (controlGroup) this.addCleanUp(() => removeControlGroup(controlGroup))
  }

  async #own<T>(making: Promise<RecordedResource<T>>): Promise<T> {
    const recorded = await making
    this.addCleanUp(recorded.release)
    return recorded.value
  }
}
