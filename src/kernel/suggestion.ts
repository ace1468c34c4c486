import { closest, distance } from 'fastest-levenshtein'

/** Letters to change at most: two that change places count twice. */
const mostChanges = 2

/** The known name that was meant, if one is near: what would have to be written anew altogether is no slip. */
export function nearest(name: string, known: Iterable<string>): string | undefined {
  const names = [...known]
  if (names.length === 0) return undefined
  const found = closest(name, names)
  const changes = distance(name, found)
  return changes <= mostChanges && changes < name.length ? found : undefined
}

/** ` (did you mean "web"?)`, for a message; nothing where no name is near. */
export function didYouMean(name: string, known: Iterable<string>): string {
  const found = nearest(name, known)
  return found === undefined ? '' : ` (did you mean "${found}"?)`
}
