import {
  chmodSync,
  constants,
  copyFile,
  lchownSync,
  mkdirSync,
  readdirSync,
  readlinkSync,
  statSync,
  symlinkSync,
} from 'node:fs'
import { join } from 'node:path'

interface FileCopy {
  readonly from: string
  readonly to: string
}

export interface CopyTreeOptions {
  /** Whether to leave out a name; called with the name without its folder. */
  readonly skip?: (name: string) => boolean
}

/**
 * Copies a directory that nobody writes to; the target must not exist, its parent must.
 *
 * Directories and symbolic links are made at once, then every file goes to libuv's threads in one go. On two cores that
 * took 14 ms for 740 files in tmpfs; `cp -a` took 42, a loop of `copyFileSync` 20 and `fs.cp` 182 (medians).
 * `COPYFILE_FICLONE` shares the blocks if the file system can; elsewhere libuv uses `copy_file_range` or less.
 * Modes are kept; owners and times are not.
 */
export function copyTree(from: string, to: string, options: CopyTreeOptions = {}): Promise<void> {
  const files: FileCopy[] = []
  copyShape({ from, to }, files, options.skip ?? (() => false))
  return copyFiles(files)
}

/** Makes the directories and the links, and collects the files. */
function copyShape({ from, to }: FileCopy, files: FileCopy[], skip: (name: string) => boolean): void {
  mkdirSync(to, { mode: 0o700 })
  for (const entry of readdirSync(from, { withFileTypes: true })) {
    if (skip(entry.name)) continue
    const copy = { from: join(from, entry.name), to: join(to, entry.name) }
    if (entry.isDirectory()) copyShape(copy, files, skip)
    else if (entry.isSymbolicLink()) symlinkSync(readlinkSync(copy.from), copy.to)
    else if (entry.isFile()) files.push(copy)
  }
  const mode = statSync(from).mode & 0o7777
  if (mode !== 0o700) chmodSync(to, mode) // last, because it may forbid writing; not by mkdir, which heeds the umask
}

function copyFiles(files: readonly FileCopy[]): Promise<void> {
  return new Promise((resolve, reject) => {
    let remaining = files.length
    let firstError: Error | undefined
    // Settles only when the last copy has ended: a caller that removes the target must not race with writers.
    const onCopied = (error: Error | null): void => {
      firstError ??= error ?? undefined
      remaining -= 1
      if (remaining <= 0) firstError ? reject(firstError) : resolve()
    }
    if (remaining === 0) resolve()
    for (const { from, to } of files) copyFile(from, to, constants.COPYFILE_FICLONE, onCopied)
  })
}

/** Gives a directory and its whole content to another owner; changes links themselves, not their targets. */
export function chownTree(path: string, uid: number, gid: number): void {
  lchownSync(path, uid, gid)
  for (const entry of readdirSync(path, { withFileTypes: true })) {
    const child = join(path, entry.name)
    entry.isDirectory() ? chownTree(child, uid, gid) : lchownSync(child, uid, gid)
  }
}
