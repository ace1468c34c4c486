import { homedir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import type { Dictionary } from '../../yaml/dictionary.ts'
import { isPlain } from './merge-values.ts'

/** Options of transports with paths of files. */
const pathOptions = ['key', 'knownHosts'] as const

/** Resolves paths in transports: relative paths begin in the directory of the config file, `~/` in the home directory. */
export function withAbsolutePaths(transports: Dictionary, file: string): Dictionary {
  const directory = dirname(file)
  const absolute = (value: unknown): unknown => (typeof value === 'string' ? absolutePath(value, directory) : value)
  return mapValues(transports, (transport) => {
    if (!isPlain(transport)) return transport
    return mapValues(transport, (value, key) => {
      if (!(pathOptions as readonly string[]).includes(key)) return value
      return Array.isArray(value) ? value.map(absolute) : absolute(value)
    })
  })
}

function absolutePath(path: string, directory: string): string {
  return path.startsWith('~/') ? join(homedir(), path.slice(2)) : resolve(directory, path)
}

function mapValues(dictionary: Dictionary, map: (value: unknown, key: string) => unknown): Dictionary {
  return Object.fromEntries(Object.entries(dictionary).map(([key, value]) => [key, map(value, key)]))
}
