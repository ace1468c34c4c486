import type { ExternalService } from '../service/external-service.ts'
import type { Session } from '../session/session.ts'

/**
 * Gives a service whose `reset` and `cleanUp` mean its whole session: what it needs was started for it alone, and
 * nobody else could reset or stop that.
 */
export function createStartedService<S extends ExternalService<object>>(service: S, session: Session): S {
  const end = (hurry?: AbortSignal): Promise<void> => session.end({ hurry })
  const whole: Readonly<Record<string | symbol, unknown>> = {
    reset: () => session.reset(),
    cleanUp: end,
    [Symbol.asyncDispose]: () => end(),
  }
  return new Proxy(service, {
    get: (target, key) => {
      if (Object.hasOwn(whole, key)) return whole[key]
      const value: unknown = Reflect.get(target, key, target)
      // Private fields are found on the service itself, not on a stand-in.
      return typeof value === 'function' && key !== 'constructor' ? value.bind(target) : value
    },
  })
}
