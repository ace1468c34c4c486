/** The error that a promise is rejected with; itself an error when there is none. */
export async function caught<E extends Error = Error>(promise: Promise<unknown>): Promise<E> {
  const outcome = await promise.then(
    (value) => ({ value }),
    (thrown: E) => ({ thrown }),
  )
  if ('thrown' in outcome) return outcome.thrown
  throw new Error(`expected an error, but got ${JSON.stringify(outcome.value)}`)
}
