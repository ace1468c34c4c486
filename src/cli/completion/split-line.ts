/**
 * Splits the beginning of a command line of bash into words, without quotes. The last word is the word at the cursor;
 * it is empty after a space.
 */
export function splitLine(line: string): string[] {
  const words = ['']
  let isBetween = true
  for (const [token, escaped, single, double, space] of line.matchAll(tokens)) {
    if (space === undefined) {
      words[words.length - 1] += escaped ?? single ?? double?.replaceAll(/\\(["\\$`])/g, '$1') ?? token
      isBetween = false
    } else if (!isBetween) {
      words.push('')
      isBetween = true
    }
  }
  return words
}

/** An escaped character, a text in quotes (perhaps without the last quote), space, or any other character. */
const tokens = /\\([\s\S])|'([^']*)(?:'|$)|"((?:\\[\s\S]|[^"\\])*)(?:"|$)|(\s+)|[\s\S]/g
