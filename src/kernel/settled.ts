/**
 * Waits until every promise has settled, then returns all results or throws the first error. Throwing earlier would let
 * the caller clean up while the remaining work still makes things.
 */
export async function allSettledOrThrow<const T extends readonly unknown[]>(
  work: T,
): Promise<{ -readonly [K in keyof T]: Awaited<T[K]> }> {
  await Promise.allSettled(work)
  return Promise.all(work)
}
