import { isDeepStrictEqual } from 'node:util'
import { ConfigError } from '../kernel/errors.ts'
import { isDictionary, typeName } from '../yaml/dictionary.ts'
import { type Metadata, pythonText } from './metadata.ts'
import { pythonRegExp, searches, substitute } from './python-regexp.ts'

/** A key with a suffix, and the value to merge. */
export interface Change {
  readonly key: string
  readonly value: unknown
  /** File, place and node, for messages. */
  readonly where: string
}

/** The operation of a suffix. */
interface Operation {
  readonly suffix: string
  /** Characters taken off the key's end. */
  readonly removed: RegExp
  readonly merge: (old: unknown, change: Change) => unknown
  /** The value if the parent has none. Without this function the key is left out. */
  readonly begin?: (change: Change) => unknown
}

/** In the order in which FMF looks at the end of a key. */
const operations: readonly Operation[] = [
  { suffix: '+', removed: /\++$/, merge: (old, change) => added(old, change.value, change), begin },
  { suffix: '+<', removed: /[+<]+$/, merge: prepended, begin },
  { suffix: '-~', removed: /[-~]+$/, merge: withoutMatches },
  { suffix: '-', removed: /-+$/, merge: reduced },
  { suffix: '~', removed: /~+$/, merge: replaced },
]

/**
 * Merges changes into a copy of data, in order.
 *
 * @throws ERR_CONFIG if the types do not fit
 * @see https://fmf.readthedocs.io/en/stable/features.html#merging
 */
export function merged(data: Metadata, changes: Iterable<Change>): Metadata {
  const result: Record<string, unknown> = { ...data }
  for (const change of changes) mergeInto(result, change)
  return result
}

/** Returns the key without the suffix of merging. */
export function plainKey(key: string): string {
  const operation = operationOf(key)
  return operation ? key.replace(operation.removed, '') : key
}

function operationOf(key: string): Operation | undefined {
  return operations.find(({ suffix }) => key.endsWith(suffix))
}

function mergeInto(result: Record<string, unknown>, change: Change): void {
  const operation = operationOf(change.key)
  const key = plainKey(change.key)
  if (!operation) result[key] = change.value
  else if (Object.hasOwn(result, key)) result[key] = operation.merge(result[key], change)
  else if (operation.begin) result[key] = operation.begin(change)
}

/** A dictionary may have suffixes inside. */
function begin({ value, where }: Change): unknown {
  return isDictionary(value) ? mergedInside({}, value, where) : value
}

function mergedInside(data: Metadata, value: Metadata, where: string): Metadata {
  return merged(
    data,
    Object.entries(value).map(([key, each]) => ({ key, value: each, where })),
  )
}

function prepended(old: unknown, change: Change): unknown {
  return isDictionary(old) || isDictionary(change.value)
    ? added(old, change.value, change)
    : added(change.value, old, change)
}

/** A dictionary is merged with a dictionary, and with each dictionary of a list. */
function added(first: unknown, second: unknown, change: Change): unknown {
  if (isDictionary(first) && isDictionary(second)) return mergedInside(first, second, change.where)
  if (Array.isArray(first) && isDictionary(second))
    return first.map((item) => mergedInside(dictionary(item, change), second, change.where))
  if (isDictionary(first) && Array.isArray(second))
    return second.map((item) => mergedInside(first, dictionary(item, change), change.where))
  if (Array.isArray(first) && Array.isArray(second)) return [...first, ...second]
  if (typeof first === 'string' && typeof second === 'string') return first + second
  if (typeof first === 'number' && typeof second === 'number') return first + second
  throw mismatch(change, `${typeName(second)} cannot be added to ${typeName(first)}`)
}

function dictionary(item: unknown, change: Change): Metadata {
  if (isDictionary(item)) return item
  throw mismatch(change, `each item of the list must be a dictionary, but one is ${typeName(item)}`)
}

function reduced(old: unknown, change: Change): unknown {
  const { value, where } = change
  if (typeof old === 'number' && typeof value === 'number') return old - value
  if (typeof old === 'string' && typeof value === 'string') return substitute(old, pythonRegExp(value, where), '')
  if (Array.isArray(old) && Array.isArray(value)) return old.filter((item) => !includes(value, item))
  if (isDictionary(old) && Array.isArray(value)) return withoutKeys(old, (key) => includes(value, key))
  throw mismatch(change, `${typeName(value)} cannot be removed from ${typeName(old)}`)
}

function includes(list: readonly unknown[], item: unknown): boolean {
  return list.some((each) => isDeepStrictEqual(each, item))
}

function withoutKeys(data: Metadata, isRemoved: (key: string) => boolean): Metadata {
  return Object.fromEntries(Object.entries(data).filter(([key]) => !isRemoved(key)))
}

function withoutMatches(old: unknown, change: Change): unknown {
  const patterns = textsOf(change).map((pattern) => pythonRegExp(pattern, change.where))
  const isRemoved = (value: unknown) => patterns.some((pattern) => searches(pattern, pythonText(value)))
  if (Array.isArray(old)) return old.filter((item) => !isRemoved(item))
  if (typeof old === 'string') return isRemoved(old) ? '' : old
  if (isDictionary(old)) return withoutKeys(old, isRemoved)
  throw mismatch(change, `expressions cannot be applied to ${typeName(old)}`)
}

/** Applies substitutions in order. */
function replaced(old: unknown, change: Change): unknown {
  return textsOf(change).reduce((value: unknown, rule) => {
    const substitution = substitutionOf(rule, change)
    if (Array.isArray(value)) return value.map((item) => replacedIn(item, substitution, change))
    return replacedIn(value, substitution, change)
  }, old)
}

function replacedIn(value: unknown, { expression, replacement }: Substitution, change: Change): string {
  if (typeof value === 'string') return substitute(value, expression, replacement)
  throw mismatch(change, `expressions cannot be applied to ${typeName(value)}`)
}

interface Substitution {
  readonly expression: RegExp
  readonly replacement: string
}

/** The first character separates: `/PATTERN/REPLACEMENT/`. */
function substitutionOf(rule: string, change: Change): Substitution {
  const delimiter = rule.charAt(0)
  const [, pattern, replacement, end, ...more] = rule.split(delimiter)
  if (delimiter !== '' && pattern !== undefined && replacement !== undefined && end === '' && more.length === 0)
    return { expression: pythonRegExp(pattern, change.where), replacement }
  throw mismatch(change, `expected "/PATTERN/REPLACEMENT/" with any first character, but got "${rule}"`)
}

function textsOf(change: Change): string[] {
  const values: unknown[] = Array.isArray(change.value) ? change.value : [change.value]
  return values.map((value) => {
    if (typeof value === 'string') return value
    throw mismatch(change, `expected a regular expression, but got ${typeName(value)}`)
  })
}

function mismatch({ key, where }: Change, problem: string): ConfigError {
  return new ConfigError(`${where}: ${key}: ${problem}`)
}
