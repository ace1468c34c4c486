import { existsSync, renameSync } from 'node:fs'
import { join } from 'node:path'

/** Renames a file that is about to be replaced, and returns a line about the new name. */
export function keepOld(name: string, directory: string): string {
  const backup = freeName(`${name}.bak`, directory)
  renameSync(join(directory, name), join(directory, backup))
  return `kept the old ${name} as ${backup}`
}

/** Returns the name, with a number if a file has the name: an earlier backup may be the only copy of a file. */
function freeName(name: string, directory: string, count = 1): string {
  const candidate = count === 1 ? name : `${name}${count}`
  return existsSync(join(directory, candidate)) ? freeName(name, directory, count + 1) : candidate
}
