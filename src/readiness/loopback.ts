import { asError, hasCode } from '../kernel/errors.ts'

/** A server may listen on one family only. */
const loopbackAddresses = ['127.0.0.1', '::1'] as const

/** Asks over IPv4 and IPv6 at the same time. Returns the first good answer, or throws the most informative error. */
export async function askLoopback<T>(ask: (host: string) => Promise<T>): Promise<T> {
  try {
    return await Promise.any(loopbackAddresses.map(ask))
  } catch (thrown) {
    throw mostTelling((thrown as AggregateError).errors.map(asError))
  }
}

/** Prefers errors other than a refused connection: one of the two families nearly always refuses. */
function mostTelling(errors: readonly Error[]): Error | undefined {
  return errors.find((error) => !hasCode(error, 'ECONNREFUSED', 'EADDRNOTAVAIL', 'EAFNOSUPPORT')) ?? errors[0]
}
