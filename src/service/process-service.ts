import { rm } from 'node:fs/promises'
import { keptLogs } from '../host/state-directory.ts'
import { settlesWithin, sleep } from '../kernel/deadline.ts'
import { asError, combineErrors, hasCode, ServiceError } from '../kernel/errors.ts'
import { Redactor } from '../kernel/redactor.ts'
import { secretsIn } from '../kernel/secrets.ts'
import type { ServiceEvidence } from '../kernel/service-evidence.ts'
import type { Ended } from '../process/ended.ts'
import type { ErrorSearch } from '../process/first-error.ts'
import { isEnding } from '../process/inspect/ending.ts'
import { isAlive } from '../process/inspect/identity.ts'
import type { Listener } from '../process/inspect/listener.ts'
import { signalMain } from '../process/signals.ts'
import type { SupervisedProcess } from '../process/supervised-process.ts'
import { evidenceOf } from '../readiness/wait.ts'
import { ExternalService } from './external-service.ts'
import { Faults } from './faults/faults.ts'
import { declaredEnd, writePid } from './instance/instance-files.ts'
import type { InstanceResources } from './instance/instance-resources.ts'
import { describePortTaken } from './instance/port-taken.ts'
import { ResetHistory } from './instance/reset-history.ts'
import type { SetUpContext } from './instance/set-up-context.ts'
import type { ProcessStart } from './process-start.ts'
import { ServiceProcess } from './service-process.ts'

/** A port may be lost between its choice and the bind. Five losses in a row are no accident. */
const portAttempts = 5
const deathNoticeMs = 50
/** Time limit for the exit of a process after the kernel has begun to end the process. */
const endingLimitMs = 2_000

/** A service run as a process of the holder: launched, awaited, and stopped by its ladder. */
export abstract class ProcessService<Config extends object, Options extends object = object> extends ExternalService<
  Config,
  Options
