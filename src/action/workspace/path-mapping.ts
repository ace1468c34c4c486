import { ConfigError } from '../../kernel/errors.ts'

/** Maps a path of a different machine to a path of this machine. */
export interface PathMappingRule {
  /** Syntax of the source path. Default: `POSIX`. */
  readonly format?: 'POSIX' | 'WINDOWS'
  readonly source: string
  readonly destination: string
}

/** The rules of a session, the longest source first. The first matching rule counts. */
export class PathMapping {
  readonly #rules: readonly PathMappingRule[]

  /** @throws ERR_CONFIG for a path that is not absolute */
  constructor(rules: readonly PathMappingRule[] = []) {
    this.#rules = sorted(rules)
  }

  /**
   * Maps a path by the first rule whose source equals or contains the path. Without a matching rule, returns the path
   * unchanged.
   */
  map(path: string): string {
    for (const rule of this.#rules) {
      const mapped = apply(rule, path)
      if (mapped !== undefined) return mapped
    }
    return path
  }
}

/**
 * Applies a rule; returns `undefined` when the rule does not match. Compares whole parts of the paths, for Windows
 * without regard to case.
 */
function apply(rule: PathMappingRule, path: string): string | undefined {
  const [source, parts] = [partsOf(rule, rule.source), partsOf(rule, path)]
  const isBelow = isAbsolute(rule, path) && source.every((part, index) => part.equal === parts[index]?.equal)
  if (!isBelow) return undefined
  const rest = parts.slice(source.length).map(({ text }) => text)
  const end = /[\\/]$/.test(path) && (rule.format === 'WINDOWS' || path.endsWith('/')) ? '/' : ''
  return `${[rule.destination.replace(/\/+$/, ''), ...rest].join('/') || '/'}${rest.length > 0 ? end : ''}`
}

function partsOf({ format }: PathMappingRule, path: string): { text: string; equal: string }[] {
  const isWindows = format === 'WINDOWS'
  const parts = path.split(isWindows ? /[\\/]/ : '/').filter((part) => part !== '' && part !== '.')
  return parts.map((text) => ({ text, equal: isWindows ? text.toLowerCase() : text }))
}

/**
 * Returns the rules as `pathmapping-1.0`, the longest source first, so that a reader may take the first match; `{}`
 * without rules.
 *
 * @throws ERR_CONFIG for a path that is not absolute
 * @see https://github.com/OpenJobDescription/openjd-specifications/wiki/How-Jobs-Are-Run#path-mapping
 */
export function pathMappingJson(rules: readonly PathMappingRule[]): string {
  if (rules.length === 0) return '{}'
  return JSON.stringify({
    version: 'pathmapping-1.0',
    path_mapping_rules: sorted(rules).map(({ format = 'POSIX', source, destination }) => ({
      source_path_format: format,
      source_path: source,
      destination_path: destination,
    })),
  })
}

/** Sorts by number of parts, as the reference implementation does: `/a/b` is longer than `/longname`. */
function sorted(rules: readonly PathMappingRule[]): PathMappingRule[] {
  rules.forEach(checkRule)
  const lengthOf = (rule: PathMappingRule): number => partsOf(rule, rule.source).length
  return rules.toSorted((one, other) => lengthOf(other) - lengthOf(one) || other.source.length - one.source.length)
}

function isAbsolute({ format }: PathMappingRule, path: string): boolean {
  return format === 'WINDOWS' ? /^([A-Za-z]:[\\/]|[\\/]{2})/.test(path) : path.startsWith('/')
}

function checkRule(rule: PathMappingRule, index: number): void {
  const { source, destination } = rule
  if (!isAbsolute(rule, source)) throw notAbsolute(index, 'source', source)
  if (!destination.startsWith('/')) throw notAbsolute(index, 'destination', destination)
}

function notAbsolute(index: number, key: string, path: string): ConfigError {
  return new ConfigError(`pathMappingRules.${index}.${key}: expected an absolute path, but got "${path}"`)
}
