import type { Config } from '../config/define-config.ts'
import { CleanUpStack } from '../kernel/cleanup-stack.ts'
import { combineErrors } from '../kernel/errors.ts'
import type { ExternalService } from '../service/external-service.ts'
import { labelOf } from '../service/label.ts'
import type { Definitions } from '../session/service-set.ts'
import { endWhenOrphaned } from './orphan.ts'
import { isDeclared, readRunContext } from './run-context.ts'
import { declaredEnvironment, hideService, showService } from './worker-environment.ts'

type Service = ExternalService<object>

/** The services of a config in one worker: each comes up when a test first uses it, and stays until the worker ends. */
export class WorkerServices {
  readonly #config: Config<Definitions>
  readonly #up = new Map<string, Promise<Service>>()
  readonly #cleanUps = new CleanUpStack()
  #users = 0

  constructor(config: Config<Definitions>) {
    this.#config = config
  }

  /** Several test files of a worker may each have made fixtures from the same config. */
  join(): void {
    endWhenOrphaned()
    this.#users++
  }

  /** The last one to leave cleans up. */
  async leave(): Promise<void> {
    if (--this.#users > 0) return
    this.#up.clear()
    const errors = await this.#cleanUps.run()
    if (errors.length > 0) throw combineErrors(errors)
  }

  /**
   * A service, ready for a test: brought up if it is not, and reset with all of ours that it needs, those first.
   *
   * @param done the services that have been reset for this test already: what it has done to them since stays
   */
  async prepare(name: string, done: Set<string>): Promise<Service> {
    const service = await this.#setUpOnce(name)
    for (const need of this.#needsOf(name)) await this.prepare(need, done)
    if (done.has(name)) return service
    done.add(name)
    await service.reset()
    this.#show(service)
    return service
  }

  /** A service that failed to come up fails for every test in the same way. */
  #setUpOnce(name: string): Promise<Service> {
    const present = this.#up.get(name)
    if (present !== undefined) return present
    const own = this.#setUp(name)
    this.#up.set(name, own)
    return own
  }

  async #setUp(name: string): Promise<Service> {
    const needed = this.#needsOf(name).map(async (need) => [need, (await this.#setUpOnce(need)).serviceConfig] as const)
    const needs = Object.fromEntries(await Promise.all(needed))
    const { prefix, directory } = readRunContext(this.#config.prefix)
    const label = labelOf(name)
    const service = this.#definition(name).create({ label, prefix, directory, environment: declaredEnvironment() })
    this.#cleanUps.add(() => service.cleanUp())
    this.#cleanUps.add(() => hideService(service))
    await service.setUp({ needs, useExisting: isDeclared(label, prefix) })
    this.#show(service)
    return service
  }

  #show(service: Service): void {
    const { prefix } = readRunContext(this.#config.prefix)
    showService(service, { prefix, config: this.#config })
  }

  /** An instance that runs already has what it needs. */
  #needsOf(name: string): readonly string[] {
    const { prefix } = readRunContext(this.#config.prefix)
    return isDeclared(labelOf(name), prefix) ? [] : this.#definition(name).needs
  }

  #definition(name: string): Definitions[string] {
    const definition = this.#config.services[name]
    if (definition) return definition
    throw new TypeError(`the config has no service "${name}"`)
  }
}
