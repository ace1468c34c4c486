import type { ActionPlan, Endpoints } from '../../action/action-plan.ts'
import { describeStatus, isPassed } from '../../action/action-status.ts'
import { settlesWithin } from '../../kernel/deadline.ts'
import { DeadlineError, ServiceError } from '../../kernel/errors.ts'
import { Turns } from '../../kernel/turns.ts'
import { moreTime } from '../../readiness/wait.ts'
import { type HealthChange, type HealthPlan, healthPlanOf, type ServiceHealth } from '../instance/health-check.ts'
import type { InstanceResources } from '../instance/instance-resources.ts'
import { describePortTaken } from '../instance/port-taken.ts'
import type { EnteredScript } from './entered-script.ts'
import { died, neverReady, runError } from './run-failure.ts'
import { type RunFailure, RunSupervisor } from './run-supervisor.ts'
import type { ScriptOptions } from './script.ts'
import type { ScriptRun } from './script-run.ts'
import { healthCheckOf, tcpPortsOf } from './script-schema.ts'
import { probePorts } from './tcp-health.ts'

interface RunningScriptParts {
  readonly context: InstanceResources
  readonly entered: EnteredScript
  readonly ports: Endpoints
  /** `onRun`. */
  readonly plan: ActionPlan
  readonly options: ScriptOptions
  readonly check: { readonly step: string; readonly plan: ActionPlan } | undefined
  /** Called with the pid of the main process, each time the script becomes ready. */
  readonly onReady: (pid: number) => void
}

const deathNoticeMs = 50

/** The `onRun` of a script, from its first start until the stop. */
export class RunningScript {
  readonly #parts: RunningScriptParts
  readonly #health: HealthPlan
  readonly #supervisor: RunSupervisor
  /** The probes. Only one probe runs at a time. */
  readonly #probes = new Turns()

  constructor(parts: RunningScriptParts) {
    const { context, entered, plan, options } = parts
    this.#parts = parts
    this.#health = healthPlanOf(healthCheckOf(options), tcpPortsOf(options))
    this.#supervisor = new RunSupervisor({
      health: this.#health,
      restartPolicy: context.restarts ? options.restartPolicy : undefined,
      launch: (onReadyLine) => entered.launch(plan, onReadyLine),
      probe: (run) => this.#ask(run, 'of failure'),
      describe: (run, failure, lastFailure) => this.#describe(run, failure, lastFailure),
      emit: (change) => this.#emit(change),
    })
  }

  get pid(): number | undefined {
    return this.#supervisor.run?.pid
  }

  get health(): ServiceHealth {
    return this.#supervisor.health
  }

  /** Resolves when `onRun` will not be restarted any more. */
  get over(): Promise<void> {
    return this.#supervisor.over
  }

  /** @throws ERR_START, ERR_NOT_READY, ERR_PORT_TAKEN, ERR_MISSING_BINARY, ERR_CANCELED */
  async start(): Promise<void> {
    const { deadline } = this.#parts.context
    try {
      await deadline.race(() => this.#supervisor.start())
    } catch (thrown) {
      const { run, lastFailure } = this.#supervisor
      if (!(thrown instanceof DeadlineError) || !run) throw thrown
      throw neverReady(this.#failed(run, lastFailure), deadline.limitMs, moreTime)
    }
  }

  /** @throws ERR_SERVICE_DIED, ERR_NOT_ANSWERING */
  async check(): Promise<void> {
    const run = await this.#requireReady()
    const failure = await this.#ask(run, 'always')
    if (failure === undefined) return
    // The connection of a dying server breaks a moment before its exit is known.
    await settlesWithin(run.ended, deathNoticeMs)
    await this.#requireReady()
    const { label } = this.#parts.context
    throw new ServiceError('ERR_NOT_ANSWERING', `${label} does not answer: ${failure}`, this.#evidence(run))
  }

  /** @throws the failure of the run */
  checkLiving(): void {
    if (this.#supervisor.error) throw this.#supervisor.error
  }

  /** Stops `onRun`, and waits for a probe in progress. @throws ERR_LEFT_BEHIND */
  async stop(): Promise<void> {
    try {
      await this.#supervisor.stop(this.#parts.context.forceSignal)
    } finally {
      await this.#probes.idle
    }
  }

  async #requireReady(): Promise<ScriptRun> {
    const { run, error, health } = this.#supervisor
    if (error) throw error
    if (run?.isAlive && health === 'READY') return run
    await run?.ended
    const { label } = this.#parts.context
    if (run) throw died(this.#failed(run, undefined))
    throw new ServiceError('ERR_NOT_ANSWERING', `${label} is being started`, { label })
  }

  /** Probes once, after the previous probe; returns why the probe failed. */
  #ask(run: ScriptRun, logs: 'always' | 'of failure'): Promise<string | undefined> {
    return this.#probes.do(() => (run.isOver ? 'onRun has ended' : this.#askNow(run, logs)))
  }

  async #askNow(run: ScriptRun, logs: 'always' | 'of failure'): Promise<string | undefined> {
    const { entered, ports, check, options, context } = this.#parts
    if (check) {
      const status = await entered.check(check.step, check.plan, { logs, over: run.over })
      return isPassed(status)
        ? undefined
        : `${check.step} of ${context.label} did not succeed: ${describeStatus(status)}`
    }
    const isOwn = (name: string): boolean => entered.canReadProcesses && options.ports?.[name]?.listener !== 'any'
    const foreign = (port: number): Error => this.#portTaken(run, port)
    return probePorts(ports, this.#health.ports, { pid: run.pid, isOwn, foreign })
  }

  #portTaken(run: ScriptRun, port: number): ServiceError {
    const message = describePortTaken(this.#parts.context.label, port)
    return new ServiceError('ERR_PORT_TAKEN', message, this.#evidence(run))
  }

  #describe(run: ScriptRun, failure: RunFailure, lastFailure: string | undefined): Error {
    return runError(failure, this.#failed(run, lastFailure))
  }

  #failed(run: ScriptRun, lastFailure: string | undefined) {
    const { label } = this.#parts.context
    return { label, health: this.#health, status: run.status, lastFailure, evidence: this.#evidence(run) }
  }

  #evidence(run: ScriptRun) {
    return this.#parts.entered.evidence(this.#parts.plan, run.status)
  }

  #emit(change: HealthChange): void {
    const { pid } = this
    if (change.state === 'READY' && pid !== undefined) this.#parts.onReady(pid)
    this.#parts.context.emitHealth(change)
  }
}
