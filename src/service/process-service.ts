import { rm } from 'node:fs/promises'
import { keptLogs } from '../host/state-directory.ts'
import { monotonicMs } from '../kernel/clock.ts'
import { settlesWithin, sleep } from '../kernel/deadline.ts'
import { asError, combineErrors, hasCode, ServiceError, type ServiceEvidence } from '../kernel/errors.ts'
import { Redactor } from '../kernel/redactor.ts'
import { secretsIn } from '../kernel/secrets.ts'
import type { Ended } from '../process/ended.ts'
import { isEnding } from '../process/ending.ts'
import { isAlive } from '../process/identity.ts'
import type { Listener } from '../process/listener.ts'
import { signalMain } from '../process/signals.ts'
import type { SupervisedProcess } from '../process/supervised-process.ts'
import { withListener } from '../readiness/own-listener.ts'
import type { Readiness, ReadinessTarget } from '../readiness/readiness.ts'
import { evidenceOf, waitUntilReady } from '../readiness/wait.ts'
import { ExternalService } from './external-service.ts'
import type { Instance, Launch } from './instance.ts'
import { declaredEnd } from './instance-files.ts'

/** A port may be lost between the proposal and the bind; five losses in a row are no accident. */
const portAttempts = 5
const deathNoticeMs = 50
/** A service that dies so soon after a reset of what it needs has probably died of that. */
const shortlyMs = 5_000

/** The last reset of a service that this one needs. */
interface NeedReset {
  readonly label: string
  readonly at: number
  /** The end of this service's log then. */
  readonly logMark: number
}
/** For the exit of a process that the kernel has begun to end. */
const endingLimitMs = 2_000

/** How to start a service that is one process with its children. */
export interface ProcessStart<Config> extends Launch {
  readonly readiness: Readiness
  /** The port on which the service was told to listen: that it listens there itself is proved. */
  readonly port?: number | undefined
  /**
   * What proves that it is our own process that answers: that it owns the socket listening on `port`, the default, or
   * the readiness strategy, where that asks over a channel which nobody else has.
   */
  readonly identityProof?: 'listener' | 'readiness'
  readonly config: Config
}

/** A service that is a process of ours: it is launched, awaited, and stopped by its ladder. */
export abstract class ProcessService<Config extends object> extends ExternalService<Config> {
  #process: SupervisedProcess | undefined
  #listener: Listener | undefined
  #lastReset: NeedReset | undefined

  /** Prepares what the process needs and says how to start it. Called again, on another port, when a port was lost. */
  protected abstract prepare(instance: Instance): Promise<ProcessStart<Config>>

  /** One question that only a running, answering service can answer; throws otherwise. */
  protected abstract ping(config: Config): Promise<void>

  /** After the service is ready, before `setUp` returns. */
  protected async finish(config: Config, _instance: Instance): Promise<Config> {
    return config
  }

  /** Whether the log of a process that ended tells that its port was taken. */
  protected hasLostPort(logText: string): boolean {
    return /EADDRINUSE|address already in use/i.test(logText)
  }

  override get pid(): number | undefined {
    return this.#process?.identity.pid
  }

  override get ended(): Promise<unknown> | undefined {
    return this.#process?.exited
  }

  override noteReset(label: string): void {
    this.#lastReset = { label, at: monotonicMs(), logMark: this.log.size() }
  }

  protected async start(instance: Instance): Promise<Config> {
    for (let attempt = 1, lastPort: number | undefined; ; attempt++) {
      const start = await this.prepare(instance)
      instance.deadline.check()
      try {
        await this.#launch(instance, start)
        return await this.finish(start.config, instance)
      } catch (thrown) {
        const error = this.#lostPort(start, thrown) ? this.#portTaken(start.port, asError(thrown)) : asError(thrown)
        // A port that comes again is a fixed one.
        if (!hasCode(error, 'ERR_PORT_TAKEN') || start.port === lastPort || !mayRetry(instance, attempt)) throw error
        await this.#startAfresh(instance, error)
        lastPort = start.port
      }
    }
  }

