import { readFileSync } from 'node:fs'
import { unlessUnreadable } from '../../src/process/inspect/unless-unreadable.ts'

/** The pid that a program wrote to a file; `undefined` while there is no file, or an empty one. */
export function readPid(file: string): number | undefined {
  return Number(unlessUnreadable(() => readFileSync(file, 'utf8'))) || undefined
}
