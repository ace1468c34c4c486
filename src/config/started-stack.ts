import { ConfigError, StateError } from '../kernel/errors.ts'
import type { ServiceOf } from '../service/definition.ts'
import type { Definitions } from '../session/catalogue.ts'
import { exportedVariables } from '../session/exported-variables.ts'
import type { Session } from '../session/session.ts'
import type { Config } from './define-config.ts'

/** What can be done with all services of a started config together. */
export interface StackControl extends AsyncDisposable {
  /** `LP_<LABEL>_*` of everything, and what the config's `environment` adds: for `process.env` or a child process. */
  readonly variables: Readonly<Record<string, string>>
  /** Asks the services whether they run and answer. @throws what `ExternalService.check` throws */
  check(): Promise<void>
  /** Makes the services as they were when they became ready. @throws what `ExternalService.reset` throws */
  reset(): Promise<void>
  /** Stops everything. Harmless when repeated. @throws ERR_LEFT_BEHIND naming what could not be removed */
  cleanUp(): Promise<void>
}

/** The services of a config, each under its name, and what can be done with all of them. */
export type StartedStack<D extends Definitions> = { readonly [Name in keyof D]: ServiceOf<D[Name]> } & StackControl

/** A stack has these names for itself; whatever has a `then` is taken for a promise. */
const reserved: readonly string[] = ['variables', 'check', 'reset', 'cleanUp', 'then']

/** @throws ERR_CONFIG for a service that is named like a method of the stack */
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

/** The service itself; a service that is not up says so instead of being `undefined`. */
function propertyOf(name: string, session: Session): PropertyDescriptor {
  const service = session.services.get(name)
  if (service) return { value: service, enumerable: true }
  const get = (): never => {
    throw new StateError(`${name} was not started: it is not named in "only", and nothing that is named needs it`)
  }
  return { get, enumerable: false }
}
