import type { CancelOptions } from '../action/action.ts'
import type { ActionStatus } from '../action/action-plan.ts'
import { PathMapping } from '../action/workspace/path-mapping.ts'
import { randomName } from '../host/secret.ts'
import { createDeferred } from '../kernel/deferred.ts'
import { combineErrors, StateError } from '../kernel/errors.ts'
import { onAbort } from '../kernel/on-abort.ts'
import type { Ended } from '../process/ended.ts'
import type { ConfigsOf } from '../service/definition.ts'
import type { ExternalService } from '../service/external-service.ts'
import { ActionRunner } from './action-runner.ts'
import { EnvironmentStack } from './environment-stack.ts'
import { EventChannel } from './event-channel.ts'
import type { SessionEvent } from './events.ts'
import { commandPlan, endOf, type SessionCommand } from './run-command.ts'
import type { Definitions } from './service-registry.ts'
import { type EnterOptions, ServiceSet } from './service-set.ts'
import { SessionDirectory } from './session-directory.ts'
import type {
  EnterEnvironmentOptions,
  ExitEnvironmentOptions,
  SessionAction,
  SessionOptions,
} from './session-options.ts'
import { checkAction, checkCommand, checkEnvironment, checkExit, checkSession } from './session-schema.ts'
import type { SessionState } from './session-state.ts'

const idLength = 12

/**
 * Holder of services, environments and actions. Services and environments form a stack, left in reverse; actions run
 * inside, one at a time. Iterating a session yields all events from then on.
 */
export class Session<D extends Definitions = Definitions> implements AsyncDisposable, AsyncIterable<SessionEvent> {
  readonly prefix: string
  /** Name of the session. */
  readonly id: string
  readonly #mapping: PathMapping
  readonly #services: ServiceSet<D>
  readonly #directory: SessionDirectory
  readonly #actions: ActionRunner
  readonly #events: EventChannel<SessionEvent>
  readonly #environments: EnvironmentStack
  readonly #forceSignal = new AbortController()
  readonly #over = createDeferred()
  #ending: Promise<void> | undefined

