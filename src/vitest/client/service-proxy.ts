import { StateError } from '../../kernel/errors.ts'
import { Redactor } from '../../kernel/redactor.ts'
import { secretsIn } from '../../kernel/secrets.ts'
import { LogFile } from '../../process/log-file.ts'
import type { ExternalService } from '../../service/external-service.ts'
import type { InstanceFiles } from '../../service/instance/instance-files.ts'
import type { LogEntries } from '../../service/instance/log-excerpt.ts'
import type { Variables } from '../../session/environment.ts'
import type { ServiceState, SlotView } from '../slot/slot-view.ts'
import { whereToUse } from './advice.ts'

/** The connection of a proxy with its service. */
export interface ProxyLink {
  readonly name: string
  readonly label: string
  /** Absent before the worker has a slot. */
  readonly view: () => SlotView | undefined
  readonly call: (method: string, args: readonly unknown[]) => Promise<unknown>
}

/**
 * A service of the main process, for the tests of a worker: properties come from the last view of the slot, and methods
 * run in the main process.
 */
class ServiceProxy {
  readonly label: string
  readonly #link: ProxyLink

  constructor(link: ProxyLink) {
    this.label = link.label
    this.#link = link
  }

  get serviceConfig(): object {
    return this.#state('config').config
  }

  get variables(): Variables {
    return this.#state('variables').variables
  }

  get files(): InstanceFiles {
    return this.#state('files').files
  }

  get log(): LogFile {
    return new LogFile(this.files.logFile)
  }

  get pid(): number | undefined {
    return this.#up?.pid
  }

  get keepsState(): boolean {
    return this.#up?.keepsState ?? false
  }

  get clientErrors(): Readonly<Record<string, string>> {
    return this.#up?.clientErrors ?? {}
  }

  redact(text: string): string {
    const { services = {}, variables = {} } = this.#link.view() ?? {}
    const configs = Object.values(services).flatMap(({ up }) => (up ? [up.config] : []))
    return new Redactor(secretsIn(variables, ...configs)).apply(text)
  }

  get ownEntries(): LogEntries | undefined {
    return this.#up?.entries
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#link.call('cleanUp', [])
  }

  get #up(): ServiceState | undefined {
    return this.#link.view()?.services[this.#link.name]?.up
  }

  #state(what: string): ServiceState {
    if (this.#up) return this.#up
    throw new StateError(`${this.label} has no ${what} while it is down: ${whereToUse}`)
  }
}

function staysThere({ name }: ProxyLink, property: string): StateError {
  return new StateError(
    `${name}.${property} stays in the main process of Vitest; useService(…, { instance: 'unique' }) gives the worker an ` +
      'instance of its own, with all properties',
  )
}

/** Creates the proxy of a service, with a function for each method of the service that `ServiceProxy` lacks. */
export function createServiceProxy(link: ProxyLink): ExternalService<object> {
  const proxy = new ServiceProxy(link)
  const methods = new Map<string, (...args: unknown[]) => Promise<unknown>>()
  const methodOf = (name: string) => {
    const method = methods.get(name) ?? ((...args: unknown[]) => link.call(name, args))
    methods.set(name, method)
    return method
  }
  const get = (_: ServiceProxy, name: string | symbol): unknown => {
    if (name in proxy) {
      const own: unknown = Reflect.get(proxy, name, proxy)
      return typeof own === 'function' ? own.bind(proxy) : own
    }
    const known = link.view()?.services[link.name]
    if (typeof name === 'symbol' || !known) return undefined
    if (known.methods.includes(name)) return methodOf(name)
    if (known.others.includes(name)) throw staysThere(link, name)
    return undefined
  }
  return new Proxy(proxy, { get }) as unknown as ExternalService<object>
}
