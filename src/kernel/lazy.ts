/**
 * Returns a function that makes a value at its first call, and returns the same value from then on. A rejected promise
 * is forgotten: the next call makes a new promise.
 */
export function lazy<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined
  const forget = (): void => {
    made = undefined
  }
  return () => {
    if (made) return made.value
    const value = make()
    made = { value }
    if (value instanceof Promise) value.catch(forget)
    return value
  }
}

/** Returns a function like `lazy`, with a value for each key. */
export function lazyByKey<T>(make: (key: string) => T): (key: string) => T {
  const made = new Map<string, () => T>()
  return (key) => {
    const get = made.get(key) ?? lazy(() => make(key))
    made.set(key, get)
    return get()
  }
}
