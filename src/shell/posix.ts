import { lineByLine } from './dialect.ts'
import { quoteRuns } from './quote-runs.ts'

const ESCAPES = new Map([["'", "\\'"]])
const SAFE = /^[A-Za-z0-9_.:/@%+=,-]+$/
/** In an assignment zsh replaces `=ls`, at the start and after a colon, by the path of `ls`. */
const ZSH_EQUALS = /(?:^|:)=/

/**
 * Returns one word for sh, dash, bash, zsh, ksh and BusyBox; without quotes if none are needed.
 *
 * @see https://pubs.opengroup.org/onlinepubs/9799919799/utilities/V3_chap02.html#tag_19_02_02 single quotes
 * @see zshexpn(1), "`=' expansion"; zshoptions(1), `RC_QUOTES`
 */
export function quotePosix(value: string): string {
  return SAFE.test(value) && !ZSH_EQUALS.test(value) ? value : quoteRuns(value, ESCAPES)
}

/**
 * For `eval "$(…)"`. Each statement ends in a semicolon, so that `eval $(…)`, which joins the lines by spaces, works
 * too, as long as no value needs quotes.
 */
export const posix = lineByLine({
  assign: (name, value) => `export ${name}=${quotePosix(value)};`,
  unset: (name) => `unset ${name};`,
  failure: 'false;\n',
})
