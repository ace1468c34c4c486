/** Parses JSON; returns `undefined` for any other text. The text may be a secret, which a `SyntaxError` would show. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (thrown) {
    if (thrown instanceof SyntaxError) return undefined
    throw thrown
  }
}
