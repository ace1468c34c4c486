import type { Config } from '../../config/define-config.ts'
import { fileSlot } from '../client/file-slots.ts'
import { LocalSlot } from '../client/local-slot.ts'
import { runContext } from '../client/run-settings.ts'
import type { TestSlot } from '../client/test-slot.ts'
import { type ProvidedStack, signatureOf } from '../slot/run-context.ts'

const perWorker = new WeakMap<object, WorkerServices>()

/**
 * The services of a config in one worker: from the worker's slot in the main process, else from a slot in the worker.
 */
export class WorkerServices {
  readonly config: Config
  /** Present if the main process has no slot for this config. */
  readonly #local: LocalSlot | undefined
  readonly #stack: ProvidedStack | undefined

  /** Returns one object per config object, for all callers in a worker. */
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

  /** The slot for sequential tests. */
  get slot(): TestSlot {
    return this.#local ?? fileSlot(this.#stack as ProvidedStack)
  }
}
