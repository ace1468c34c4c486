import { existsSync } from 'node:fs'
import { join } from 'node:path'

/** Returns the name, with a number if a file has the name: an earlier backup may be the only copy of a file. */
export function freeName(name: string, directory: string, count = 1): string {
  const candidate = count === 1 ? name : `${name}${count}`
  return existsSync(join(directory, candidate)) ? freeName(name, directory, count + 1) : candidate
}
