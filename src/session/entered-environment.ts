import type { ActionPlan } from '../action/action-plan.ts'
import type { ActionScope } from '../action/action-scope.ts'
import type { EmbeddedFiles } from '../action/embedded-files.ts'
import { VariableChanges, type VariableLayer } from '../action/variable-changes.ts'
import type { Workspace } from '../action/workspace.ts'

/** Surroundings for what runs after them, made by one action and unmade by another. Each part may be missing. */
export interface EnvironmentDefinition {
  /** Unique in the session. Default: the name, or a random one. */
  readonly id?: string | undefined
  /** For messages. */
  readonly name?: string | undefined
  /** Set as long as it is entered, for its own actions too; `null` unsets. */
  readonly variables?: VariableLayer | undefined
  /** Written for each of its actions. */
  readonly embeddedFiles?: EmbeddedFiles | undefined
  /** What it says as `openjd_env:` and `openjd_unset_env:` changes the variables; what it leaves running stays. */
  readonly onEnter?: ActionPlan | undefined
  /** Default time: 300,000 ms. */
  readonly onExit?: ActionPlan | undefined
}

const exitTimeoutMs = 300_000

/** An environment that is entered, or whose entering has failed: it is exited all the same. */
export class EnteredEnvironment {
  readonly id: string
  readonly name: string
  readonly changes: VariableChanges
  /** The services that were up before it: those that came up in it go before it does. */
  readonly servicesBefore: ReadonlySet<string>
  readonly #definition: EnvironmentDefinition

  #scope: ActionScope | undefined
  #exit: ActionPlan | undefined
  #standDown = (): void => {}

  constructor(id: string, definition: EnvironmentDefinition, servicesBefore: ReadonlySet<string>) {
    this.id = id
    this.name = definition.name ?? id
    this.servicesBefore = servicesBefore
    this.changes = new VariableChanges(definition.variables)
    this.#definition = definition
  }

  /** Whether anything of it can have begun. */
  get hasScope(): boolean {
    return this.#scope !== undefined
  }

  /** One for both actions: what the first leaves running is there for the second. */
  scopeIn(workspace: Workspace): ActionScope {
    this.#scope ??= workspace.createScope('ENVIRONMENT')
    return this.#scope
  }

  /** Has the guardian exit it, with the variables as they are now; calling it again replaces what was recorded. */
  standBy(workspace: Workspace, layers: readonly VariableLayer[]): void {
    const before = this.#standDown
    const plan = this.#withFiles(this.#definition.onExit)
    this.#exit ??= plan && workspace.settle({ ...plan, timeoutMs: plan.timeoutMs ?? exitTimeoutMs })
    if (this.#exit) this.#standDown = workspace.standBy(this.#exit, ...layers)
    before()
  }

  /** It has been exited: ends what its actions have left running. */
  async close(): Promise<void> {
    this.#standDown()
    this.#standDown = () => {}
    await this.#scope?.end()
  }

  get onEnter(): ActionPlan | undefined {
    return this.#withFiles(this.#definition.onEnter)
  }

  /** The same plan for us and for the guardian: its functions are called once, before the environment is entered. */
  get onExit(): ActionPlan | undefined {
    return this.#exit
  }

  #withFiles(plan: ActionPlan | undefined): ActionPlan | undefined {
    const { embeddedFiles } = this.#definition
    return plan && { ...plan, embeddedFiles: { ...embeddedFiles, ...plan.embeddedFiles } }
  }
}
