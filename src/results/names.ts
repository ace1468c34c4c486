import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { ResultsError } from '../kernel/errors.ts'

/** Characters refused in a name by a file system, or by an upload of CI artifacts. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are replaced.
const unsafe = /[\u0000-\u001f\u007f%\\:*?"<>|]|^~|^\.{1,2}$|^$/g

/** Bytes of a name on disk; Linux takes 255, and `~2` is added to an existing name. */
const longestName = 200
const hashDigits = 12

/**
 * Returns the possible directories for the files of a result: a directory by name, for a person, and a second directory
 * for the rare case of a different result with a file in place of the first directory.
 *
 * @param names platform, test and subtest; a `/` in a name makes further directories
 */
export function directoriesFor(root: string, names: readonly string[]): readonly [string, string] {
  const parts = names.flatMap((name) => name.replace(/^\/+/, '').split('/')).map(safeName)
  return [join(root, ...parts), join(root, `~${shorten(parts.join('+'))}`)]
}

/**
 * Returns the directory of an attempt: `attempts/+smoke+login#1` for `/smoke/login#1`. Each id has a different one, and
 * none lies in another.
 */
export function attemptDirectory(directory: string, id: string): string {
  const parts = id.split('/').map((part) => (part === '' ? '' : safeName(part).replaceAll('+', '%2B')))
  const name = parts.join('+')
  return join(directory, 'attempts', shorten(name))
}

/** Returns a name fit for a file: `a:b` becomes `a%3Ab`. */
function safeName(name: string): string {
  return shorten(name.replaceAll(unsafe, percentEncoded))
}

function percentEncoded(text: string): string {
  return Array.from(Buffer.from(text || '%'), (byte) => `%${byte.toString(16).padStart(2, '0').toUpperCase()}`).join('')
}

/** Cuts a long name, and adds a hash of the whole name. */
function shorten(name: string): string {
  if (Buffer.byteLength(name) <= longestName) return name
  const hash = createHash('sha256').update(name).digest('hex').slice(0, hashDigits)
  const cut = Buffer.from(name).subarray(0, longestName - hashDigits - 1)
  return `${cut.toString().replace(/\ufffd+$/, '')}~${hash}`
}

/** Whether a name is a relative path below a directory. */
export function isFileName(name: string): boolean {
  const parts = name.split('/')
  return !name.includes('\0') && parts.every((part) => part !== '' && part !== '.' && part !== '..')
}

/** @throws ERR_RESULTS for a name of a reported file outside the result's directory */
export function checkFileName(name: string): void {
  if (isFileName(name)) return
  const expected = 'expected a relative path such as "logs/server.log", without ".", ".." and empty parts'
  throw new ResultsError(`a result names the file ${JSON.stringify(name)}: ${expected}`)
}

/** Returns `log~2.txt` for the second file of the name `log.txt`. */
export function numberedName(name: string, number: number): string {
  return number === 1 ? name : name.replace(/(?=\.[^./]*$)|$/, `~${number}`)
}