  /** The log goes too: what it says of the lost port would be read as the next attempt's. */
  async #startAfresh(instance: Instance, cause: Error): Promise<void> {
    const errors = await instance.startAfresh()
    if (errors.length > 0) throw combineErrors([cause, ...errors])
    await rm(instance.logFile, { force: true })
  }

  async #launch(instance: Instance, start: ProcessStart<Config>): Promise<void> {
    this.#lastReset = undefined
    instance.addCleanUp(() => {
      this.#process = undefined
    })
    const process = await instance.launch({
      ...start,
      secrets: [...this.secrets, ...secretsIn(start.config)],
    })
    this.#process = process
    const target: ReadinessTarget = {
      log: process.log,
      port: start.port,
      directory: start.directory ?? instance.directory,
      environment: process.plan.environment,
    }
    const { label, deadline } = instance
    await waitUntilReady({ label, process, readiness: this.#readinessOf(start, process), target, deadline })
    process.observeSoon()
    // A foreign server on the expected port would answer as well as ours.
    if (this.#listener === 'foreign') throw this.#portTaken(start.port)
  }

  #readinessOf({ readiness, port, identityProof }: ProcessStart<Config>, { identity }: SupervisedProcess): Readiness {
    this.#listener = undefined
    if (port === undefined || identityProof === 'readiness') return readiness
    const onFound = (listener: Listener | undefined): void => {
      this.#listener = listener
    }
    return withListener(readiness, { port, pid: identity.pid, onFound })
  }

  /** Signals the main process, and waits until it has ended. */
  protected async endBy(signal: NodeJS.Signals): Promise<Ended | undefined> {
    const process = this.#process
    if (process) signalMain(process.identity, signal)
    return process?.join()
  }

  /** Where the process itself was seen to listen; `undefined` where that cannot be told. */
  protected get listener(): Listener | undefined {
    return this.#listener
  }

  #lostPort({ port }: ProcessStart<Config>, thrown: unknown): boolean {
    if (port === undefined || !(thrown instanceof ServiceError) || thrown.code !== 'ERR_START') return false
    return this.hasLostPort(thrown.evidence.logTail ?? '')
  }

  #portTaken(port: number | undefined, cause?: Error): ServiceError {
    const message = `${this.label}: port ${port} is already in use; stop the process that uses it, or choose another port`
    return new ServiceError('ERR_PORT_TAKEN', message, this.#evidence(), { cause })
  }

  #evidence(logMark?: number): ServiceEvidence {
    if (this.#process) return evidenceOf(this.label, this.#process, logMark)
    // The holder may be gone, with the log, when somebody reads this.
    const { log } = this
    const logTail = new Redactor(this.secrets).apply(this.log.tail())
    return { label: this.label, ...(logTail && { logTail, logFile: log.keep(keptLogs()) }) }
  }

  protected async verify(config: Config): Promise<void> {
    await this.checkLiving()
    try {
      await this.ping(config)
    } catch (thrown) {
      // The connection of a dying server breaks a moment before its exit is known.
      await (this.#process ? settlesWithin(this.#process.exited, deathNoticeMs) : sleep(deathNoticeMs))
      await this.checkLiving()
      throw this.#notAnswering(asError(thrown))
    }
  }

  override async checkLiving(): Promise<void> {
    const end = this.#process ? await endOf(this.#process) : declaredEnd(this.files)
    if (end === undefined) return
    const reset = this.#fatalReset()
    const since = reset ? `, within ${reset.tookMs} ms of a reset of ${reset.label}` : ''
    const message = `${this.label} died: ${end} after it was ready${since}; it is not started again in silence`
    const advice = `\n  A reset may end connections: ${this.label} has to live through that, for example by pool.on('error', () => {})`
    throw new ServiceError('ERR_SERVICE_DIED', reset ? message + advice : message, this.#evidence(reset?.logMark))
  }

  #fatalReset(): (NeedReset & { readonly tookMs: number }) | undefined {
    const [reset, endedAt] = [this.#lastReset, this.#process?.endedAt]
    if (!reset || endedAt === undefined || endedAt - reset.at > shortlyMs) return undefined
    return { ...reset, tookMs: Math.ceil(endedAt - reset.at) }
  }

  #notAnswering(cause: Error): ServiceError {
    return new ServiceError('ERR_NOT_ANSWERING', `${this.label} does not answer: ${cause.message}`, this.#evidence(), {
      cause,
    })
  }
}

function mayRetry({ mode }: Instance, attempt: number): boolean {
  return mode !== 'configured' && attempt < portAttempts
}

/** The process table knows of an end before the event loop does. */
async function endOf(process: SupervisedProcess): Promise<string | undefined> {
  if (isAlive(process.identity) && !(await endsNow(process))) return undefined
  await process.join()
  return `it ended with ${process.endedHow}`
}

/** A process that has begun to end has ended a moment later. */
async function endsNow({ identity, exited }: SupervisedProcess): Promise<boolean> {
  return isEnding(identity.pid) && (await settlesWithin(exited, endingLimitMs))
}
