import { ConfigError, StateError } from '../kernel/errors.ts'
import type { ServiceOf } from '../service/definition.ts'
import { exportedVariables } from '../session/exported-variables.ts'
import type { Definitions } from '../session/service-registry.ts'
import type { Session } from '../session/session.ts'
import type { Config } from './define-config.ts'

/** Methods and properties for all services of a started config together. */
interface StackControl extends AsyncDisposable {
  /** `LP_<LABEL>_*` of all services, and the config's `environment`: for `process.env` or a child process. */
  readonly variables: Readonly<Record<string, string>>
  /**
   * Asks the services whether they run and answer.
   *
   * @throws the errors of `ExternalService.check`
   */
  check(): Promise<void>
  /**
   * Restores the services to their state at the time they became ready.
   *
   * @throws the errors of `ExternalService.reset`
   */
  reset(): Promise<void>
  /**
   * Stops all services. Harmless when repeated.
   *
   * @throws ERR_LEFT_BEHIND naming the resources that could not be removed
   */
  cleanUp(): Promise<void>
}

/** The services of a config, each under its name, and the methods for all of them. */
export type StartedStack<D extends Definitions> = { readonly [Name in keyof D]: ServiceOf<D[Name]> } & StackControl

/** Names of the stack's own properties; and `then`, because an object with a `then` is taken for a promise. */
const reserved: readonly string[] = ['variables', 'check', 'reset', 'cleanUp', 'then']

/** @throws ERR_CONFIG if a service has the name of a property of the stack */
export function refuseReservedNames({ services }: Config): void {
  const taken = Object.keys(services).find((name) => reserved.includes(name))
  if (taken === undefined) return
  const where = `services.${taken}: a started config has a property "${taken}" of its own`
  throw new ConfigError(`${where}; name the service otherwise, or start it alone by start(config.services.${taken})`)
}

export function createStartedStack({ services }: Config, session: Session): StackControl {
  const control: StackControl = {
    get variables() {
      return exportedVariables(session)
    },
    check: () => session.check(),
    reset: () => session.reset(),
    cleanUp: () => session.end(),
    [Symbol.asyncDispose]: () => session.end(),
  }
  const properties = Object.keys(services).map((name) => [name, propertyOf(name, session)])
  return Object.defineProperties(control, Object.fromEntries(properties) as PropertyDescriptorMap)
}

/** Returns the service. For a service that is not up, returns a getter that throws, instead of `undefined`. */
function propertyOf(name: string, session: Session): PropertyDescriptor {
  const service = session.services.get(name)
  if (service) return { value: service, enumerable: true }
  const get = (): never => {
    throw new StateError(`${name} was not started: it is not named in "only", and nothing that is named needs it`)
  }
  return { get, enumerable: false }
}
