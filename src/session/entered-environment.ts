import type { ActionGroup } from '../action/action-group.ts'
import type { ActionPlan } from '../action/action-plan.ts'
import type { EmbeddedFile } from '../action/embedded-files.ts'
import { VariableChanges, type VariableLayer } from '../action/workspace/variable-changes.ts'
import type { Workspace } from '../action/workspace/workspace.ts'

/** Variables and files for later actions, set up by one action and torn down by a second. Every part is optional. */
export interface EnvironmentDefinition {
  /** Unique in the session. Default: the name, or a random id. */
  readonly id?: string | undefined
  /** Name for messages. */
  readonly name?: string | undefined
  /** Variables while the environment is entered, also for `onEnter` and `onExit`; `null` unsets. */
  readonly variables?: VariableLayer | undefined
  /** Files written for each of the two actions. */
  readonly embeddedFiles?: Readonly<Record<string, EmbeddedFile>> | undefined
  /**
   * Action run on entering. Its messages `openjd_env:` and `openjd_unset_env:` change the variables. Processes left
   * running live until the exit.
   */
  readonly onEnter?: ActionPlan | undefined
  /** Action run on exiting, with a default `timeoutMs` of 300,000 ms. */
  readonly onExit?: ActionPlan | undefined
}

const exitTimeoutMs = 300_000

/** An environment that has been entered. After a failed `onEnter` the environment must be exited, too. */
export class EnteredEnvironment {
  readonly id: string
  readonly name: string
  readonly changes: VariableChanges
  /** The services that were up before the environment. Services started inside are cleaned up before the exit. */
  readonly servicesBefore: ReadonlySet<string>
  readonly #definition: EnvironmentDefinition

  #group: ActionGroup | undefined
  #exit: ActionPlan | undefined
  #disarm = (): void => {}

  constructor(id: string, definition: EnvironmentDefinition, servicesBefore: ReadonlySet<string>) {
    this.id = id
    this.name = definition.name ?? id
    this.servicesBefore = servicesBefore
    this.changes = new VariableChanges(definition.variables)
    this.#definition = definition
  }

  /** Whether an action of the environment may have begun. */
  get hasGroup(): boolean {
    return this.#group !== undefined
  }

  /** Returns the group for both actions: processes left running by `onEnter` live until `onExit` has run. */
  groupIn(workspace: Workspace): ActionGroup {
    this.#group ??= workspace.createGroup('ENVIRONMENT')
    return this.#group
  }

  /** Records the exit for the guardian, with the present variables. A repeated call replaces the record. */
  arm(workspace: Workspace, layers: readonly VariableLayer[]): void {
    const before = this.#disarm
    const plan = this.#withFiles(this.#definition.onExit)
    this.#exit ??= plan && workspace.settle({ ...plan, timeoutMs: plan.timeoutMs ?? exitTimeoutMs })
    if (this.#exit) this.#disarm = workspace.arm(this.#exit, ...layers)
    before()
  }

  /** Called after the exit: removes the record and ends the processes left running. */
  async close(): Promise<void> {
    this.#disarm()
    this.#disarm = () => {}
    await this.#group?.end()
  }

  get onEnter(): ActionPlan | undefined {
    return this.#withFiles(this.#definition.onEnter)
  }

  /**
   * The exit plan, the same for us and for the guardian: functions are called once, before the environment is entered.
   */
  get onExit(): ActionPlan | undefined {
    return this.#exit
  }

  #withFiles(plan: ActionPlan | undefined): ActionPlan | undefined {
    const { embeddedFiles } = this.#definition
    return plan && { ...plan, embeddedFiles: { ...embeddedFiles, ...plan.embeddedFiles } }
  }
}
