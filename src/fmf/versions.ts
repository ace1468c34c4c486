/** `undefined`: the values have different names, or a version is missing. */
export type Decision = boolean | undefined

/** How a comparison treats two values. */
interface Mode {
  /** Compares versions of the same major version only: the operators with `~`. */
  readonly isMinor: boolean
  /** Asks for the larger value, and not only for equality. */
  readonly isOrdered: boolean
}

const isEqual = (order: number) => order === 0

/** Decides by the order of two values: below 0 if the left value is smaller. */
const orders: Readonly<Record<string, (order: number) => boolean>> = {
  '<': (order) => order < 0,
  '<=': (order) => order <= 0,
  '>': (order) => order > 0,
  '>=': (order) => order >= 0,
}

/**
 * Compares a value of the context with a value of a rule, both of the form `name-1.2.3`. The right side decides how many
 * parts are compared.
 *
 * @returns `undefined` if the values cannot be compared
 * @see https://fmf.readthedocs.io/en/stable/context.html#comparison
 */
export function compareVersions(left: string, operator: string, right: string): Decision {
  const isMinor = operator.startsWith('~')
  const plain = isMinor ? operator.slice(1) : operator
  const test = orders[plain]
  const order = orderOf(partsOf(left), partsOf(right), { isMinor, isOrdered: test !== undefined })
  if (order === undefined) return undefined
  return test ? test(order) : isEqual(order) === (plain !== '!=')
}

function partsOf(value: string): string[] {
  return value.split(/[:.-]/)
}

function orderOf(left: readonly string[], right: readonly string[], mode: Mode): number | undefined {
  if (left[0] !== right[0]) return mode.isOrdered ? undefined : 1
  if (mode.isMinor && right.length > 1) {
    if (left.length === 1) return undefined
    if (left[1] !== right[1] && !mode.isOrdered) return 1
    if (left[1] !== right[1] && right.length > 2) return undefined
  }
  const common = right.slice(1, left.length).map((part, index) => orderOfParts(left[index + 1] ?? '', part))
  return common.find((order) => order !== 0) ?? orderOfLengths(left.length, right.length, mode)
}

/** All common parts are equal. A side with fewer parts is smaller. */
function orderOfLengths(left: number, right: number, { isMinor, isOrdered }: Mode): number | undefined {
  if (right <= left) return 0
  if (isMinor) return undefined
  if (!isOrdered) return 1
  return left === 1 ? undefined : -1
}

/** Numbers are compared as numbers, all else as texts: `rawhide` is larger than any number. */
function orderOfParts(left: string, right: string): number {
  const areNumbers = /^\d+$/.test(left) && /^\d+$/.test(right)
  const [a, b] = areNumbers ? [BigInt(left), BigInt(right)] : [left, right]
  if (a === b) return 0
  return a < b ? -1 : 1
}
