import { UsageError } from '../kernel/errors.ts'
import { lineByLine } from './dialect.ts'

/** Values that every reader takes literally: no spaces at the ends, no quote first, no comment, no interpolation. */
const PLAIN = /^(?!['"`\s])[^#$\r\n\u2028\u2029]*(?<!\s)$/

/** A quoted value ends at the first such quote without a backslash before, even many lines later. */
function fits(value: string, quote: string): boolean {
  return !value.includes(quote) && !value.endsWith('\\')
}

/** Double quotes expand `\n` and `\r`, and cannot escape a backslash. */
function fitsDouble(value: string): boolean {
  return fits(value, '"') && !/\\[nr]/.test(value)
}

function encode(name: string, value: string): string {
  if (PLAIN.test(value)) return value
  const oneLineEnd = !value.includes('\r') // an unescaped CR becomes a newline
  if (oneLineEnd && fits(value, "'")) return `'${value}'`
  if (fitsDouble(value)) return `"${value.replaceAll('\r', '\\r')}"`
  if (oneLineEnd && fits(value, '`')) return `\`${value}\``
  throw new UsageError(
    `the value of ${name} cannot be written for dotenv, which has no escapes: it needs quotes but has all three kinds, ` +
      'a backslash last, or a carriage return that does not fit in double quotes; use --format json',
  )
}

/**
 * For the npm package `dotenv`, and for `node --env-file`, which differs in `\r` only. Docker's `--env-file` takes the
 * rest of the line as the value: Docker reads values without quotes the same way; newer releases remove single and
 * double quotes; a newline is never possible. An unset variable has no notation: write the whole file again.
 *
 * @see https://github.com/motdotla/dotenv `lib/main.js`, `LINE` and `parse`
 * @see https://github.com/docker/cli `pkg/kvfile/kvfile.go`
 */
export const dotenv = lineByLine({
  assign: (name, value) => `${name}=${encode(name, value)}`,
  unset: () => '',
  failure: '',
})
