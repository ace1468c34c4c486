import type { ActionStatus } from '../action/action-plan.ts'
import { describeStatus } from '../action/action-status.ts'
import { ExitBudget } from '../action/exit-budget.ts'
import type { ActionMessage } from '../action/output/message.ts'
import type { VariableLayer } from '../action/workspace/variable-changes.ts'
import type { Workspace } from '../action/workspace/workspace.ts'
import { randomName } from '../host/secret.ts'
import { ActionError, asError, combineErrors, StateError } from '../kernel/errors.ts'
import type { ServiceOptions } from '../service/service-options.ts'
import type { ActionRunner } from './action-runner.ts'
import { EnteredEnvironment } from './entered-environment.ts'
import type { EventChannel } from './event-channel.ts'
import type { SessionEvent } from './events.ts'
import type { ServiceSet } from './service-set.ts'
import type { SessionDirectory } from './session-directory.ts'
import type { CallOptions, EnterEnvironmentOptions, ExitEnvironmentOptions } from './session-options.ts'

const idLength = 12

interface LayerOptions {
  readonly own?: VariableLayer | undefined
  readonly ignoresEnvironments?: boolean | undefined
}

interface Surroundings {
  readonly actions: ActionRunner
  readonly services: ServiceSet
  readonly directory: SessionDirectory
  readonly events: EventChannel<SessionEvent>
  /** Fires when the user no longer wants to wait. */
  readonly forceSignal: AbortSignal
}

/** The environments of a session: entered one within the other, exited in reverse. */
export class EnvironmentStack {
  readonly #around: Surroundings
  readonly #exits: ExitBudget
  /** The innermost last. */
  readonly #entered: EnteredEnvironment[] = []

  constructor(around: Surroundings) {
    this.#around = around
    this.#exits = new ExitBudget(around.forceSignal)
  }

  get ids(): readonly string[] {
    return this.#entered.map(({ id }) => id)
  }

  /** Returns the variables for an action, from low to high: the session's, the action's own, the environments'. */
  layers({ own = {}, ignoresEnvironments = false }: LayerOptions = {}): VariableLayer[] {
    const entered = ignoresEnvironments ? [] : this.#entered.map(({ changes }) => changes.layer)
    return [this.#around.services.variables, own, ...entered]
  }

  /** Variables and secrets of all environments, inner above outer, for services started inside. */
  get surroundings(): Pick<ServiceOptions, 'surroundings' | 'secrets'> {
    const changes = this.#entered.map((environment) => environment.changes)
    const surroundings = Object.assign({}, ...changes.map(({ layer }) => layer))
    return { surroundings, secrets: changes.flatMap(({ secrets }) => secrets) }
  }

  async enter({
    signal,
    callVariables,
    ...definition
  }: EnterEnvironmentOptions): Promise<{ id: string; status: ActionStatus }> {
    const id = definition.id ?? definition.name ?? randomName(idLength)
    if (this.ids.includes(id))
      throw new StateError(
        `the environment "${id}" has been entered already; exit it first, or give this one another id`,
      )
    const environment = new EnteredEnvironment(id, definition, new Set(this.#around.services.entered.keys()))
    const entering = this.#around.actions.perform('begin', {
      ...this.#requestOf(environment, { signal, callVariables }),
      name: `entering ${environment.name}`,
      plan: environment.onEnter,
      onMessage: (message, { workspace }) => this.#change(environment, message, workspace),
      before: ({ workspace }) => environment.arm(workspace, this.layers()),
      after: ({ workspace }) => environment.arm(workspace, this.layers()),
    })
    this.#entered.push(environment)
    try {
      return { id, status: await entering }
    } catch (thrown) {
      // An environment without any begun action needs no exit.
      if (!environment.hasGroup) this.#entered.splice(this.#entered.indexOf(environment), 1)
      throw thrown
    }
  }

  async exit({ id, ...call }: ExitEnvironmentOptions): Promise<ActionStatus> {
    return this.#exit(this.#innermost(id), call)
  }

  /** Exits all environments, even if an exit fails or the session is forced to end; returns the errors. */
  async exitAll(): Promise<Error[]> {
    const errors: Error[] = []
    for (let last = this.#entered.at(-1); last; last = this.#entered.at(-1)) {
      const { name } = last
      const status = await this.#exit(last).catch((thrown) => void errors.push(asError(thrown)))
      if (status && status.state !== 'success') errors.push(this.#exitFailed(name, status))
    }
    return errors
  }

  async #exit(environment: EnteredEnvironment, call: CallOptions = {}): Promise<ActionStatus> {
    const { actions, services } = this.#around
    const errors: Error[] = []
    const toCome = this.#entered.filter(({ onExit }) => onExit).length
    // Throws at once when a different action is running; the environment stays entered then.
    const exiting = actions.perform('exit', {
      ...this.#requestOf(environment, call),
      name: `exiting ${environment.name}`,
      plan: environment.onExit,
      before: async () => void errors.push(...(await services.cleanUpAllBut(environment.servicesBefore))),
      within: (run) => this.#exits.run(toCome, run),
    })
    const status = await exiting.catch(asError)
    this.#entered.pop()
    await environment.close().catch((thrown) => errors.push(asError(thrown)))
    if (status instanceof Error) throw combineErrors([status, ...errors])
    if (errors.length > 0) throw combineErrors(errors)
    return status
  }

  #requestOf(environment: EnteredEnvironment, { signal, callVariables }: CallOptions) {
    const layers = (): VariableLayer[] => this.layers({ own: callVariables })
    const group = (workspace: Workspace) => environment.groupIn(workspace)
    return { kind: 'environment', layers, group, signal } as const
  }

  #change(environment: EnteredEnvironment, message: ActionMessage, { redactor }: Workspace): void {
    const changed = environment.changes.apply(message)
    if (!changed) return
    const shown = Object.entries(changed).map(([name, value]) => [name, value && redactor.apply(value)])
    this.#around.events.emit({ kind: 'variables', environment: environment.id, changes: Object.fromEntries(shown) })
  }

  #exitFailed(name: string, status: ActionStatus): ActionError {
    const message = `exiting ${name} did not succeed: ${describeStatus(status)}`
    return new ActionError(message, { label: name, ended: describeStatus(status), ...this.#around.directory.keepLog() })
  }

  #innermost(id: string): EnteredEnvironment {
    const last = this.#entered.at(-1)
    if (last?.id === id) return last
    const isEntered = this.ids.includes(id)
    const why = isEntered
      ? `"${last?.id}" has to be exited first`
      : `these are entered: ${this.ids.join(', ') || 'none'}`
    throw new StateError(`cannot exit the environment "${id}": ${why}`)
  }
}
