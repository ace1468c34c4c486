import { join } from 'node:path'
import { environmentGraceMs, ladderOf } from '../action/cancelation.ts'
import { giveTo } from '../host/reach.ts'
import { keptLogs } from '../host/state-directory.ts'
import type { UnprivilegedAccount } from '../host/unprivileged.ts'
import { CleanUpStack } from '../kernel/cleanup-stack.ts'
import type { Deadline } from '../kernel/deadline.ts'
import { LeftBehindError, MissingBinaryError } from '../kernel/errors.ts'
import { makeControlGroup, removeControlGroup } from '../process/control-group.ts'
import type { ProcessIdentity } from '../process/identity.ts'
import type { RunMarks } from '../process/marks.ts'
import type { StopLadder } from '../process/stop-ladder.ts'
import { SupervisedProcess } from '../process/supervised-process.ts'
import type { Resource } from '../run/journal.ts'
import type { Recorded, Run } from '../run/run.ts'
import type { HealthChange } from './health-check.ts'
import { giveNotice, type Notice } from './notice.ts'

/** How an instance came to be: its own, the configured one, or a slice of one that runs already. */
export type InstanceMode = 'unique' | 'configured' | 'attached'

export interface Launch {
  readonly argv: readonly string[]
  /** The command as messages show it, without what it runs in. Default: all of it. */
  readonly shown?: readonly string[] | undefined
  /** In addition to the marks; nothing else of this process's environment is handed down. */
  readonly environment: Readonly<Record<string, string>>
  /** The working directory. Default: the instance's own. */
  readonly directory?: string | undefined
  readonly ladder: StopLadder
  /** What must be there before the process begins, and takes its time: made while it stands at its gate. */
  readonly before?: (() => Promise<void>) | undefined
  /** Given before the ladder. */
  readonly notice?: Notice | undefined
  /** What must not be shown to people, should the log or the command contain it. */
  readonly secrets?: readonly string[]
  readonly user?: { readonly uid: number; readonly gid: number } | undefined
}

/** How far a start has come, as the service says itself. */
export interface Progress {
  /** In percent. */
  readonly percent?: number
  readonly message?: string
}

export interface InstanceOptions {
  readonly label: string
  readonly mode: InstanceMode
  readonly run: Run
  readonly deadline: Deadline
  /** The configs of what the service needs, by name. */
  readonly needs: Readonly<Record<string, object>>
  /** What the chosen profile says of a configured instance; empty for the others. */
  readonly profile: Readonly<Record<string, unknown>>
  readonly expectedClients?: number | undefined
  readonly onProgress?: ((progress: Progress) => void) | undefined
  readonly onHealth?: ((change: HealthChange) => void) | undefined
  /** Starts again what fails, as its policy allows. Default: false. */
  readonly restarts?: boolean | undefined
  readonly hurry?: AbortSignal | undefined
}

/** What one `setUp` works with: everything made through it is on record first, and removed by `cleanUp`. */
export class Instance {
  readonly label: string
  readonly mode: InstanceMode
  readonly deadline: Deadline
  readonly needs: Readonly<Record<string, object>>
  /** What the chosen profile says of a configured instance; empty for the others. */
  readonly profile: Readonly<Record<string, unknown>>
  /** Of this instance alone, mode 0700, removed at the end. */
  readonly directory: string
  readonly logFile: string
  readonly run: Run
  readonly marks: RunMarks
  /** How many clients will attach to it. */
  readonly expectedClients: number
  /** Tells how far the start has come. */
  readonly tellProgress: (progress: Progress) => void
  /** Tells of a change of its state, also after the start. */
  readonly tellHealth: (change: HealthChange) => void
  /** Whether what fails is started again, as its policy allows. */
  readonly restarts: boolean
  readonly #markVariables: Readonly<Record<string, string>>
  readonly #cleanUps = new CleanUpStack()
  #hurry: AbortSignal | undefined

  constructor(options: InstanceOptions) {
    const made = options.run.createInstance(options.label)
    this.label = options.label
    this.mode = options.mode
    this.deadline = options.deadline
    this.needs = options.needs
    this.profile = options.profile
    this.run = options.run
    this.#hurry = options.hurry
    this.expectedClients = options.expectedClients ?? 0
    this.tellProgress = options.onProgress ?? (() => {})
    this.tellHealth = options.onHealth ?? (() => {})
    this.restarts = options.restarts ?? false
    this.directory = made.directory
    this.marks = made.marks
    this.#markVariables = made.environment
    this.logFile = join(this.directory, 'service.log')
    this.#ownControlGroup()
  }

  /** Graces are over once it fires. */
  get hurry(): AbortSignal | undefined {
    return this.#hurry
  }

  addCleanUp(cleanUp: () => Promise<void> | void): void {
    this.#cleanUps.add(cleanUp)
  }

  /** A port of 127.0.0.1 that is this instance's until it ends. */
  claimPort(): Promise<number> {
    return this.#own(this.run.claimPort())
  }

  /**
   * A directory, mode 0700, whose path leaves room for a socket's name of this many bytes.
   *
   * @param account of the server, if that is another one; it can get there, and is given the directory
   */
  async createSocketDirectory(longestSocketName: number, account?: UnprivilegedAccount): Promise<string> {
    const directory = await this.#own(this.run.createSocketDirectory(longestSocketName, account))
    if (account) giveTo(directory, account)
    return directory
  }

  /** A new directory at a path of the caller's choice, outside the instance's own. */
  createDirectory(path: string, mode = 0o700): Promise<string> {
    return this.#own(this.run.createDirectory(path, mode))
  }

  /** Records something that is about to be made outside the instance's directory, with the way to remove it. */
  own(resource: Resource, remove: () => Promise<void>): void {
    const ended = this.run.record(resource)
    this.addCleanUp(async () => {
      await remove()
      ended()
    })
  }

  /**
   * Starts a process of this instance; its output goes to the instance's log.
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
    const announce = async (identity: ProcessIdentity): Promise<void> => {
      ended = this.run.record({ kind: 'process', label: this.label, identity, ladder })
      await launch.before?.()
      this.deadline.check()
    }
    const started = await SupervisedProcess.start(plan, announce).catch((thrown) => {
      ended()
      throw thrown instanceof MissingBinaryError ? this.#unstartable(thrown) : thrown
    })
    this.addCleanUp(async () => {
      try {
        if (notice) await giveNotice(started, { directory: this.directory, graceMs, hurry: this.#hurry })
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
    const left = await started.stop(this.#hurry)
    if (left.length === 0) return
    const names = left.map(({ pid }) => `process ${pid}`)
    throw new LeftBehindError(this.label, names)
  }

  /** Undoes everything in reverse; gives the errors. `hurry` skips the graces. */
  undo(hurry?: AbortSignal): Promise<Error[]> {
    this.#hurry = hurry ?? this.#hurry
    return this.#cleanUps.run()
  }

  /** Undoes what one attempt has made, so that another one finds what the first one did, its control group too. */
  async startAfresh(): Promise<Error[]> {
    const errors = await this.undo()
    if (this.marks.controlGroup) makeControlGroup(this.marks.controlGroup)
    this.#ownControlGroup()
    return errors
  }

  /** Removed after what is in it has ended. */
  #ownControlGroup(): void {
    const { controlGroup } = this.marks
    if (controlGroup) this.addCleanUp(() => removeControlGroup(controlGroup))
  }

  async #own<T>(making: Promise<Recorded<T>>): Promise<T> {
    const recorded = await making
    this.addCleanUp(recorded.release)
    return recorded.value
  }
}
