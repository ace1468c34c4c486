import { lineByLine } from './dialect.ts'
import { quoteRuns } from './quote-runs.ts'

const ESCAPES = new Map([
  ["'", "\\'"],
  ['\\', '\\\\'],
  ['\n', '\\n'],
  ['\r', '\\r'],
])

/**
 * For `eval "$(…)"` (fish 3.4 and later), `… | source`, and `eval (…)`, which joins the lines by spaces: so no
 * statement contains a newline, and each ends in a semicolon.
 *
 * @see https://fishshell.com/docs/current/language.html#quotes
 * @see https://fishshell.com/docs/current/cmds/set.html: `set --erase` of a variable that is not set has status 4
 */
export const fish = lineByLine({
  assign: (name, value) => `set -gx ${name} ${quoteRuns(value, ESCAPES)};`,
  unset: (name) => `set -ge ${name}; or true;`,
  failure: 'false;\n',
})
