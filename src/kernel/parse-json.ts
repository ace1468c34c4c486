/** Parses JSON; returns `undefined` for an invalid text. A `SyntaxError` would show the text, possibly a secret. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (thrown) {
    if (thrown instanceof SyntaxError) return undefined
    throw thrown
  }
}
