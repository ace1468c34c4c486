import type { Config } from '../../config/define-config.ts'
import { type ProvidedStack, signatureOf } from '../slot/run-context.ts'
import { fileSlot } from './file-slots.ts'
import { LocalSlot } from './local-slot.ts'
import { runContext } from './run-settings.ts'
import type { TestSlot } from './test-slot.ts'

const perWorker = new WeakMap<object, WorkerServices>()

/** The services of a config in one worker: those of its slot in the main process, else those of a slot of its own. */
export class WorkerServices {
  readonly config: Config
  /** Present if the main process has no slot for this config. */
  readonly #local: LocalSlot | undefined
  readonly #stack: ProvidedStack | undefined

  /** Returns the same object for every caller in this worker with this config. */
  static of(config: Config): WorkerServices {
    const services = perWorker.get(config) ?? new WorkerServices(config)
    perWorker.set(config, services)
    return services
  }

  private constructor(config: Config) {
    this.config = config
    this.#stack = runContext()?.stacks.find(({ signature }) => signature === signatureOf(config))
    this.#local = this.#stack ? undefined : new LocalSlot(config)
  }

  /** The slot for the tests that run one after the other. */
  get slot(): TestSlot {
    return this.#local ?? fileSlot(this.#stack as ProvidedStack)
  }
}
