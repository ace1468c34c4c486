/**
 * Writes a value as one shell word: special characters as escapes outside of quotes, and the text between them in
 * single quotes. `''` is written only for the empty value, never next to another quote, because inside quotes zsh's
 * `RC_QUOTES` reads `''` as a quote.
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
