import { closeSync, openSync, readFileSync, readSync } from 'node:fs'
import { unlessUnreadable } from './unless-unreadable.ts'

const shared = Buffer.allocUnsafe(16 * 1024)

/**
 * Returns the text of a small file of `/proc`; `undefined` if the process has ended, or if this user may not read the
 * file. Costs half as much as `readFileSync`, which asks for a size that `/proc` does not tell, and allocates a buffer
 * for each of hundreds of files.
 */
export function readProcFile(path: string): string | undefined {
  return unlessUnreadable(() => {
    const descriptor = openSync(path, 'r')
    try {
      const length = fill(descriptor)
      return length < shared.length ? shared.toString('latin1', 0, length) : readFileSync(path, 'latin1')
    } finally {
      closeSync(descriptor)
    }
  })
}

/** Reads until the end: the kernel returns a list, such as the mounts, at most one page at a time. */
function fill(descriptor: number): number {
  let length = 0
  for (let count = -1; count !== 0 && length < shared.length; length += count)
    count = readSync(descriptor, shared, length, shared.length - length, null)
  return length
}
