import { extname, resolve } from 'node:path'
import type { LoadedConfig } from '../../config/load-config.ts'
import { ConfigError } from '../../kernel/errors.ts'
import { type Dictionary, isDictionary, typeName } from '../../yaml/dictionary.ts'
import { refuse } from '../../yaml/problem.ts'
import { readText } from '../../yaml/read-text.ts'
import { loadYaml, YamlDocument } from '../../yaml/yaml-document.ts'
import { withAbsolutePaths } from './transport-paths.ts'

/** Content of one config file. */
export interface ConfigPart {
  readonly file: string
  readonly transports: Dictionary
  readonly values: Dictionary
  /** Config with services, from a file of TypeScript or JavaScript. */
  readonly services?: LoadedConfig | undefined
  /** Returns the place of a value, as exactly as it is known: `file:3:5`. */
  place(keys: readonly string[]): string
}

/** Reads a config file of any kind. @throws ERR_CONFIG with file, line and column as far as they are known */
export async function readConfigPart(file: string): Promise<ConfigPart> {
  const path = resolve(file)
  const extension = extname(path)
  if (extension === '.yaml' || extension === '.yml') return readYaml(path)
  if (extension === '.toml') return readToml(path)
  if (/^\.[cm]?[jt]s$/.test(extension)) return readModule(path)
  throw new ConfigError(
    `${file}: expected a config file with the ending .ts, .mts, .js, .mjs, .cjs, .yaml, .yml or .toml`,
  )
}

async function readYaml(file: string): Promise<ConfigPart> {
  const document = new YamlDocument(await loadYaml(), file, readText(file))
  refuse(file, document.problems)
  const place = (keys: readonly string[]): string => {
    const { line, column } = document.keyPositionOf(keys)
    return `${file}:${line}:${column}`
  }
  return fromValue(file, document.value, place)
}

async function readToml(file: string): Promise<ConfigPart> {
  const { parse, TomlError } = await import('smol-toml')
  const text = readText(file)
  try {
    return fromValue(file, withoutDates(parse(text)), () => file)
  } catch (thrown) {
    if (!(thrown instanceof TomlError)) throw thrown
    const { line, column, message } = thrown
    const [what = ''] = message.replace('Invalid TOML document: ', '').split('\n')
    throw new ConfigError(`${file}:${line}:${column}: ${what}`, { cause: thrown })
  }
}

async function readModule(file: string): Promise<ConfigPart> {
  const { loadConfig } = await import('../../config/load-config.ts')
  const loaded = await loadConfig(file)
  const { transports = {}, values = {}, services } = loaded.config
  return {
    file,
    transports: withAbsolutePaths(transports, file),
    values,
    services: Object.keys(services).length > 0 ? loaded : undefined,
    place: () => file,
  }
}

function fromValue(file: string, value: unknown, place: ConfigPart['place']): ConfigPart {
  const content = value ?? {}
  if (!isDictionary(content)) throw new ConfigError(`${place([])}: expected a dictionary, but got ${typeName(content)}`)
  const { transports, services, ...values } = content
  if (services !== undefined)
    throw new ConfigError(
      `${place(['services'])}: services are declared in test-services.config.ts; this file may have transports and values`,
    )
  if (!isDictionary(transports ?? {}))
    throw new ConfigError(
      `${place(['transports'])}: transports: expected a dictionary, but got ${typeName(transports)}`,
    )
  return { file, transports: withAbsolutePaths((transports ?? {}) as Dictionary, file), values, place }
}

/** Dates of TOML become texts, as in YAML. */
function withoutDates(value: unknown): unknown {
  if (value instanceof Date) return value.toISOString()
  if (Array.isArray(value)) return value.map(withoutDates)
  if (!isDictionary(value)) return value
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, withoutDates(each)]))
}
