import type { Config } from '../../config/define-config.ts'
import { combineErrors } from '../../kernel/errors.ts'
import { scopeOf } from '../../service/definition.ts'
import { persistentLabels } from '../../service/instance/variables.ts'
import { labelOf } from '../../service/options/label.ts'
import { Deaths } from '../slot/deaths.ts'
import { signatureOf } from '../slot/run-context.ts'
import { Slot, type SlotOptions } from '../slot/slot.ts'
import type { SharedServices } from '../slot/slot-services.ts'
import { whereToUse } from './advice.ts'
import { endWhenOrphaned } from './orphan.ts'
import { readRunSettings } from './run-settings.ts'
import type { LeasedSlot, Leave, TestSlot } from './test-slot.ts'
import { declaredEnvironment, hideSlot, showSlot } from './worker-environment.ts'

/** A slot in this process. */
class HeldSlot extends Slot implements LeasedSlot {
  readonly #giveBack: (slot: HeldSlot) => void

  constructor(options: SlotOptions, giveBack: (slot: HeldSlot) => void) {
    super(options)
    this.#giveBack = giveBack
  }

  join(): Leave {
    return async () => {}
  }

  /** Always `false`: a slot in this process can be told of every test at no cost. */
  seemsAlive(): boolean {
    return false
  }

  async lease(): Promise<LeasedSlot> {
    return this
  }

  async release(): Promise<void> {
    this.#giveBack(this)
  }
}

/** The slot of a worker for a config that the main process does not have, for example without the plugin. */
export class LocalSlot extends HeldSlot implements TestSlot {
  readonly #config: Config
  readonly #deaths: Deaths
  readonly #spare: HeldSlot[] = []
  #users = 0

  constructor(config: Config) {
    const deaths = new Deaths()
    super(slotOptions(config, declaredServices(config), deaths), () => {})
    this.#config = config
    this.#deaths = deaths
  }

  override join(): Leave {
    endWhenOrphaned()
    this.#users++
    let left: Promise<void> | undefined
    return () => {
      left ??= this.#leave()
      return left
    }
  }

  override async setUp(name: string, timeoutMs?: number): Promise<void> {
    await super.setUp(name, timeoutMs)
    this.#show()
  }

  override async prepare(test: string, names: readonly string[]): Promise<void> {
    await super.prepare(test, names)
    this.#show()
  }

  override async lease(): Promise<LeasedSlot> {
    const shared = servicesOf(this.#config, this, (name) => super.setUp(name))
    const options = slotOptions(this.#config, shared, this.#deaths)
    return this.#spare.pop() ?? new HeldSlot(options, (back) => this.#spare.push(back))
  }

  /** @throws ERR_SERVICE_DIED for a service that died without failing a test */
  async #leave(): Promise<void> {
    if (--this.#users > 0) return
    hideSlot(signatureOf(this.#config))
    for (const slot of this.#spare.splice(0)) await slot.close()
    await this.close()
    const unblamed = this.#deaths.takeUnblamed()
    if (unblamed.length > 0) throw combineErrors(unblamed)
  }

  #show(): void {
    const configs = Object.fromEntries(this.up.map((name) => [name, this.service(name).serviceConfig]))
    showSlot(signatureOf(this.#config), { variables: this.services.view.variables, configs })
  }
}

function slotOptions(config: Config, shared: SharedServices, deaths: Deaths): SlotOptions {
  return { config, ...readRunSettings(config.prefix), shared, deaths, whenDown: whereToUse }
}

/** Returns the services that the environment of the worker declares as running. */
function declaredServices(config: Config): SharedServices {
  const { prefix } = readRunSettings(config.prefix)
  return {
    isShared: (name) =>
      config.services[name]?.scope !== 'slot' &&
      (persistentLabels(declaredEnvironment(), prefix)?.includes(labelOf(name)) ?? false),
    declare: async () => declaredEnvironment(),
    instanceOf: () => undefined,
  }
}

/** Returns the services of a slot that tests can share, for further slots to attach to. */
function servicesOf({ services }: Config, slot: Slot, setUp: (name: string) => Promise<void>): SharedServices {
  const isShared = (name: string): boolean => {
    const definition = services[name]
    return definition?.needs.length === 0 && scopeOf(definition) === 'run'
  }
  return {
    isShared,
    declare: async (names) => {
      for (const name of names) if (isShared(name)) await setUp(name)
      return { ...declaredEnvironment(), ...slot.services.view.variables }
    },
    instanceOf: (name) => (isShared(name) ? slot.service(name) : undefined),
  }
}
