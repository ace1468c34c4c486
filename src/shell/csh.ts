import { lineByLine } from './dialect.ts'
import { quoteRuns } from './quote-runs.ts'

/**
 * All outside of quotes, where a backslash means the same whatever `backslash_quote` and `histchars` are set to.
 * `$'\n'` is tcsh's own: in the older csh (Debian's `bsd-csh`) a value with a newline ends the `eval` with an error.
 */
const ESCAPES = new Map([
  ["'", "\\'"],
  ['\\', '\\\\'],
  ['!', '\\!'],
  ['\n', "$'\\n'"],
  ['\r', "$'\\r'"],
])

/**
 * For the one form that csh has, ``eval "`test-services --shell csh`"``, with both kinds of quotes; it replaces
 * every newline of the output by a space, so no statement has one within it, and each ends in a semicolon.
 *
 * In the C locale tcsh 6.24 loses some 15 bytes of such an output every 4,096 bytes where they are not ASCII (seen);
 * in a UTF-8 locale, or when the output is kept in a file and read by `source`, it is exact.
 *
 * @see tcsh(1): "Command substitution", `csubstnonl`, `backslash_quote`, `histchars`, "Escape sequences"
 */
export const csh = lineByLine({
  assign: (name, value) => `setenv ${name} ${quoteRuns(value, ESCAPES)};`,
  unset: (name) => `unsetenv ${name};`,
  failure: 'false;\n',
})
