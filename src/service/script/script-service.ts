import { resolve } from 'node:path'
import type { ActionPlan, Endpoints } from '../../action/action-plan.ts'
import { describeStatus, isPassed } from '../../action/action-status.ts'
import type { VariableLayer } from '../../action/workspace/variable-changes.ts'
import { Workspace } from '../../action/workspace/workspace.ts'
import type { Deadline } from '../../kernel/deadline.ts'
import { ActionError, MissingBinaryError, ServiceError } from '../../kernel/errors.ts'
import type { NeededConfigs } from '../command/command.ts'
import { ExternalService } from '../external-service.ts'
import type { ServiceHealth } from '../instance/health-check.ts'
import { declaredEnd, writePid } from '../instance/instance-files.ts'
import type { InstanceResources } from '../instance/instance-resources.ts'
import { textsOf } from '../options/made-variables.ts'
import type { ServiceOptions } from '../service-options.ts'
import { EnteredScript } from './entered-script.ts'
import { RunningScript } from './running-script.ts'
import type { ScriptOptions } from './script.ts'
import { type ScriptConfig, variableOf } from './script-config.ts'
import { allocatePorts, portKeys, portVariables } from './service-ports.ts'

type Step = 'onEnter' | 'onRun' | 'onExit' | 'onHealthCheck' | 'onCheck' | 'onReset'

const exitTimeoutMs = 300_000
const checkTimeoutMs = 30_000

/** A service whose start, run, stop, check and reset are actions. */
export class ScriptService extends ExternalService<ScriptConfig, ScriptOptions> {
  readonly #init: ServiceOptions
  #entered: EnteredScript | undefined
  #running: RunningScript | undefined

  constructor(init: ServiceOptions) {
    super(init)
    this.#init = init
  }

  /** Also contains the unprefixed names, as reported by the script. */
  override get variables(): Record<string, string> {
    const ports = Object.keys(this.options.ports ?? {}).flatMap(portKeys)
    const said = Object.entries(this.serviceConfig).filter(([key]) => !ports.includes(key))
    const plain = said.map(([key, value]) => [variableOf(key), value])
    return { ...Object.fromEntries(plain), ...super.variables }
  }

  override get keepsState(): boolean {
    return this.options.onReset === undefined
  }

  override get pid(): number | undefined {
    return this.#running?.pid
  }

  override get ended(): Promise<unknown> | undefined {
    return this.#running?.over
  }

  override get health(): ServiceHealth | undefined {
    return this.#running?.health
  }

