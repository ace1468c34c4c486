import type { CancelOptions } from '../action/action.ts'
import type { ActionStatus } from '../action/action-plan.ts'
import type { ActionScope } from '../action/action-scope.ts'
import { PathMapping } from '../action/path-mapping.ts'
import type { Workspace } from '../action/workspace.ts'
import { randomName } from '../host/secret.ts'
import { createDeferred } from '../kernel/deferred.ts'
import { combineErrors, StateError } from '../kernel/errors.ts'
import type { Ended } from '../process/ended.ts'
import type { ConfigsOf } from '../service/definition.ts'
import type { ExternalService } from '../service/external-service.ts'
import { Actions, type Performance } from './actions.ts'
import type { Definitions } from './catalogue.ts'
import { Environments } from './environments.ts'
import { EventChannel } from './event-channel.ts'
import type { SessionEvent } from './events.ts'
import { PlaceOnDemand } from './place-on-demand.ts'
import { commandPlan, endOf, type SessionCommand } from './run-command.ts'
import { type EnterOptions, ServiceSet } from './service-set.ts'
import type {
  EndOptions,
  EnterEnvironmentOptions,
  ExitEnvironmentOptions,
  ServiceChoice,
  SessionAction,
  SessionOptions,
} from './session-options.ts'
import { checkAction, checkCommand, checkEnvironment, checkExit, checkSession } from './session-schema.ts'
import type { SessionState } from './session-state.ts'

const idLength = 12

/**
 * The one holder of everything: a stack of entered services and environments, which is left in reverse, and actions
 * that run among them, one at a time. Iterating it gives what happens from then on.
 */
export class Session<D extends Definitions = Definitions> implements AsyncDisposable, AsyncIterable<SessionEvent> {
  readonly prefix: string
  /** Names the session. */
  readonly id: string
  readonly #mapping: PathMapping
  readonly #services: ServiceSet<D>
  readonly #place: PlaceOnDemand
  readonly #actions: Actions
  readonly #events: EventChannel<SessionEvent>
  readonly #environments: Environments
  readonly #hurry = new AbortController()
  readonly #over = createDeferred()
  #ending: Promise<void> | undefined

