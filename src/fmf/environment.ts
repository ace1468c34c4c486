import { extname, join, relative } from 'node:path'
import { parseEnv } from 'node:util'
import { ConfigError } from '../kernel/errors.ts'
import { isDictionary, typeName } from '../yaml/dictionary.ts'
import { readText } from '../yaml/read-text.ts'
import { listOf, pythonText } from './metadata.ts'
import { readDictionary } from './read-metadata.ts'

export type Variables = Readonly<Record<string, string>>

/**
 * Reads variables from the attribute `environment`: a dictionary, a text such as `MODE=fast`, or a list of both.
 *
 * @throws ERR_CONFIG for a wrong form
 */
export function variablesOf(value: unknown, where: string): Variables {
  return Object.assign({}, ...listOf(value).map((each) => variablesIn(each, where)))
}

function variablesIn(value: unknown, where: string): Variables {
  if (typeof value === 'string') return assignments(value, where)
  if (!isDictionary(value))
    throw new ConfigError(`${where}: environment: expected a dictionary, but got ${typeName(value)}`)
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, pythonText(each)]))
}

/** Reads `A=1 B="two words"`. */
function assignments(text: string, where: string): Variables {
  const words = text.match(/(?:"[^"]*"|'[^']*'|\S)+/g) ?? []
  const entries = words.map((word) => {
    const [, name, value = ''] = /^(\w+)=(.*)$/s.exec(word) ?? []
    if (name === undefined) throw new ConfigError(`${where}: environment: expected NAME=VALUE, but got "${word}"`)
    return [name, value.replaceAll(/"([^"]*)"|'([^']*)'/g, '$1$2')] as const
  })
  return Object.fromEntries(entries)
}

/** Files of variables: `KEY=VALUE` lines, or YAML. */
export interface VariableFiles {
  /** Directory with `.fmf`. */
  readonly root: string
  /** The attribute `environment-file`: a path below the root, or a list of paths. */
  readonly files: unknown
  readonly where: string
}

/** Reads the variables of `environment-file`; later files replace variables of earlier files. @throws ERR_CONFIG */
export async function variablesOfFiles({ root, files, where }: VariableFiles): Promise<Variables> {
  const all: Variables[] = []
  for (const file of listOf(files)) all.push(await variablesOfFile(pathBelow(root, file, where)))
  return Object.assign({}, ...all)
}

function pathBelow(root: string, file: unknown, where: string): string {
  if (typeof file !== 'string')
    throw new ConfigError(`${where}: environment-file: expected a path, but got ${typeName(file)}`)
  if (/^\w+:\/\//.test(file))
    throw new ConfigError(`${where}: environment-file: ${file}: files of the network are not read`)
  const path = join(root, file)
  if (relative(root, path).startsWith('..'))
    throw new ConfigError(`${where}: environment-file: ${file} is outside of the tree`)
  return path
}

async function variablesOfFile(path: string): Promise<Variables> {
  if (['.yml', '.yaml'].includes(extname(path))) return variablesOf(await readDictionary(path), path)
  return Object.fromEntries(Object.entries(parseEnv(readText(path))).map(([name, value]) => [name, value ?? '']))
}
