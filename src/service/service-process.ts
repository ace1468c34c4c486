import { Deadline } from '../kernel/deadline.ts'
import { createDeferred } from '../kernel/deferred.ts'
import { isAlive } from '../process/inspect/identity.ts'
import type { Listener } from '../process/inspect/listener.ts'
import type { SupervisedProcess } from '../process/supervised-process.ts'
import { withListener } from '../readiness/own-listener.ts'
import type { Readiness, ReadinessTarget } from '../readiness/readiness.ts'
import { waitUntilReady } from '../readiness/wait.ts'
import type { FaultTarget } from './faults/faults.ts'
import type { LaunchedProcess } from './instance/instance-processes.ts'
import type { InstanceResources } from './instance/instance-resources.ts'
import { containerOf, type Launch } from './instance/launch.ts'
import type { ProcessStart } from './process-start.ts'

/** Reactions of a service to the start of the process. */
interface Owner {
  /** Called for a port with an answer from a foreign process. */
  portTaken(port: number): Error
  /** Called when a restarted process is ready. */
  onRestarted(process: SupervisedProcess): void
}

/** The process of a service: launched, awaited, ended, and started again in the same way. */
export class ServiceProcess implements FaultTarget {
  readonly #context: InstanceResources
  readonly #start: ProcessStart<object>
  readonly #owner: Owner
  readonly #died = createDeferred()
  #launched: LaunchedProcess | undefined
  #hasEnded = false
  #listener: Listener | undefined

  constructor(context: InstanceResources, start: ProcessStart<object>, owner: Owner) {
    this.#context = context
    this.#start = start
    this.#owner = owner
  }

  get label(): string {
    return this.#context.label
  }

  /** The present process, or the last process. */
  get supervised(): SupervisedProcess | undefined {
    return this.#launched?.process
  }

  get isAlive(): boolean {
    return this.supervised !== undefined && isAlive(this.supervised.identity)
  }

  /** Resolves when a ready process ends without a call of `stop`, `kill` or `end`. */
  get died(): Promise<void> {
    return this.#died.promise
  }

  /** Address on which the process was seen to listen, or `foreign`, or `unreadable`; `undefined` if unknown. */
  get listener(): Listener | undefined {
    return this.#listener
  }

  /** Launches the process, and waits for its readiness. @throws ERR_START, ERR_NOT_READY, ERR_PORT_TAKEN */
  launch(): Promise<void> {
    return this.#launch(this.#start, this.#context.deadline)
  }

  async start(signal: AbortSignal): Promise<void> {
    // A process that has died may have left child processes behind.
    await this.end()
    // The preparation has filled the data; the server has changed the data since.
    const { before: _done, ...launch } = this.#start
    const { label, deadline } = this.#context
    await this.#launch(launch, new Deadline(`starting ${label} again`, deadline.limitMs, signal)).catch(
      async (thrown) => {
        await this.end()
        throw thrown
      },
    )
    if (this.supervised) this.#owner.onRestarted(this.supervised)
  }

  /** Starts in a new container: all data in the present container is lost. */
  async recreate(): Promise<void> {
    await this.end()
    await this.#context.processes.discardContainer()
    await this.start(new AbortController().signal)
  }

  stop(): Promise<void> {
    return this.end()
  }

  async kill(): Promise<void> {
    this.#hasEnded = true
    await this.#launched?.kill()
  }

  async pause(): Promise<void> {
    await this.supervised?.pause()
  }

  resume(): void {
    this.supervised?.resume()
  }

  /** Ends the processes by the stop ladder. Harmless when repeated. @throws ERR_LEFT_BEHIND */
  async end(): Promise<void> {
    if (this.#hasEnded) return
    this.#hasEnded = true
    await this.#launched?.end()
  }

  async #launch(launch: Launch, deadline: Deadline): Promise<void> {
    const logStart = this.supervised?.log.size() ?? 0
    const launched = await this.#context.processes.launch(launch, deadline)
    this.#launched = launched
    this.#hasEnded = false
    await this.#becomeReady(launched.process, { logStart, deadline })
    await launched.process.isGrouped
    launched.process.observeSoon()
    void launched.process.exited.then(() => {
      if (this.#launched === launched && !this.#hasEnded) this.#died.resolve()
    })
  }

  async #becomeReady(
    process: SupervisedProcess,
    { logStart, deadline }: { readonly logStart: number; readonly deadline: Deadline },
  ): Promise<void> {
    const { port, directory = this.#context.directory } = this.#start
    const { environment } = process.plan
    const target: ReadinessTarget = { log: process.log, logStart, port, directory, environment }
    await waitUntilReady({ label: this.label, process, readiness: this.#readinessOf(process), target, deadline })
    // A foreign server on the expected port would answer as well.
    if (port !== undefined && this.#listener === 'foreign') throw this.#owner.portTaken(port)
  }

  #readinessOf({ identity }: SupervisedProcess): Readiness {
    const { readiness, port, identityProof } = this.#start
    this.#listener = undefined
    // The engine has bound the port of a container.
    if (port === undefined || identityProof === 'readiness' || containerOf(this.#start)) return readiness
    const onFound = (listener: Listener | undefined): void => {
      this.#listener = listener
    }
    return withListener(readiness, { port, pid: identity.pid, onFound })
  }
}
