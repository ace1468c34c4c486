import { resolve } from 'node:path'
import type { ActionPlan } from '../action/action-plan.ts'
import { describeStatus } from '../action/action-status.ts'
import { Workspace } from '../action/workspace.ts'
import type { Deadline } from '../kernel/deadline.ts'
import { MissingBinaryError, ServiceError, TestServicesError } from '../kernel/errors.ts'
import type { NeededConfigs } from './command.ts'
import { EnteredScript, type ScriptConfig, variableOf } from './entered-script.ts'
import { ExternalService } from './external-service.ts'
import type { Instance } from './instance.ts'
import { textsOf } from './made-variables.ts'
import type { ScriptOptions } from './script.ts'
import type { ServiceInit } from './service-init.ts'

type Step = 'onEnter' | 'onExit' | 'onCheck' | 'onReset'

const exitTimeoutMs = 300_000

/** A service whose start, stop, check and reset are actions. */
export class ScriptService extends ExternalService<ScriptConfig> {
  readonly #defined: ScriptOptions
  #options: ScriptOptions
  readonly #init: ServiceInit
  #entered: EnteredScript | undefined

  constructor(init: ServiceInit, options: ScriptOptions) {
    super(init)
    this.#init = init
    this.#defined = options
    this.#options = options
  }

  /** Also the plain names, as the script has said them. */
  override get variables(): Record<string, string> {
    const plain = Object.entries(this.serviceConfig).map(([key, value]) => [variableOf(key), value])
    return { ...Object.fromEntries(plain), ...super.variables }
  }

  override get keepsState(): boolean {
    return this.#options.onReset === undefined
  }

  protected override get secrets(): string[] {
    return [...super.secrets, ...(this.#init.secrets ?? []), ...(this.#entered?.secrets ?? [])]
  }

  protected async start(instance: Instance): Promise<ScriptConfig> {
    this.#options = { ...this.#defined, ...instance.profile }
    const { user, variables = {} } = this.#options
    const workspace = await Workspace.open(instance.run, { user })
    instance.addCleanUp(() => workspace.close())
    for (const secret of this.#init.secrets ?? []) workspace.redactions.add(secret)
    const scope = workspace.createScope(instance.label)
    instance.addCleanUp(() => scope.end())
    const values = typeof variables === 'function' ? variables(instance.needs as NeededConfigs<string>) : variables
    const layer = textsOf(values, `${this.label}'s "variables"`)
    const entered = new EnteredScript({
      instance,
      workspace,
      scope,
      declared: { ...this.#init.surroundings, ...layer },
    })
    this.#entered = entered
    // What could not be entered is exited all the same: it may have got half way.
    instance.addCleanUp(() => this.#exit(entered))
    const onExit = this.#planOf('onExit')
    if (onExit) entered.standBy(onExit)
    await this.#perform(entered, 'onEnter', instance.deadline)
    if (onExit) entered.standBy(onExit)
    return entered.config
  }

  protected configFromVariables(scalars: Readonly<Record<string, string>>): ScriptConfig {
    return scalars
  }

  protected async verify(): Promise<void> {
    await this.#ask('onCheck', 'ERR_NOT_ANSWERING')
  }

  protected async makePristine(): Promise<void> {
    await this.#ask('onReset', 'ERR_NOT_ANSWERING')
  }

  /** Of an instance that somebody else holds, nothing can be asked: its actions need what it was entered with. */
  async #ask(step: Step, code: 'ERR_NOT_ANSWERING'): Promise<void> {
    if (this.#entered) await this.#perform(this.#entered, step, undefined, code)
  }

  async #exit(entered: EnteredScript): Promise<void> {
    this.#entered = undefined
    const plan = this.#planOf('onExit')
    const status = plan && (await entered.exit({ ...plan, timeoutMs: plan.timeoutMs ?? exitTimeoutMs }))
    entered.standDown()
    if (!status || status.state === 'success') return
    throw new TestServicesError('ERR_ACTION', `onExit of ${this.label} did not succeed: ${describeStatus(status)}`)
  }

  async #perform(
    entered: EnteredScript,
    step: Step,
    deadline: Deadline | undefined,
    code: 'ERR_START' | 'ERR_NOT_ANSWERING' = 'ERR_START',
  ): Promise<void> {
    const plan = this.#planOf(step)
    if (!plan) return
    const status = await (step === 'onCheck' ? entered.check(step, plan) : entered.run(step, plan, deadline))
    if (status.state === 'success') return
    deadline?.check()
    const message = `${step} of ${this.label} did not succeed: ${describeStatus(status)}`
    if (status.error instanceof MissingBinaryError) throw new MissingBinaryError(message, { cause: status.error })
    throw new ServiceError(code, message, entered.evidence(plan, status), { cause: status.error })
  }

  #planOf(step: Step): ActionPlan | undefined {
    const plan = this.#options[step]
    const directory = plan?.directory && resolve(this.directory, plan.directory)
    return plan && { ...plan, directory, embeddedFiles: { ...this.#options.embeddedFiles, ...plan.embeddedFiles } }
  }
}
