import type { ExternalService } from '../../service/external-service.ts'
import { repeatsMark } from '../slot/repeated-error.ts'

interface State {
  /** Explanations of clients' errors, by the code of the error, or by the message of an error without a code. */
  readonly known: Map<string, string>
  /** Full name of the last test that used a service, by the service's label. */
  readonly lastUsers: Map<string, string>
  /** Full name of the last test but one, by the service's label; the test can have left a connection open. */
  readonly suspects: Map<string, string>
  /** Number of lost connections that have been explained, and whose second error has not come yet. */
  told: number
}

/**
 * Key of the state on `process`, where the listener is: in a VM pool the listener outlives the modules of a test file.
 */
const key = Symbol.for('test-services.unhandled-errors')
const holder = process as typeof process & { [key]?: State }

/**
 * Makes unhandled errors of a service's clients carry the explanation of the service. Errors are explained even after
 * the end of the service, which may have caused the error.
 */
export function explainUnhandled({ clientErrors }: ExternalService<object>): void {
  const { known } = holder[key] ?? listen()
  for (const [code, explanation] of Object.entries(clientErrors)) known.set(code, explanation)
}

/**
 * Makes unhandled errors carry the name of the test that can have left a connection open, besides the explanation.
 *
 * @param test the full name of the test that is about to use the service
 */
export function explainUnhandledIn(test: string, service: ExternalService<object>): void {
  explainUnhandled(service)
  const { label } = service
  const { lastUsers, suspects } = holder[key] ?? listen()
  const last = lastUsers.get(label)
  if (last !== undefined && last !== test) suspects.set(label, last)
  lastUsers.set(label, test)
}

/** Listens as a monitor, which is called before Vitest's handler and handles nothing. */
function listen(): State {
  const state: State = { known: new Map(), lastUsers: new Map(), suspects: new Map(), told: 0 }
  holder[key] = state
  process.on('uncaughtExceptionMonitor', (error) => explain(error, state))
  return state
}

interface Thrown extends Error {
  readonly code?: unknown
  readonly context?: Error & { readonly code?: unknown }
}

function explain(error: Thrown, state: State): void {
  // In a VM pool the error belongs to another realm: Node throws a further error, which quotes the original in full.
  const origin = error.code === 'ERR_UNHANDLED_ERROR' && error.context ? error.context : error
  const isRepeated = origin.code === undefined
  const explanation = state.known.get(isRepeated ? origin.message : String(origin.code))
  if (explanation === undefined || (isRepeated && state.told === 0)) return
  state.told += isRepeated ? -1 : 1
  const suspects = [...state.suspects.values()].map((title) => `"${title}"`).join(', ')
  const whose = suspects ? `\nthe last test that can have left it open: ${suspects}` : ''
  Object.assign(error, { message: `${origin.message}\n${explanation}${whose}`, stack: origin.stack })
  // Vitest prints all properties of an error: an error by `pg` has the client, including the password.
  for (const [name, value] of Object.entries(error)) if (typeof value === 'object') Reflect.deleteProperty(error, name)
  if (isRepeated) Object.assign(error, { [repeatsMark]: true })
}
