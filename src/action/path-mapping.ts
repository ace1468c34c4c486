import { ConfigError } from '../kernel/errors.ts'

/** Where something that an action knows by another machine's path is on this one. */
export interface PathMappingRule {
  /** How the source is written. Default: `POSIX`. */
  readonly format?: 'POSIX' | 'WINDOWS'
  readonly source: string
  readonly destination: string
}

/**
 * The rules as `pathmapping-1.0`, the longest source first, so that a reader may take the first that fits; `{}` when
 * there are none.
 *
 * @throws ERR_CONFIG for a path that is not absolute
 * @see https://github.com/OpenJobDescription/openjd-specifications/wiki/How-Jobs-Are-Run#path-mapping
 */
export function pathMappingJson(rules: readonly PathMappingRule[]): string {
  if (rules.length === 0) return '{}'
  rules.forEach(checkRule)
  const sorted = rules.toSorted(
    (one, other) => lengthOf(other) - lengthOf(one) || other.source.length - one.source.length,
  )
  return JSON.stringify({
    version: 'pathmapping-1.0',
    path_mapping_rules: sorted.map(({ format = 'POSIX', source, destination }) => ({
      source_path_format: format,
      source_path: source,
      destination_path: destination,
    })),
  })
}

/** By parts, as the reference does: `/a/b` is longer than `/longname`. */
function lengthOf({ source, format }: PathMappingRule): number {
  return source.split(format === 'WINDOWS' ? /[\\/]/ : '/').filter(Boolean).length
}

function checkRule({ format = 'POSIX', source, destination }: PathMappingRule, index: number): void {
  const isAbsolute = format === 'WINDOWS' ? /^([A-Za-z]:[\\/]|\\\\)/.test(source) : source.startsWith('/')
  if (!isAbsolute) throw notAbsolute(index, 'source', source)
  if (!destination.startsWith('/')) throw notAbsolute(index, 'destination', destination)
}

function notAbsolute(index: number, key: string, path: string): ConfigError {
  return new ConfigError(`pathMappingRules.${index}.${key}: expected an absolute path, but got "${path}"`)
}
