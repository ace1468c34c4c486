import type { ExternalService } from '../service/external-service.ts'
import type { Session } from '../session/session.ts'

/**
 * Returns a service whose `reset` and `cleanUp` act on the whole session: the needs of the service were started for
 * this service alone, and no other caller could reset or stop the needs.
 */
export function createStartedService<S extends ExternalService<object>>(service: S, session: Session): S {
  const end = (forceSignal?: AbortSignal): Promise<void> => session.end({ forceSignal })
  const whole: Readonly<Record<string | symbol, unknown>> = {
    reset: () => session.reset(),
    cleanUp: end,
    [Symbol.asyncDispose]: () => end(),
  }
  return new Proxy(service, {
    get: (target, key) => {
      if (Object.hasOwn(whole, key)) return whole[key]
      const value: unknown = Reflect.get(target, key, target)
      // Private fields exist on the service itself, not on the proxy.
      return typeof value === 'function' && key !== 'constructor' ? value.bind(target) : value
    },
  })
}
