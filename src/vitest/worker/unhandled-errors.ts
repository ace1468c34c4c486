import type { ExternalService } from '../../service/external-service.ts'

/** Kept where the listener is, in the process: in a VM pool it outlives the modules of a test file. */
const key = Symbol.for('test-services.unhandled-errors')
const holder = process as typeof process & { [key]?: Map<string, string> }

/**
 * From now on, what the service knows of an error of its clients stands beneath that, should nobody handle it: also
 * when the service is gone, whose end may have caused it.
 */
export function explainUnhandled({ clientErrors }: ExternalService<object>): void {
  const known = holder[key] ?? listen()
  for (const [code, explanation] of Object.entries(clientErrors)) known.set(code, explanation)
}

/** A monitor hears of an error before Vitest does, and handles nothing. */
function listen(): Map<string, string> {
  const known = new Map<string, string>()
  holder[key] = known
  process.on('uncaughtExceptionMonitor', (error) => explain(error, known))
  return known
}

interface Thrown extends Error {
  readonly code?: unknown
  readonly context?: Error & { readonly code?: unknown }
}

function explain(error: Thrown, known: ReadonlyMap<string, string>): void {
  // In a VM pool Node takes an error for none of its own, and throws one about it, which quotes all of it.
  const origin = error.code === 'ERR_UNHANDLED_ERROR' && error.context ? error.context : error
  const explanation = known.get(String(origin.code))
  if (explanation === undefined) return
  Object.assign(error, { message: `${origin.message}\n${explanation}`, stack: origin.stack })
  // Vitest prints all that an error has: of one by `pg` its whole client, and the password.
  for (const [name, value] of Object.entries(error)) if (typeof value === 'object') Reflect.deleteProperty(error, name)
}
