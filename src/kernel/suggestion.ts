import { closest, distance } from 'fastest-levenshtein'

/** Largest number of changed letters; two swapped letters count twice. */
const mostChanges = 2

/**
 * Returns the known name that a user probably meant, if any is near. A name with a change in every letter is not a
 * typo.
 */
export function nearest(name: string, known: Iterable<string>): string | undefined {
  const names = [...known]
  if (names.length === 0) return undefined
  const found = closest(name, names)
  const changes = distance(name, found)
  return changes <= mostChanges && changes < name.length ? found : undefined
}

/** Returns ` (did you mean "web"?)` for a message, or an empty text if no name is near. */
export function didYouMean(name: string, known: Iterable<string>): string {
  const found = nearest(name, known)
  return found === undefined ? '' : ` (did you mean "${found}"?)`
}
