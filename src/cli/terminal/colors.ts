import pico from 'picocolors'

/** Colours for standard error, which people read; none with `NO_COLOR`, or if standard error is not a terminal. */
export const colors = pico.createColors(wantsColors())

function wantsColors(): boolean {
  const { NO_COLOR, FORCE_COLOR, TERM } = process.env
  if (NO_COLOR) return false
  if (FORCE_COLOR) return FORCE_COLOR !== '0'
  return process.stderr.isTTY === true && TERM !== 'dumb'
}
