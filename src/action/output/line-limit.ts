/** Limit of one log entry. A longer line becomes several entries. */
export const longestLineCharacters = 64_000

/** Bytes of characters that take several bytes. */
const beyondAscii = /[\x80-\xff]/
const continuationMask = 0xc0
const continuationBits = 0x80
const mostContinuations = 3

/**
 * Returns the index after the first 64,000 characters of UTF-8, given as bytes read as latin1; `undefined` for a shorter
 * text. Each byte that cannot be part of a UTF-8 character counts as one character.
 */
export function endOfEntry(bytes: string): number | undefined {
  if (bytes.length <= longestLineCharacters) return undefined
  if (!beyondAscii.test(bytes.slice(0, longestLineCharacters + 1))) return longestLineCharacters
  let characters = 0
  let continuations = 0
  for (let index = 0; index < bytes.length; index++) {
    const isContinuation = (bytes.charCodeAt(index) & continuationMask) === continuationBits
    if (isContinuation && continuations < mostContinuations && index > 0) {
      continuations++
      continue
    }
    if (characters === longestLineCharacters) return index
    continuations = 0
    characters++
  }
  return undefined
}