  /** @throws ERR_CONFIG for an invalid option; ERR_CONFIG, ERR_CYCLE for invalid needs */
  constructor(options: SessionOptions<D> = {}) {
    checkSession(options)
    const { services = {} as D, continuesAfterFailure = false, onEvent, signal, id } = options
    const random = randomName(idLength)
    this.id = id ?? random
    this.#mapping = new PathMapping(options.pathMappingRules)
    this.#directory = new SessionDirectory({ ...options, name: id === undefined ? random : `${id}-${random}` })
    const events = new EventChannel(onEvent)
    this.#events = events
    const shared = { directory: this.#directory, events, forceSignal: this.#forceSignal.signal }
    const around = () => this.#environments.surroundings
    this.#services = new ServiceSet({ ...options, services }, { ...shared, around })
    this.#actions = new ActionRunner({ ...shared, continuesAfterFailure })
    const within = { actions: this.#actions, services: this.#services as ServiceSet }
    this.#environments = new EnvironmentStack({ ...shared, ...within })
    this.prefix = this.#services.prefix
    // The caller of `end` gets the errors.
    const listening = onAbort(signal, () => void this.end().catch(() => {}))
    void this.ended.then(() => listening[Symbol.dispose]())
  }

  /** State of the session. Services can be entered in any state but `ended`. */
  get state(): SessionState {
    return this.#actions.state
  }

  /** Resolves when the session has ended, whoever ended it. Errors of the end are thrown by `end` alone. */
  get ended(): Promise<void> {
    return this.#over.promise
  }

  /** Status of the running or last action. */
  get actionStatus(): ActionStatus | undefined {
    return this.#actions.status
  }

  /** The running services, by name, in the order of becoming ready. */
  get services(): ReadonlyMap<string, ExternalService<object>> {
    return this.#services.entered
  }

  /** The configs of the running services, by name. */
  get configs(): Partial<ConfigsOf<D>> {
    return this.#services.configs
  }

  /** `LP_<LABEL>_*` of all running services, and the variables of the config's `environment`. */
  get variables(): Record<string, string> {
    return this.#services.variables
  }

  /** The ids of the entered environments, the innermost last. */
  get environments(): readonly string[] {
    return this.#environments.ids
  }

  /** Directory of the actions. @throws ERR_STATE before the first environment or action */
  get workingDirectory(): string {
    return this.#directory.path
  }

  /** File with the output of all actions; after the end, a copy if an action failed. @throws ERR_STATE without one */
  get logFile(): string {
    return this.#directory.logFile
  }

  /** Maps a path of a different machine by the path mapping rules; without a matching rule, returns it unchanged. */
  mapPath(path: string): string {
    return this.#mapping.map(path)
  }

  /**
   * Starts services, except running ones: a needed service before its dependants, independent services at the same
   * time. If a service fails, all services started by this call are cleaned up again. Concurrent calls run one after
   * the other.
   *
   * @throws errors of `ExternalService.setUp`; ERR_CONFIG for an unknown name; ERR_STATE once the session has ended
   */
  enter(options: EnterOptions = {}): Promise<void> {
    return this.#services.enter(options)
  }

  /**
   * Enters an environment. Its variables apply from now on, and `onEnter` may change them. After an unsuccessful
   * `onEnter` the environment still counts as entered.
   *
   * @throws ERR_CONFIG for an invalid option; ERR_STATE when the session is not ready, or the id is taken. The first
   * action of a session makes its directory, which may throw ERR_CONFIG for an unknown user, ERR_PERMISSION when this
   * process may not switch to the user, or ERR_STATE_DIRECTORY
   */
  async enterEnvironment(options: EnterEnvironmentOptions): Promise<{ id: string; status: ActionStatus }> {
    checkEnvironment(options)
    this.#refuseWhenEnding()
    return this.#environments.enter(options)
  }

  /**
   * Exits the innermost environment: cleans up the services started inside, then runs `onExit`. The environment's
   * variables and the processes left running are gone afterwards, even if `onExit` fails.
   *
   * @throws ERR_CONFIG for an invalid option; ERR_STATE when the environment is not the innermost, or an action is
   * running; ERR_LEFT_BEHIND
   */
  async exitEnvironment(options: ExitEnvironmentOptions): Promise<ActionStatus> {
    checkExit(options)
    this.#refuseWhenEnding()
    return this.#environments.exit(options)
  }

  /**
   * Runs one action to the end, with the output in the session's log. Processes left running are ended with the action.
   *
   * @throws ERR_CONFIG for an invalid option, ERR_STATE, and the errors of making the directory, as `enterEnvironment`
   */
  async runAction(action: SessionAction): Promise<ActionStatus> {
    checkAction(action)
    this.#refuseWhenEnding()
    const { name = 'action', variables: own, ignoresEnvironments, signal, ...plan } = action
    const layers = () => this.#environments.layers({ own, ignoresEnvironments })
    return this.#actions.performTask({ name, plan, signal, kind: 'task', layers })
  }

  /**
   * Runs one command as if typed in the terminal: same terminal, same process group, standard streams inherited.
   *
   * @throws ERR_MISSING_BINARY, ERR_COMMAND when the command cannot begin; ERR_CANCELED when a signal arrived earlier
   * than the start of the command; the errors of `runAction`
   */
  async run(command: SessionCommand): Promise<Ended> {
    checkCommand(command)
    this.#refuseWhenEnding()
    const layers = () => this.#environments.layers({ own: command.environment })
    return endOf(await this.#actions.performTask({ ...commandPlan(command), kind: 'command', layers }))
  }

  /** Cancels the running action. A second call can only shorten the grace. @throws ERR_STATE without one, ERR_CONFIG */
  cancel(options: CancelOptions = {}): void {
    this.#actions.cancel(options)
  }

  /** Checks whether services run and answer. @throws ERR_CONFIG for a service that is not up; errors of `check` */
  check({ only }: { readonly only?: readonly string[] | undefined } = {}): Promise<void> {
    return this.#services.check(only)
  }

  /** Resets services, needed services first. @throws ERR_CONFIG for a service that is not up; errors of `reset` */
  reset({ only }: { readonly only?: readonly string[] | undefined } = {}): Promise<void> {
    return this.#services.reset(only)
  }

  /** Cleans services up, dependants first. @throws ERR_CONFIG for a service that is not up; ERR_LEFT_BEHIND */
  cleanUp({ only }: { readonly only?: readonly string[] | undefined } = {}): Promise<void> {
    return this.#services.cleanUp(only)
  }

  /**
   * Ends the session: gives up running starts, cancels the running action (but lets an exit finish), then exits and
   * cleans up everything in reverse, and removes the working directory. Harmless when repeated. Once `forceSignal` fires,
   * graces are skipped, and all exits together have two seconds.
   *
   * @throws ERR_ACTION naming each unsuccessful exit, ERR_LEFT_BEHIND naming the processes and files that remain
   */
  async end({ forceSignal }: { readonly forceSignal?: AbortSignal | undefined } = {}): Promise<void> {
    using _listening = onAbort(forceSignal, () => this.#skipGraces())
    this.#ending ??= this.#end()
    await this.#ending
  }

  /** Yields all events from this call on, until the session has ended. */
  [Symbol.asyncIterator](): AsyncIterator<SessionEvent> {
    return this.#events.read()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.end()
  }

  #refuseWhenEnding(): void {
    if (this.#ending !== undefined) throw new StateError('this session has ended, or is ending; create another one')
  }

  #skipGraces(): void {
    this.#forceSignal.abort()
    this.#actions.giveUp({ graceMs: 0 })
  }

  async #end(): Promise<void> {
    this.#actions.giveUp(this.#forceSignal.signal.aborted ? { graceMs: 0 } : {})
    await Promise.all([this.#services.close(), this.#actions.idle])
    const errors = await this.#environments.exitAll()
    errors.push(...(await this.#services.cleanUpAllBut(new Set())))
    this.#actions.end()
    const { logFile: file } = this.#actions.hasFailed ? this.#directory.keepLog() : {}
    if (file !== undefined) this.#events.emit({ kind: 'log', file })
    errors.push(...(await this.#directory.close()))
    this.#events.close()
    this.#over.resolve()
    if (errors.length > 0) throw combineErrors(errors)
  }
}
