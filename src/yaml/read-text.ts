import { isUtf8 } from 'node:buffer'
import { readFileSync } from 'node:fs'
import { asError, ConfigError, hasCode } from '../kernel/errors.ts'

/** Reads a file of UTF-8. @throws ERR_CONFIG */
export function readText(path: string): string {
  const bytes = readBytes(path)
  if (isUtf8(bytes)) return bytes.toString()
  const lines = bytes.toString('latin1').split('\n')
  const line = lines.findIndex((each) => !isUtf8(Buffer.from(each, 'latin1')))
  throw new ConfigError(`${path}:${line + 1}:1: the line is not UTF-8`)
}

function readBytes(path: string): Buffer {
  try {
    return readFileSync(path)
  } catch (thrown) {
    throw new ConfigError(`${path}: ${describe(thrown)}`, { cause: thrown })
  }
}

function describe(thrown: unknown): string {
  if (hasCode(thrown, 'ENOENT')) return 'there is no such file'
  if (hasCode(thrown, 'EISDIR')) return 'is a directory; expected a file'
  return `cannot be read: ${asError(thrown).message}`
}
