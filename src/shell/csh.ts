import { lineByLine } from './dialect.ts'
import { quoteRuns } from './quote-runs.ts'

/**
 * Escapes outside of quotes, where a backslash works the same under every setting of `backslash_quote` and `histchars`.
 * Only tcsh knows `$'\n'`: in the older csh (Debian's `bsd-csh`) a value with a newline ends the `eval` with an error.
 */
const ESCAPES = new Map([
  ["'", "\\'"],
  ['\\', '\\\\'],
  ['!', '\\!'],
  ['\n', "$'\\n'"],
  ['\r', "$'\\r'"],
])

/**
 * For ``eval "`test-services --shell csh`"`` with both kinds of quotes, the only form in csh. The form replaces every
 * newline of the output by a space, so no statement contains a newline, and each ends in a semicolon.
 *
 * In the C locale tcsh 6.24 loses some 15 bytes every 4,096 bytes of non-ASCII output (seen). In a UTF-8 locale, or if
 * `source` reads the output from a file, nothing is lost.
 *
 * @see tcsh(1): "Command substitution", `csubstnonl`, `backslash_quote`, `histchars`, "Escape sequences"
 */
export const csh = lineByLine({
  assign: (name, value) => `setenv ${name} ${quoteRuns(value, ESCAPES)};`,
  unset: (name) => `unsetenv ${name};`,
  failure: 'false;\n',
})
