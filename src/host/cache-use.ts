import { existsSync, mkdirSync, readdirSync, rmSync, symlinkSync } from 'node:fs'
import { basename, join } from 'node:path'
import { hasCode } from '../kernel/errors.ts'

const directoryName = 'used-by'

/**
 * Keeps an entry of the cache from being removed for as long as the user is there, which is a path: who is killed needs
 * to undo nothing.
 *
 * @returns what ends it
 */
export function useEntry(entry: string, user: string): () => void {
  const directory = join(entry, directoryName)
  mkdirSync(directory, { recursive: true, mode: 0o700 })
  forgetDead(directory)
  const link = join(directory, basename(user))
  symlinkSync(user, link)
  return () => rmSync(link, { force: true })
}

export function isUsed(entry: string): boolean {
  return list(join(entry, directoryName)).some(existsSync)
}

function forgetDead(directory: string): void {
  for (const link of list(directory)) if (!existsSync(link)) rmSync(link, { force: true })
}

function list(directory: string): string[] {
  try {
    return readdirSync(directory).map((name) => join(directory, name))
  } catch (thrown) {
    if (hasCode(thrown, 'ENOENT')) return []
    throw thrown
  }
}
