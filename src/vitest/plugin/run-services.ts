import { chosenProfile, openSession, type Stack } from '../../config/stack.ts'
import { ConfigError } from '../../kernel/errors.ts'
import { scopeOf } from '../../service/definition.ts'
import type { ExternalService } from '../../service/external-service.ts'
import { withNeeds } from '../../service/instance/dependencies.ts'
import { persistentLabels, persistentVariable } from '../../service/instance/variables.ts'
import { labelOf } from '../../service/options/label.ts'
import type { SetUpOptions } from '../../service/set-up-options.ts'
import { joinedWith } from '../../session/declared-variables.ts'
import { environmentFrom, type Variables } from '../../session/environment.ts'
import { ownVariables } from '../../session/exported-variables.ts'
import type { Session } from '../../session/session.ts'
import { declaredConfigs } from '../slot/declared-configs.ts'
import type { SharedServices } from '../slot/slot-services.ts'
import { startRecorder } from '../slot/start-record.ts'
import { exportedLabels, exportVariables, inheritedEnvironment } from './run-environment.ts'

type Limits = Pick<SetUpOptions, 'signal' | 'timeoutMs'>

/**
 * The services of a stack that all slots of a run share: services without needs, and services with `scope: 'run'`.
 * Brings up those that the environment does not declare as running; the slots attach to the declared ones.
 */
export class RunServices implements SharedServices {
  readonly #stack: Stack
  readonly #session: Session
  readonly #isProfiled: boolean
  /** Names of the services that the environment declares as running. */
  readonly #inherited: ReadonlySet<string>
  /** Names of the services held by this run. */
  #own: ReadonlySet<string> = new Set()
  #withdraw = (): void => {}

  /** @throws ERR_CONFIG for an unknown profile, or for a label of another config in this run */
  constructor(stack: Stack) {
    this.#stack = stack
    const profile = chosenProfile(stack.prefix)
    this.#isProfiled = profile !== undefined
    const labels = persistentLabels(inheritedEnvironment(), stack.prefix) ?? []
    const { services } = stack.config
    this.#inherited = new Set(Object.keys(services).filter((name) => labels.includes(labelOf(name))))
    this.#session = openSession(stack, { profile, onEvent: startRecorder(this.#inherited) })
    refuseSecond(stack, labels)
  }

  /** Services that this process holds, by name. */
  get held(): ReadonlyMap<string, ExternalService<object>> {
    return new Map([...this.#session.services].filter(([name]) => this.#own.has(name)))
  }

  /** Names of the services that the slots attach to. */
  get attached(): readonly string[] {
    return [...this.#inherited].filter((name) => this.#isForAll(name))
  }

  /** @throws the errors of `Session.enter`; no service is up after an error */
  async start(limits: Limits): Promise<void> {
    const { names, config } = this.#stack
    const needs = new Map(Object.entries(config.services).map(([name, { needs }]) => [name, needs]))
    const wanted = withNeeds(needs, names.length > 0 ? names : needs.keys())
    const only = [...wanted].filter((name) => this.#isForAll(name) && !this.#inherited.has(name))
    const declaredIn = inheritedEnvironment()
    const useExisting = this.#inherited.size > 0
    await this.#session.enter({ ...limits, only, useExisting, declaredIn, uniqueInstance: !this.#isProfiled })
    this.#own = new Set([...this.#session.services.keys()].filter((name) => !this.#inherited.has(name)))
    this.#export()
  }

  /** Restarts the named services, as far as this process holds the services. */
  async restart(names: Iterable<string>, timeoutMs: number | undefined): Promise<void> {
    const held = [...names].filter((name) => this.held.has(name))
    if (held.length === 0) return
    const before = [...this.held.keys()]
    await this.#session.cleanUp({ only: held })
    await this.#session.enter({ timeoutMs, only: before, uniqueInstance: !this.#isProfiled })
    this.#withdraw()
    this.#export()
  }

  /** Returns the names of the held services that have died. */
  async dead(): Promise<string[]> {
    const looks = [...this.held].map(([name, service]) =>
      service.checkLiving().then(
        () => [],
        () => [name],
      ),
    )
    return (await Promise.all(looks)).flat()
  }

  async end(): Promise<void> {
    this.#withdraw()
    await this.#session.end()
  }

  isShared(name: string): boolean {
    return this.#own.has(name) ? this.#isForAll(name) : this.attached.includes(name)
  }

  async declare(): Promise<NodeJS.ProcessEnv> {
    const { prefix, config } = this.#stack
    const inherited = inheritedEnvironment()
    const shared = Object.keys(config.services).filter((name) => this.isShared(name))
    const foreign = (persistentLabels(inherited, prefix) ?? []).filter((label) => !this.#labels.includes(label))
    const labels = [...foreign, ...shared.map((name) => labelOf(name))]
    const own = ownVariables({ services: this.held, prefix })
    return { ...inherited, ...joinedWith(inherited, own), [persistentVariable(prefix)]: labels.join(',') }
  }

  instanceOf(name: string): ExternalService<object> | undefined {
    return this.held.get(name)
  }

  /** Exports only the held services: the environment already has the services that were declared before. */
  #export(): void {
    const { config, prefix } = this.#stack
    if (this.#own.size === 0) return
    const configs = Object.fromEntries([...this.held].map(([name, { serviceConfig }]) => [name, serviceConfig]))
    const declared = declaredConfigs(config, prefix, inheritedEnvironment())
    const made: Variables = environmentFrom(config.environment, { ...declared, ...configs })
    this.#withdraw = exportVariables({ ...ownVariables({ services: this.held, prefix }), ...made })
  }

  #isForAll(name: string): boolean {
    const definition = this.#stack.config.services[name]
    return definition !== undefined && scopeOf(definition) === 'run'
  }

  get #labels(): string[] {
    return Object.keys(this.#stack.config.services).map((name) => labelOf(name))
  }
}

/**
 * Refuses a label that another config uses: the workers of a run have a common environment, where a label names only a
 * single service.
 */
function refuseSecond({ config, prefix, project }: Stack, inherited: readonly string[]): void {
  const present = exportedLabels(prefix).filter((label) => !inherited.includes(label))
  const twice = Object.keys(config.services).find((name) => present.includes(labelOf(name)))
  if (twice === undefined) return
  throw new ConfigError(
    `services.${twice} of ${project}: another config of this run has a service with the label ${labelOf(twice)}; ` +
      'give both projects one config, or rename one of the services',
  )
}
