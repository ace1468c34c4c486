import { secretKey } from '../../kernel/secrets.ts'
import type { Dictionary } from '../../yaml/dictionary.ts'
import { isPlain } from './merge-values.ts'

/** Returns the value for keys that lead into dictionaries and lists. */
export function valueAt(root: unknown, keys: readonly string[]): unknown {
  return keys.reduce<unknown>((value, key) => {
    const isThere = (isPlain(value) || (Array.isArray(value) && key !== 'length')) && Object.hasOwn(value, key)
    return isThere ? Reflect.get(value, key) : undefined
  }, root)
}

/** Returns the paths of all values, such as `a` and `a.b`. */
export function valuePaths(root: Dictionary): string[] {
  return within(root).map(({ keys }) => keys.join('.'))
}

/** Returns each text and number with its key, or with the key of secrets around it. */
export function withSecretKeys(root: Dictionary): Dictionary[] {
  const texts = within(root).filter(({ value }) => typeof value === 'string' || typeof value === 'number')
  return texts.map(({ keys, value }) => ({
    [keys.findLast((key) => secretKey.test(key)) ?? keys.at(-1) ?? '']: String(value),
  }))
}

interface Found {
  readonly keys: readonly string[]
  readonly value: unknown
}

/** Returns all values inside a dictionary or a list. */
function within(value: unknown, keys: readonly string[] = []): Found[] {
  if (!isPlain(value) && !Array.isArray(value)) return []
  return Object.entries(value).flatMap(([key, each]) => [
    { keys: [...keys, key], value: each },
    ...within(each, [...keys, key]),
  ])
}
