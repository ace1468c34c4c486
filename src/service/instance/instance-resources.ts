import { basename, join } from 'node:path'
import { environmentGraceMs, ladderOf } from '../../action/cancelation.ts'
import { giveTo } from '../../host/reach.ts'
import { removeTree } from '../../host/remove-tree.ts'
import { keptLogs } from '../../host/state-directory.ts'
import type { UnprivilegedAccount } from '../../host/unprivileged.ts'
import { CleanUpStack } from '../../kernel/cleanup-stack.ts'
import type { Deadline } from '../../kernel/deadline.ts'
import { ContainerError, LeftBehindError, MissingBinaryError } from '../../kernel/errors.ts'
import { makeControlGroup, prepareJoins, removeControlGroup } from '../../process/control-group.ts'
import type { ProcessIdentity } from '../../process/inspect/identity.ts'
import type { RunMarks } from '../../process/marks.ts'
import { SupervisedProcess } from '../../process/supervised-process.ts'
import type { Resource } from '../../run/journal.ts'
import { reclaimByModule, requireReclaimModule } from '../../run/reclaim-module.ts'
import { acquireRun, type RecordedResource, type Run, releaseRun } from '../../run/run.ts'
import { findServer } from '../server/find-server.ts'
import type { FoundServer, ServerDescription } from '../server/server-description.ts'
import type { ServerOptions } from '../server/server-options.ts'
import type { HealthChange } from './health-check.ts'
import { InstanceContainer } from './instance-container.ts'
import { containerOf, type Launch } from './launch.ts'
import { giveNotice } from './notice.ts'
import type { Progress, SetUpContext } from './set-up-context.ts'

/** Limit for a module that removes a resource at the end of a set-up. */
const reclaimLimitMs = 5_000

interface InstanceOptions {
  readonly label: string
  readonly mode: SetUpContext['mode']
  readonly deadline: Deadline
  readonly forceSignal: AbortSignal
  /** Base of relative paths in the options. */
  readonly baseDirectory: string
  /** The configs of the service's needs, by name. */
  readonly needs?: Readonly<Record<string, object>> | undefined
  /** Settings of the chosen profile for a configured instance; empty for other modes. */
  readonly profile: Readonly<Record<string, unknown>>
  readonly expectedClients?: number | undefined
  readonly onProgress?: ((progress: Progress) => void) | undefined
  readonly onHealth?: ((change: HealthChange) => void) | undefined
  /** Restarts a failed service within the limits of its policy. Default: false. */
  readonly restarts?: boolean | undefined
}

/** A process of an instance, with the ways to end it. */
export interface LaunchedProcess {
  readonly process: SupervisedProcess
  /** Stops the process by its ladder, and records the end. @throws ERR_LEFT_BEHIND */
  readonly end: () => Promise<void>
  /** Kills the process without a grace, and records the end. @throws ERR_LEFT_BEHIND */
  readonly kill: () => Promise<void>
}

/** Resources of one `setUp`. Each resource is recorded before being made, and removed by `close`. */
export class InstanceResources implements SetUpContext {
  readonly label: string
  readonly mode: SetUpContext['mode']
  readonly deadline: Deadline
  readonly forceSignal: AbortSignal
  readonly needs: Readonly<Record<string, object>>
  readonly profile: Readonly<Record<string, unknown>>
  readonly expectedClients: number
  readonly directory: string
  readonly logFile: string
  readonly run: Run
  readonly marks: RunMarks
  readonly emitProgress: (progress: Progress) => void
  /** Reports a change of the health, also after the start. */
  readonly emitHealth: (change: HealthChange) => void
  /** Whether a failed service is restarted within the limits of its policy. */
  readonly restarts: boolean
  readonly #baseDirectory: string
  readonly #markVariables: Readonly<Record<string, string>>
  readonly #cleanUps = new CleanUpStack()
  readonly #directories: string[]
  readonly #container: InstanceContainer

  /** Joins the run of this process, which `close` leaves again. */
  static async open(options: InstanceOptions): Promise<InstanceResources> {
    if (options.mode !== 'attached') prepareJoins()
    const run = await acquireRun()
    try {
      return new InstanceResources(run, options)
    } catch (thrown) {
      await releaseRun(run)
      throw thrown
    }
  }

