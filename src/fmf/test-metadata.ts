import { posix, relative, sep } from 'node:path'
import { parseDuration } from '../kernel/duration.ts'
import { ConfigError } from '../kernel/errors.ts'
import { typeName } from '../yaml/dictionary.ts'
import { type Variables, variablesOf } from './environment.ts'
import type { FmfNode } from './fmf-node.ts'
import { listOf, type Metadata, pythonText } from './metadata.ts'

/** The used part of a test's metadata. */
export interface TestMetadata {
  readonly name: string
  /** Script of the shell. */
  readonly test: string
  /** Directory of the test below the tree's root; empty for the root. */
  readonly directory: string
  readonly limitMs: number
  readonly environment: Variables
  /** Packages needed by the test. */
  readonly require: readonly string[]
  /** Packages installed as far as possible. */
  readonly recommend: readonly string[]
  readonly tags: readonly string[]
  /** Whether the test wants a terminal. */
  readonly tty: boolean
  readonly priority: number
  /** The whole metadata, for `TMT_TEST_METADATA`. */
  readonly data: Metadata
}

/** Limit of a test without a `duration`. */
const defaultDuration = '5m'

/** Whether the node is a test to run: with a script, enabled, and neither a manual test nor a story. */
export function isRunnable({ data }: FmfNode): boolean {
  return data.test !== undefined && data.enabled !== false && !data.manual && data.story === undefined
}

/**
 * Reads the metadata of a test.
 *
 * @throws ERR_CONFIG with the place of the attribute
 * @see https://tmt.readthedocs.io/en/stable/spec/tests.html
 */
export function testMetadata(node: FmfNode, root: string): TestMetadata {
  const { name, data } = node
  const whereOf = (key: string) => node.places.get(key) ?? name
  return {
    name,
    test: textOf(data.test, `${whereOf('test')}: test`),
    directory: directoryOf(node, root),
    limitMs: durationMs(data.duration ?? defaultDuration, whereOf('duration')),
    environment: variablesOf(data.environment, whereOf('environment')),
    require: packagesOf(data.require),
    recommend: packagesOf(data.recommend),
    tags: listOf(data.tag).map(pythonText),
    tty: data.tty === true,
    priority: priorityOf(data['extra-priority'], whereOf('extra-priority')),
    data,
  }
}

function textOf(value: unknown, where: string): string {
  if (typeof value === 'string') return value
  throw new ConfigError(`${where}: expected a text, but got ${typeName(value)}`)
}

/** The attribute `path` begins at the root. Default: the directory of the file with the test. */
function directoryOf({ data, places, directory }: FmfNode, root: string): string {
  if (data.path === undefined) return relative(root, directory).replaceAll(sep, '/')
  const path = textOf(data.path, `${places.get('path')}: path`)
  if (path.startsWith('/')) return posix.normalize(path).replaceAll(/^\/|\/$/g, '')
  throw new ConfigError(
    `${places.get('path')}: path: expected a path from the root of the tree, such as /tests, but got "${path}"`,
  )
}

/** Merging may leave parts without spaces between: `5m15m`, `5m*2`. The result is rounded up to seconds. */
function durationMs(value: unknown, where: string): number {
  const text = pythonText(value)
  const ms = parseDuration(text.replaceAll(/\*?\d+(?:\.\d+)?[smhd]?/g, ' $& '))
  if (ms === undefined || ms <= 0)
    throw new ConfigError(`${where}: duration: expected a duration such as 1h 30m, but got "${text}"`)
  return Math.ceil(ms / 1000) * 1000
}

/** Leaves out dictionaries: files and libraries of a test. The whole tree, with all files, is put on the machine. */
function packagesOf(value: unknown): string[] {
  return listOf(value).filter((item): item is string => typeof item === 'string')
}

function priorityOf(value: unknown, where: string): number {
  if (value === undefined || typeof value === 'number') return value ?? 0
  throw new ConfigError(`${where}: extra-priority: expected a number, but got ${typeName(value)}`)
}
