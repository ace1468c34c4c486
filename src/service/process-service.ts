import { sleep } from '../kernel/deadline.ts'
import { asError, hasCode, ServiceError, type ServiceEvidence } from '../kernel/errors.ts'
import { ownsListener } from '../process/listener.ts'
import type { SupervisedProcess } from '../process/supervised-process.ts'
import type { Readiness, ReadinessTarget } from '../readiness/readiness.ts'
import { evidenceOf, waitUntilReady } from '../readiness/wait.ts'
import { ExternalService } from './external-service.ts'
import type { Instance, Launch } from './instance.ts'

/** A port may be lost between the proposal and the bind; five losses in a row are no accident. */
const portAttempts = 5
const deathNoticeMs = 50

/** How to start a service that is one process with its children. */
export interface ProcessStart<Config> extends Launch {
  readonly readiness: Readiness
  /** The port on which the service was told to listen: that it listens there itself is proved. */
  readonly port?: number | undefined
  readonly config: Config
}

/** A service that is a process of ours: it is launched, awaited, and stopped by its ladder. */
export abstract class ProcessService<Config extends object> extends ExternalService<Config> {
  #process: SupervisedProcess | undefined

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

  protected async start(instance: Instance): Promise<Config> {
    for (let attempt = 1; ; attempt++) {
      const start = await this.prepare(instance)
      try {
        await this.#launch(instance, start).catch((thrown) => {
          throw this.#lostPort(thrown) ? this.#portTaken(start.port, thrown) : thrown
        })
        return await this.finish(start.config, instance)
      } catch (thrown) {
        if (instance.mode === 'configured' || attempt === portAttempts || !hasCode(thrown, 'ERR_PORT_TAKEN'))
          throw thrown
        const errors = await instance.undo()
        if (errors.length > 0) throw new AggregateError([thrown, ...errors], asError(thrown).message)
      }
    }
  }

  async #launch(instance: Instance, start: ProcessStart<Config>): Promise<void> {
    instance.addCleanUp(() => {
      this.#process = undefined
    })
    const process = await instance.launch(start)
    this.#process = process
    const target: ReadinessTarget = {
      log: process.log,
      port: start.port,
      directory: start.directory ?? instance.directory,
      environment: process.plan.environment,
    }
    const { label, deadline } = instance
    await waitUntilReady({ label, process, readiness: start.readiness, target, deadline })
    process.observe()
    this.#proveListener(start.port, process)
  }

  /** A foreign server on the expected port would answer as well as ours. */
  #proveListener(port: number | undefined, process: SupervisedProcess): void {
    if (port === undefined || ownsListener(port, process.knownPids) !== false) return
    throw this.#portTaken(port)
  }

  #lostPort(thrown: unknown): boolean {
    return (
      thrown instanceof ServiceError && thrown.code === 'ERR_START' && this.hasLostPort(thrown.evidence.logTail ?? '')
    )
  }

  #portTaken(port: number | undefined, cause?: Error): ServiceError {
    const message = `${this.label} could not have port ${port}: another process listens there; stop that one or choose another port`
    return new ServiceError('ERR_PORT_TAKEN', message, this.#evidence(), { cause })
  }

  #evidence(): ServiceEvidence {
    return this.#process ? evidenceOf(this.label, this.#process) : { label: this.label }
  }

  protected async verify(config: Config): Promise<void> {
    this.#requireLiving()
    try {
      await this.ping(config)
    } catch (thrown) {
      // The connection of a dying server breaks a moment before its exit is known.
      if (this.#process) await sleep(deathNoticeMs)
      this.#requireLiving()
      throw this.#notAnswering(asError(thrown))
    }
  }

  #requireLiving(): void {
    const process = this.#process
    if (!process?.ended) return
    const message = `${this.label} died: it ended with ${process.endedHow} after it was ready; it is not started again in silence`
    throw new ServiceError('ERR_SERVICE_DIED', message, this.#evidence())
  }

  #notAnswering(cause: Error): ServiceError {
    return new ServiceError('ERR_NOT_ANSWERING', `${this.label} does not answer: ${cause.message}`, this.#evidence(), {
      cause,
    })
  }
}