  /** @throws ERR_CONFIG for an option that makes no sense; ERR_CONFIG, ERR_CYCLE when the services' needs make none */
  constructor(options: SessionOptions<D> = {}) {
    checkSession(options)
    const { services = {} as D, continuesAfterFailure = false, onEvent, signal, id } = options
    const random = randomName(idLength)
    this.id = id ?? random
    this.#mapping = new PathMapping(options.pathMappingRules)
    this.#place = new PlaceOnDemand({ ...options, name: id === undefined ? random : `${id}-${random}` })
    this.#events = new EventChannel(onEvent)
    const tell = (event: SessionEvent): void => this.#events.tell(event)
    this.#services = new ServiceSet({ ...options, services }, { tell, around: () => this.#environments.surroundings })
    const isHeard = (): boolean => this.#events.isHeard
    this.#actions = new Actions({ continuesAfterFailure, tell, isHeard, open: () => this.#place.open() })
    this.#environments = new Environments({
      actions: this.#actions,
      services: this.#services as ServiceSet,
      variables: () => this.variables,
      tell,
      keepLog: () => this.#place.keepLog(),
      hurry: this.#hurry.signal,
    })
    this.prefix = this.#services.prefix
    // Who awaits the end gets its errors.
    const end = (): void => void this.end().catch(() => {})
    if (signal?.aborted) end()
    signal?.addEventListener('abort', end, { once: true })
    void this.ended.then(() => signal?.removeEventListener('abort', end))
  }

  /** What it can do now. Services can be entered in any state but the last. */
  get state(): SessionState {
    return this.#actions.state
  }

  /** Resolves when the session has ended, whoever has ended it; what went wrong then, `end` throws. */
  get ended(): Promise<void> {
    return this.#over.promise
  }

  /** Of the action that runs, or ran last. */
  get actionStatus(): ActionStatus | undefined {
    return this.#actions.status
  }

  /** The services that are up, by name, in the order in which they became ready. */
  get services(): ReadonlyMap<string, ExternalService<object>> {
    return this.#services.entered
  }

  /** The configs of what is up, by name. */
  get configs(): Partial<ConfigsOf<D>> {
    return this.#services.configs
  }

  /** `LP_<LABEL>_*` of everything that is up, and what the config's `environment` adds. */
  get variables(): Record<string, string> {
    return this.#services.variables
  }

  /** The ids of the entered environments, the innermost last. */
  get environments(): readonly string[] {
    return this.#environments.ids
  }

  /** Where actions run. @throws ERR_STATE before the first environment or action */
  get workingDirectory(): string {
    return this.#place.made.workspace.directory
  }

  /**
   * File with the output of all actions. After the end it is the copy that was kept, since an action did not succeed.
   *
   * @throws ERR_STATE before the first environment or action, and after the end when every action succeeded
   */
  get logFile(): string {
    return this.#place.logFile
  }

  /** Where a path of another machine is on this one, by the session's path mapping rules; as it is if none fits. */
  mapPath(path: string): string {
    return this.#mapping.map(path)
  }

  /**
   * Brings services up that are not up yet: independent ones at the same time, each after what it needs is ready. If
   * one fails, those that this call brought up are cleaned up again. Calls at the same time run one after the other.
   *
   * @throws what `ExternalService.setUp` throws; ERR_CONFIG for an unknown name; ERR_STATE once the session has ended
   */
  enter(options: EnterOptions = {}): Promise<void> {
    return this.#services.enter(options)
  }

  /**
   * Enters an environment: its variables hold from now on, and `onEnter` may change them. One whose `onEnter` does not
   * succeed counts as entered.
   *
   * @throws ERR_CONFIG for an option that makes no sense; ERR_STATE when the session is not ready, or the id is taken;
   * with the first action of a session, what making its directory can come to: ERR_CONFIG for a user who does not
   * exist, ERR_PERMISSION when this process may not become that user, ERR_STATE_DIRECTORY
   */
  async enterEnvironment(options: EnterEnvironmentOptions): Promise<{ id: string; status: ActionStatus }> {
    checkEnvironment(options)
    this.#refuseWhenEnding()
    return this.#environments.enter(options)
  }

  /**
   * Exits the innermost environment, after the services that came up in it; its variables, and what it left running,
   * are gone then, whatever `onExit` comes to.
   *
   * @throws ERR_CONFIG for an option that makes no sense; ERR_STATE when it is not the innermost one, or an action runs; ERR_LEFT_BEHIND
   */
  async exitEnvironment(options: ExitEnvironmentOptions): Promise<ActionStatus> {
    checkExit(options)
    this.#refuseWhenEnding()
    return this.#environments.exit(options)
  }

  /**
   * Runs one action, with its output in the session's log, to its end. What it leaves running is ended with it.
   *
   * @throws ERR_CONFIG for an option that makes no sense; ERR_STATE when the session is not ready; what
   * `enterEnvironment` throws of the directory
   */
  async runAction(action: SessionAction): Promise<ActionStatus> {
    checkAction(action)
    const { name = 'action', variables: own, ignoresEnvironments, signal, ...plan } = action
    const layers = () => this.#environments.layers({ own, ignoresEnvironments })
    return this.#runTask({ name, plan, signal, kind: 'task', layers })
  }

  /**
   * Runs one command as if it had been typed here: same terminal, same process group, standard streams inherited.
   *
   * @throws ERR_MISSING_BINARY, ERR_COMMAND when it cannot begin; ERR_CANCELED when a signal came before it did;
   * ERR_STATE when the session is not ready; what `enterEnvironment` throws of the directory
   */
  async run(command: SessionCommand): Promise<Ended> {
    checkCommand(command)
    const status = await this.#runTask({
      ...commandPlan(command),
      kind: 'command',
      layers: () => this.#environments.layers({ own: command.environment }),
    })
    return endOf(status)
  }

  /**
   * Cancels the action that runs, by its own cancelation. Another call can only shorten the grace.
   *
   * @throws ERR_STATE when none runs, ERR_CONFIG for a grace that makes no sense
   */
  cancel(options: CancelOptions = {}): void {
    this.#actions.cancel(options)
  }

  /** Asks the services whether they run and answer. @throws ERR_CONFIG for a name that is not up; what `check` throws */
  check({ only }: ServiceChoice = {}): Promise<void> {
    return this.#services.check(only)
  }

  /** Resets the services, those that others need first. @throws ERR_CONFIG for a name that is not up; what `reset` throws */
  reset({ only }: ServiceChoice = {}): Promise<void> {
    return this.#services.reset(only)
  }

  /**
   * Cleans services up, those that need them first; they can be entered again.
   *
   * @throws ERR_CONFIG for a name that is not up; ERR_LEFT_BEHIND
   */
  cleanUp({ only }: ServiceChoice = {}): Promise<void> {
    return this.#services.cleanUp(only)
  }

  /**
   * Cancels what runs, unless it is an exit, exits and cleans up everything in reverse, and removes the working
   * directory; what is coming up is given up. Harmless when repeated. In a hurry graces are skipped, and all exits
   * together have two seconds.
   *
   * @throws ERR_ACTION naming each exit that did not succeed, ERR_LEFT_BEHIND naming what could not be removed
   */
  async end({ hurry }: EndOptions = {}): Promise<void> {
    if (hurry?.aborted) this.#skipGraces()
    hurry?.addEventListener('abort', () => this.#skipGraces(), { once: true })
    this.#ending ??= this.#end()
    await this.#ending
  }

  /** All that happens from this call on, until the session has ended. */
  [Symbol.asyncIterator](): AsyncIterator<SessionEvent> {
    return this.#events.read()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.end()
  }

  async #runTask(performance: Omit<Performance, 'scope'>): Promise<ActionStatus> {
    this.#refuseWhenEnding()
    let made: ActionScope | undefined
    const scope = (workspace: Workspace): ActionScope => {
      made = workspace.createScope(performance.kind)
      return made
    }
    const after = async (): Promise<void> => made?.end()
    return this.#actions.perform('begin', { ...performance, scope, after })
  }

  #refuseWhenEnding(): void {
    if (this.#ending !== undefined) throw new StateError('this session has ended, or is ending; create another one')
  }

  #skipGraces(): void {
    this.#hurry.abort()
    this.#services.hurry()
    this.#actions.giveUp({ graceMs: 0 })
  }

  async #end(): Promise<void> {
    this.#actions.giveUp(this.#hurry.signal.aborted ? { graceMs: 0 } : {})
    await Promise.all([this.#services.close(), this.#actions.idle])
    const errors = await this.#environments.exitAll()
    errors.push(...(await this.#services.cleanUpAllBut(new Set())))
    this.#actions.end()
    const { logFile: file } = this.#actions.hasFailed ? this.#place.keepLog() : {}
    if (file !== undefined) this.#events.tell({ kind: 'log', file })
    errors.push(...(await this.#place.close()))
    this.#events.close()
    this.#over.resolve()
    if (errors.length > 0) throw combineErrors(errors)
  }
}
