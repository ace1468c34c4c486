/**
 * Writes a value as one shell word: the special characters by their escapes, outside of quotes, and everything
 * between them in single quotes. `''` is written for the empty value only, never next to another quote, because
 * inside quotes zsh's `RC_QUOTES` reads it as a quote.
 */
export function quoteRuns(value: string, escapes: ReadonlyMap<string, string>): string {
  if (value === '') return "''"
  const words: string[] = []
  let run = ''
  const endRun = () => {
    if (run !== '') words.push(`'${run}'`)
    run = ''
  }
  for (const character of value) {
    const escaped = escapes.get(character)
    if (escaped === undefined) {
      run += character
    } else {
      endRun()
      words.push(escaped)
    }
  }
  endRun()
  return words.join('')
}
