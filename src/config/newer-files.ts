import { statSync } from 'node:fs'

export interface FilesFrom {
  /** Globs, relative to the directory. */
  readonly patterns: readonly string[]
  readonly directory: string
}

/** Finds the files that have changed since an instant, in milliseconds since 1970. Returns absolute paths. */
export async function newerFiles({ patterns, directory }: FilesFrom, sinceMs: number): Promise<string[]> {
  if (patterns.length === 0) return []
  const { glob } = await import('tinyglobby')
  const paths = await glob([...patterns], { cwd: directory, absolute: true })
  return paths.filter((path) => statSync(path).mtimeMs > sinceMs)
}
