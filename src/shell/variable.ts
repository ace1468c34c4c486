import { UsageError } from '../kernel/errors.ts'

const NAME = /^[A-Za-z_][A-Za-z0-9_]*$/
const LONE_SURROGATE = /\p{Surrogate}/u

/** Throws `ERR_USAGE` unless the name is a valid variable name in every shell. */
export function checkName(name: string): void {
  if (NAME.test(name)) return
  throw new UsageError(`${JSON.stringify(name)} is no variable name: it takes letters, digits and _, not a digit first`)
}

/** Throws `ERR_USAGE` if no environment can hold the value: a NUL, or text outside Unicode. */
export function checkValue(what: string, value: string): void {
  if (value.includes('\0')) throw new UsageError(`${what} has a NUL in it, which no process can be given`)
  if (LONE_SURROGATE.test(value)) throw new UsageError(`${what} has half of a surrogate pair in it, which is no text`)
}
