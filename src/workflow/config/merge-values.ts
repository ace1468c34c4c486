import { type Dictionary, isDictionary } from '../../yaml/dictionary.ts'

/** Merges values: dictionaries deeply; all else is replaced by the later value. */
export function mergeValues(earlier: unknown, later: unknown): unknown {
  if (!isPlain(earlier) || !isPlain(later)) return later
  return mergeEach(earlier, later, mergeValues)
}

/** Merges transports by name. A transport of a different type replaces the earlier transport completely. */
export function mergeTransports(earlier: Dictionary, later: Dictionary): Dictionary {
  return mergeEach(earlier, later, (one, other) => (hasOtherType(one, other) ? other : mergeValues(one, other)))
}

function mergeEach(earlier: Dictionary, later: Dictionary, merge: typeof mergeValues): Dictionary {
  const changed = Object.entries(later).map(([key, value]) => {
    return [key, Object.hasOwn(earlier, key) ? merge(earlier[key], value) : value] as const
  })
  return Object.fromEntries([...Object.entries(earlier), ...changed])
}

function hasOtherType(earlier: unknown, later: unknown): boolean {
  if (!isPlain(earlier) || !isPlain(later)) return true
  return later.type !== undefined && later.type !== earlier.type
}

/** Whether the value is a dictionary, as opposed to an instance of a class. */
export function isPlain(value: unknown): value is Dictionary {
  if (!isDictionary(value)) return false
  const prototype = Object.getPrototypeOf(value)
  return prototype === Object.prototype || prototype === null
}
