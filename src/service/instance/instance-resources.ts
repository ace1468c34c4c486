import { rmSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { findMemoryDirectory } from '../../host/files/memory-directory.ts'
import { removeTree } from '../../host/files/remove-tree.ts'
import { giveTo } from '../../host/reach.ts'
import { randomName } from '../../host/secret.ts'
import type { UnprivilegedAccount } from '../../host/unprivileged.ts'
import { CleanUpStack } from '../../kernel/cleanup-stack.ts'
import type { Deadline } from '../../kernel/deadline.ts'
import { removeControlGroup } from '../../process/control-group.ts'
import type { RunMarks } from '../../process/marks.ts'
import type { Resource } from '../../run/journal.ts'
import { acquireRun, releaseRun } from '../../run/own-run.ts'
import { reclaimByModule, requireReclaimModule } from '../../run/reclaim-module.ts'
import type { RecordedResource, Run } from '../../run/run.ts'
import { findServer } from '../server/find-server.ts'
import type { FoundServer, ServerDescription } from '../server/server-description.ts'
import type { ServerOptions } from '../server/server-options.ts'
import type { HealthChange } from './health-check.ts'
import { InstanceProcesses } from './instance-processes.ts'
import type { Progress, SetUpContext } from './set-up-context.ts'

const nameLength = 12
/** Limit for a module that removes a resource at the end of a set-up. */
const reclaimLimitMs = 10_000

interface InstanceOptions extends Pick<SetUpContext, 'label' | 'mode' | 'deadline' | 'forceSignal' | 'profile'> {
  /** Base of relative paths in the options. */
  readonly baseDirectory: string
  readonly needs?: SetUpContext['needs'] | undefined
  readonly shared?: Map<string, unknown> | undefined
  readonly expectedClients?: number | undefined
  readonly onProgress?: ((progress: Progress) => void) | undefined
  readonly onHealth?: ((change: HealthChange) => void) | undefined
  /** Restarts a failed service within the limits of its policy. Default: false. */
  readonly restarts?: boolean | undefined
}

/** Resources of a `setUp`. Each resource is recorded before being made, and removed by `close`. */
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
  readonly markVariables: Readonly<Record<string, string>>
  readonly instanceName: string
  readonly directories: string[]
  readonly processes: InstanceProcesses
  readonly emitProgress: (progress: Progress) => void
  /** Reports a change of the health, also after the start. */
  readonly emitHealth: (change: HealthChange) => void
  /** Whether a failed service is restarted within the limits of its policy. */
  readonly restarts: boolean
  readonly #shared: Map<string, unknown>
  readonly #baseDirectory: string
  readonly #cleanUps = new CleanUpStack()

  /** Joins the run of this process; `close` leaves the run again. */
  static async open(options: InstanceOptions): Promise<InstanceResources> {
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
    this.#shared = options.shared ?? new Map()
    this.#baseDirectory = options.baseDirectory
    this.expectedClients = options.expectedClients ?? 0
    this.emitProgress = options.onProgress ?? (() => {})
    this.emitHealth = options.onHealth ?? (() => {})
    this.restarts = options.restarts ?? false
    this.directory = made.directory
    this.marks = made.marks
    this.markVariables = made.environment
    this.logFile = join(this.directory, 'service.log')
    this.directories = [this.directory]
    this.instanceName = `${run.id}-${basename(this.directory)}`
    this.processes = new InstanceProcesses(this)
    this.#ownControlGroup()
  }

  sharedInStack<T>(name: string, make: () => T): T {
    if (!this.#shared.has(name)) this.#shared.set(name, make())
    return this.#shared.get(name) as T
  }

  async writeFile(name: string, text: string): Promise<string> {
    const path = join(this.directory, name)
    await writeFile(path, text, { mode: 0o600 })
    return path
  }

  addCleanUp(cleanUp: () => Promise<void> | void): void {
    this.#cleanUps.add(cleanUp)
  }

  async findServer(description: ServerDescription, options: ServerOptions): Promise<FoundServer> {
    const search = { description, options, directory: this.#baseDirectory }
    const server = await findServer(search)
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
   * @param account account of the server, if not the present user; receives the directory, in a reachable place
   */
  async createSocketDirectory(longestSocketName: number, account?: UnprivilegedAccount): Promise<string> {
    const directory = await this.#own(this.run.createSocketDirectory(longestSocketName, account))
    if (account) giveTo(directory, account)
    this.directories.push(directory)
    return directory
  }

  async createDirectory(path: string, mode = 0o700): Promise<string> {
    const directory = await this.#own(this.run.createDirectory(path, mode))
    this.directories.push(directory)
    return directory
  }

  async createDataDirectory(): Promise<string> {
    const memory = findMemoryDirectory()
    const parent = 'path' in memory ? memory.path : this.directory
    const directory = await this.createDirectory(join(parent, `test-services-${randomName(nameLength)}`))
    // At once: the removal by promises takes three times as long.
    this.addCleanUp(() => rmSync(directory, { recursive: true, force: true, maxRetries: 3 }))
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

  /** Cleans up after a failed attempt, for the next attempt under the same conditions, with an empty control group. */
  async startAfresh(): Promise<Error[]> {
    const errors = await this.#cleanUps.run()
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

/** Removes the mark of `tsx` from the URL of a module loaded by `tsx`: without `tsx`, no loader knows the URL. */
function withoutLoader(module: string): string {
  if (!URL.canParse(module)) return module
  const url = new URL(module)
  url.searchParams.delete('tsx-namespace')
  return url.href
}