> {
  #process: ServiceProcess | undefined
  #faults: Faults | undefined
  readonly #resets = new ResetHistory()

  /** Lines of the log with the look of errors, but caused by resets of clients. Default: none. @internal */
  protected readonly harmless: RegExp | undefined

  /** Prepares the start and returns how to start the process. Called again, for a new port, after a port was lost. */
  protected abstract override onStart(context: SetUpContext): Promise<ProcessStart<Config>>

  /** Called when the process is ready, before `setUp` returns. */
  protected async onReady(config: Config, _context: SetUpContext): Promise<Config> {
    return config
  }

  /**
   * Whether an ended process has found the port taken, according to the log. A program that names a different port has
   * ignored the given port; no further attempt helps then.
   */
  protected hasLostPort(logText: string, port: number): boolean {
    const messages = [...logText.matchAll(/(?:EADDRINUSE|address already in use)(.*)/gi)].map(([, rest = '']) => rest)
    const named = messages.flatMap((rest) => [...rest.matchAll(/:(\d{1,5})\b/g)]).map(([, digits]) => Number(digits))
    return messages.length > 0 && (named.length === 0 || named.includes(port))
  }

  override get pid(): number | undefined {
    return this.#faults?.isDown ? undefined : this.#supervised?.identity.pid
  }

  override get ended(): Promise<unknown> | undefined {
    return this.#process?.died
  }

  override noteReset(label: string): void {
    this.#resets.noteNeeded(label, this.log.size())
  }

  override reset(): Promise<void> {
    this.#resets.noteOwn()
    return super.reset()
  }

  /** @internal */
  protected override async startIn(context: InstanceResources): Promise<Config> {
    for (let attempt = 1, lastPort: number | undefined; ; attempt++) {
      const start = await this.onStart(context)
      context.deadline.check()
      try {
        await this.#launch(context, start)
        return await this.onReady(start.config, context)
      } catch (thrown) {
        const { port } = start
        const isLost = port !== undefined && this.#hasLost(port, thrown)
        const error = isLost ? this.#portTaken(port, asError(thrown)) : asError(thrown)
        // A repeated port is a fixed port: a retry is useless.
        if (!hasCode(error, 'ERR_PORT_TAKEN') || port === lastPort || !mayRetry(context, attempt)) throw error
        await this.#startAfresh(context, error)
        lastPort = port
      }
    }
  }

  /** Also removes the log: lines about the lost port would count as lines of the next attempt. */
  async #startAfresh(context: InstanceResources, cause: Error): Promise<void> {
    const errors = await context.startAfresh()
    if (errors.length > 0) throw combineErrors([cause, ...errors])
    await rm(context.logFile, { force: true })
  }

  async #launch(context: InstanceResources, start: ProcessStart<Config>): Promise<void> {
    this.#resets.forgetNeeded()
    const secrets = [...this.secrets, ...secretsIn(start.config)]
    const process = new ServiceProcess(
      context,
      { ...start, secrets },
      {
        portTaken: (port) => this.#portTaken(port),
        onRestarted: ({ identity }) => writePid(this.files.pidFile, identity.pid),
      },
    )
    this.#process = process
    this.#faults = new Faults(process)
    context.addCleanUp(() =>
      process.end().finally(() => {
        this.#process = undefined
      }),
    )
    await process.launch()
  }

  /**
   * Signals the main process and waits for the end of the process.
   *
   * @internal
   */
  protected async endBy(signal: NodeJS.Signals): Promise<Ended | undefined> {
    const process = this.#supervised
    if (process) signalMain(process.identity, signal)
    return process?.join()
  }

  /** Starts the service in a new container. @internal */
  protected async recreate(): Promise<void> {
    await this.#process?.recreate()
  }

  /**
   * Address on which the process was seen to listen, or `foreign`, or `unreadable`; `undefined` if unknown.
   *
   * @internal
   */
  protected get listener(): Listener | undefined {
    return this.#process?.listener
  }

  /** @internal */
  protected override get faults(): Faults | undefined {
    return this.#process && this.#faults
  }

  /** The present process, or the last process after its end. */
  get #supervised(): SupervisedProcess | undefined {
    return this.#process?.supervised
  }

  #hasLost(port: number, thrown: unknown): boolean {
    if (!(thrown instanceof ServiceError) || thrown.code !== 'ERR_START') return false
    return this.hasLostPort(thrown.evidence.logTail ?? '', port)
  }

  #portTaken(port: number, cause?: Error): ServiceError {
    return new ServiceError('ERR_PORT_TAKEN', describePortTaken(this.label, port), this.#evidence(), { cause })
  }

  #evidence(search: ErrorSearch = { ...this.#resets.search, harmless: this.harmless }): ServiceEvidence {
    if (this.#supervised) return evidenceOf(this.label, this.#supervised, search)
    // The holder and the log may be gone when the error is read, so the log is copied.
    const { log } = this
    const logTail = new Redactor(this.secrets).apply(this.log.tail())
    return { label: this.label, ...(logTail && { logTail, logFile: log.keep(keptLogs()) }) }
  }

  /** @internal */
  protected override async verify(config: Config): Promise<void> {
    this.faults?.requireNone()
    await this.checkLiving()
    try {
      await this.onCheck(config)
    } catch (thrown) {
      // The connection of a dying server breaks a moment before its exit is known.
      await (this.#process ? settlesWithin(this.#process.died, deathNoticeMs) : sleep(deathNoticeMs))
      await this.checkLiving()
      throw this.#notAnswering(asError(thrown))
    }
  }

  override async checkLiving(): Promise<void> {
    if (this.#faults?.isDown) return
    const process = this.#supervised
    const end = process ? await describeProcessEnd(process) : declaredEnd(this.files)
    if (end === undefined) return
    const reset = process && this.#resets.fatalFor(process)
    const since = reset ? `, within ${reset.tookMs} ms of a reset of ${reset.label}` : ''
    const message = `${this.label} died: ${end} after it was ready${since}; it is not started again in silence`
    const advice = `\n  A reset may end connections: ${this.label} has to live through that, for example by pool.on('error', () => {})`
    throw new ServiceError('ERR_SERVICE_DIED', reset ? message + advice : message, this.#evidence(reset?.search))
  }

  #notAnswering(cause: Error): ServiceError {
    return new ServiceError('ERR_NOT_ANSWERING', `${this.label} does not answer: ${cause.message}`, this.#evidence(), {
      cause,
    })
  }
}

function mayRetry({ mode }: InstanceResources, attempt: number): boolean {
  return mode !== 'configured' && attempt < portAttempts
}

/** The process table knows of an end before the event loop does. */
async function describeProcessEnd(process: SupervisedProcess): Promise<string | undefined> {
  if (isAlive(process.identity) && !(await endsNow(process))) return undefined
  await process.join()
  return `it ended with ${process.endedHow}`
}

/** Waits a moment for the exit of an ending process. */
async function endsNow({ identity, exited }: SupervisedProcess): Promise<boolean> {
  return isEnding(identity.pid) && (await settlesWithin(exited, endingLimitMs))
}