  private constructor(run: Run, options: InstanceOptions) {
    const made = run.createInstance(options.label)
    this.label = options.label
    this.mode = options.mode
    this.deadline = options.deadline
    this.forceSignal = options.forceSignal
    this.needs = options.needs ?? {}
    this.profile = options.profile
    this.run = run
    this.#baseDirectory = options.baseDirectory
    this.expectedClients = options.expectedClients ?? 0
    this.emitProgress = options.onProgress ?? (() => {})
    this.emitHealth = options.onHealth ?? (() => {})
    this.restarts = options.restarts ?? false
    this.directory = made.directory
    this.marks = made.marks
    this.#markVariables = made.environment
    this.logFile = join(this.directory, 'service.log')
    this.#directories = [this.directory]
    this.#container = new InstanceContainer({
      label: options.label,
      instanceName: `${run.id}-${basename(this.directory)}`,
      directories: this.#directories,
      markVariables: this.#markVariables,
      own: (resource) => this.own(resource),
    })
    this.#ownControlGroup()
  }

  addCleanUp(cleanUp: () => Promise<void> | void): void {
    this.#cleanUps.add(cleanUp)
  }

  async findServer(description: ServerDescription, options: ServerOptions): Promise<FoundServer> {
    const search = { description, options, directory: this.#baseDirectory }
    const server = await findServer(search).catch((thrown) => {
      if (thrown instanceof ContainerError)
        throw new ContainerError(`${this.label} cannot be started: ${thrown.message}`, { cause: thrown })
      throw thrown instanceof MissingBinaryError ? this.#unstartable(thrown, {}) : thrown
    })
    const from = { installed: undefined, npm: 'the npm package', container: `the image ${server.image}` }[server.origin]
    if (from) this.emitProgress({ message: `${description.name} from ${from}` })
    return server
  }

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
    this.#directories.push(directory)
    return directory
  }

  async createDirectory(path: string, mode = 0o700): Promise<string> {
    const directory = await this.#own(this.run.createDirectory(path, mode))
    this.#directories.push(directory)
    return directory
  }

  async own({ reclaim: { module, data, label }, remove }: Parameters<SetUpContext['own']>[0]): Promise<void> {
    const resource = {
      kind: 'reclaim',
      module: withoutLoader(String(module)),
      data,
      ...(label !== undefined && { label }),
    } as const
    await requireReclaimModule(resource)
    this.record(resource, remove ?? (() => reclaimByModule(resource, reclaimLimitMs)))
  }

  /** Records a resource outside the instance's directory, before the resource is made, and registers the removal. */
  record(resource: Resource, remove: () => Promise<void>): void {
    const ended = this.run.record(resource)
    this.addCleanUp(async () => {
      await remove()
      ended()
    })
  }

  /**
   * Starts a process of this instance, with output to the instance's log. The caller registers `end` as a clean-up.
   *
   * @param deadline limit for the work before the process begins. Default: the deadline of the set-up
   * @throws ERR_MISSING_BINARY
   */
  async launch(given: Launch, deadline: Deadline = this.deadline): Promise<LaunchedProcess> {
    const container = containerOf(given)
    const launch = container ? await this.#container.launchOf(given, container) : given
    let ended = (): void => {}
    const { notice } = launch
    const graceMs = notice?.graceMs ?? environmentGraceMs
    const ladder = notice ? ladderOf(notice, graceMs) : launch.ladder
    const plan = {
      ...launch,
      environment: { ...(launch.environment ?? pathAlone()), ...this.#markVariables },
      directory: launch.directory ?? this.directory,
      logFile: this.logFile,
      keptLogs: keptLogs(this.run.stateDirectory),
      marks: this.marks,
      secrets: launch.secrets ?? [],
    }
    const beforeExec = async (identity: ProcessIdentity): Promise<void> => {
      ended = this.run.record({ kind: 'process', label: this.label, identity, ladder })
      await launch.before?.()
      deadline.check()
    }
    const started = await SupervisedProcess.start(plan, beforeExec).catch((thrown) => {
      ended()
      throw thrown instanceof MissingBinaryError ? this.#unstartable(thrown, launch) : thrown
    })
    const stop = async (forceSignal: AbortSignal): Promise<void> => {
      await this.#stop(started, forceSignal)
      if (container) await this.#container.kill()
      ended()
    }
    const end = async (): Promise<void> => {
      try {
        if (notice) await giveNotice(started, { directory: this.directory, graceMs, forceSignal: this.forceSignal })
      } finally {
        await stop(this.forceSignal)
      }
    }
    return { process: started, end, kill: () => stop(AbortSignal.abort()) }
  }

  /** Removes the container of this instance; the next launch makes it anew. */
  discardContainer(): Promise<void> {
    return this.#container.discard()
  }

  #unstartable(cause: MissingBinaryError, { server, install = server?.install }: Partial<Launch>): MissingBinaryError {
    const advice = install === undefined ? '' : `: ${install}`
    return new MissingBinaryError(`${this.label} cannot be started: ${cause.message}${advice}`, { cause })
  }

  /** @throws ERR_LEFT_BEHIND */
  async #stop(started: SupervisedProcess, forceSignal: AbortSignal): Promise<void> {
    const left = await started.stop(forceSignal)
    if (left.length === 0) return
    const names = left.map(({ pid }) => `process ${pid}`)
    throw new LeftBehindError(this.label, names)
  }

  /** Cleans up after a failed attempt, so that the next attempt finds the same conditions, including an empty control group. */
  async startAfresh(): Promise<Error[]> {
    const errors = await this.#cleanUps.run()
    if (this.marks.controlGroup) makeControlGroup(this.marks.controlGroup)
    this.#ownControlGroup()
    return errors
  }

  /** Removes all resources in reverse order, and leaves the run; returns the errors. */
  async close(): Promise<Error[]> {
    const errors = await this.#cleanUps.run()
    const last = new CleanUpStack()
    last.add(() => releaseRun(this.run))
    last.add(() => removeTree(this.directory))
    return [...errors, ...(await last.run())]
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

function pathAlone(): Record<string, string> {
  return { PATH: process.env.PATH ?? '' }
}

/** Removes the mark that `tsx` leaves in the URL of a module that it has loaded: without `tsx` no loader knows the URL. */
function withoutLoader(module: string): string {
  if (!URL.canParse(module)) return module
  const url = new URL(module)
  url.searchParams.delete('tsx-namespace')
  return url.href
}