  protected override get secrets(): string[] {
    return [...super.secrets, ...(this.#init.secrets ?? []), ...(this.#entered?.secrets ?? [])]
  }

  protected async onStart(context: InstanceResources): Promise<ScriptConfig> {
    const ports = await allocatePorts(context, this.options.ports ?? {})
    const entered = await this.#open(context, ports)
    this.#entered = entered
    // The exit also runs after a failed `onEnter`, which may have got half way.
    context.addCleanUp(() => this.#exit(entered))
    const onExit = this.#planOf('onExit')
    if (onExit) entered.arm(onExit)
    await this.#perform(entered, 'onEnter', context.deadline)
    if (onExit) entered.arm(onExit)
    if (this.options.onRun) await this.#run(context, entered, ports)
    else if (!this.#checkPlan) entered.left.observe()
    entered.markUp()
    return entered.config
  }

  async #open(context: InstanceResources, ports: Endpoints): Promise<EnteredScript> {
    const { user } = this.options
    const workspace = await Workspace.open(context.run, { user })
    context.addCleanUp(() => workspace.close())
    for (const secret of this.#init.secrets ?? []) workspace.redactor.add(secret)
    const group = workspace.createGroup(context.label)
    context.addCleanUp(() => group.end())
    const declared = { ...this.#init.surroundings, ...portVariables(ports), ...this.#ownVariables(context) }
    return new EnteredScript({ context, workspace, group, declared, ports })
  }

  #ownVariables(context: InstanceResources): VariableLayer {
    const { variables = {} } = this.options
    const values = typeof variables === 'function' ? variables(context.needs as NeededConfigs<string>) : variables
    return textsOf(values, `${this.label}'s "variables"`)
  }

  async #run(context: InstanceResources, entered: EnteredScript, ports: Endpoints): Promise<void> {
    const plan = this.#planOf('onRun')
    if (!plan) return
    const running = new RunningScript({
      context,
      entered,
      ports,
      plan,
      options: this.options,
      check: this.#checkPlan,
      onReady: (pid) => writePid(this.files.pidFile, pid),
    })
    this.#running = running
    context.addCleanUp(async () => {
      this.#running = undefined
      await running.stop()
    })
    await running.start()
  }

  protected configFromVariables(scalars: Readonly<Record<string, string>>): ScriptConfig {
    return scalars
  }

  /**
   * For an instance of a different holder, only checks whether the process of `onRun` is alive: the check actions need
   * values from the entering, known to the holder alone.
   */
  protected async onCheck(): Promise<void> {
    if (this.#running) return this.#running.check()
    if (!this.#entered) return this.#requireDeclared()
    const { step } = this.#checkPlan ?? {}
    if (step) await this.#perform(this.#entered, step, undefined, 'ERR_NOT_ANSWERING')
    else if (this.#entered.left.areLost) throw this.#died(this.#entered)
  }

  override async checkLiving(): Promise<void> {
    if (this.#running) return this.#running.checkLiving()
    if (!this.#entered) return this.#requireDeclared()
    if (this.#entered.left.areLost && !this.#checkPlan) throw this.#died(this.#entered)
  }

  #requireDeclared(): void {
    const end = declaredEnd(this.files)
    if (end) throw new ServiceError('ERR_SERVICE_DIED', `${this.label} died: ${end}`, { label: this.label })
  }

  #died(entered: EnteredScript): ServiceError {
    const message = `${this.label} died: nothing that its onEnter left running is alive; start a server in onRun to see how it ends, or say with onHealthCheck what tells that it lives`
    const plan = this.#planOf('onEnter') ?? { command: ['true'] }
    return new ServiceError('ERR_SERVICE_DIED', message, entered.evidence(plan, { state: 'success' }))
  }

  protected async onReset(): Promise<void> {
    if (this.#entered) await this.#perform(this.#entered, 'onReset', undefined, 'ERR_NOT_ANSWERING')
  }

  async #exit(entered: EnteredScript): Promise<void> {
    this.#entered = undefined
    const plan = this.#planOf('onExit')
    if (!plan) return entered.disarm()
    const status = await entered.exit(plan)
    entered.disarm()
    if (status.state === 'success') return
    const message = `onExit of ${this.label} did not succeed: ${describeStatus(status)}`
    throw new ActionError(message, entered.evidence(plan, status))
  }

  async #perform(
    entered: EnteredScript,
    step: Step,
    deadline: Deadline | undefined,
    code: 'ERR_START' | 'ERR_NOT_ANSWERING' = 'ERR_START',
  ): Promise<void> {
    const plan = this.#planOf(step)
    if (!plan) return
    const isCheck = step === this.#checkPlan?.step
    const status = await (isCheck ? entered.check(step, plan, { logs: 'always' }) : entered.run(step, plan, deadline))
    if (isCheck ? isPassed(status) : status.state === 'success') return
    deadline?.check()
    const message = `${step} of ${this.label} did not succeed: ${describeStatus(status)}`
    if (status.error instanceof MissingBinaryError) throw new MissingBinaryError(message, { cause: status.error })
    throw new ServiceError(code, message, entered.evidence(plan, status), { cause: status.error })
  }

  /** Returns the action for checks, with the name of the option. */
  get #checkPlan(): { step: 'onHealthCheck' | 'onCheck'; plan: ActionPlan } | undefined {
    const step = this.options.onCheck ? 'onCheck' : 'onHealthCheck'
    const plan = this.#planOf(step)
    return plan && { step, plan }
  }

  #planOf(step: Step): ActionPlan | undefined {
    const plan = this.options[step]
    if (!plan) return undefined
    const directory = plan.directory && resolve(this.directory, plan.directory)
    const timeoutMs = plan.timeoutMs ?? defaultTimesMs[step]
    return { ...plan, directory, timeoutMs, embeddedFiles: { ...this.options.embeddedFiles, ...plan.embeddedFiles } }
  }
}

const defaultTimesMs: Partial<Record<Step, number>> = {
  onExit: exitTimeoutMs,
  onHealthCheck: checkTimeoutMs,
  onCheck: checkTimeoutMs,
}
