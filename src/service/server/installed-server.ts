import { readdirSync, realpathSync, statSync } from 'node:fs'
import { basename, delimiter, dirname, join, resolve } from 'node:path'
import { valueUnless } from '../../kernel/value-unless.ts'
import { findExecutable } from '../../process/executable.ts'
import type { Candidate, Candidates } from './finding.ts'
import { versionOf } from './program-version.ts'
import type { ServerDescription } from './server-description.ts'

/** Directories of servers, often not on the PATH of an ordinary user or of an editor. */
const usualPlaces = [
  ...['/usr/local/sbin', '/usr/sbin', '/sbin'],
  ...['/opt/homebrew/bin', '/opt/homebrew/sbin'],
  ...['/home/linuxbrew/.linuxbrew/bin', '/home/linuxbrew/.linuxbrew/sbin'],
]

/** Finds installed servers: in the place named by `binaries`, or else on PATH and in the usual places. */
export function findInstalled(description: ServerDescription, binaries?: string, base = '.'): Candidates {
  const { programs = [], tools = [] } = description
  const search = binaries === undefined ? usualSearch(description) : namedSearch(binaries, programs, base)
  const found = distinct(search.directories.flatMap((directory) => programsIn(directory, search.programs)))
  if (found.length === 0) return { missing: `${search.programs.join(' or ')} ${search.where}` }
  const candidates = found.map((path) => candidateAt(path, description, search.directories))
  const complete = candidates.filter((candidate) => candidate.tools.size === tools.length)
  if (complete.length > 0) return complete
  const lacking = tools.filter((tool) => !candidates[0]?.tools.has(tool))
  return { missing: `${found[0]} is there, but ${lacking.join(' and ')} ${search.where}` }
}

interface Search {
  readonly programs: readonly string[]
  readonly directories: readonly string[]
  /** Text for a program in none of the directories. */
  readonly where: string
}

function usualSearch({ programs = [], places = [] }: ServerDescription): Search {
  const onPath = (process.env.PATH ?? '').split(delimiter).filter((directory) => directory.startsWith('/'))
  const directories = [...onPath, ...usualPlaces, ...places.flatMap(expand)]
  return { programs, directories, where: 'is not on PATH or in the usual places' }
}

/** Searches a directory, or takes a program and searches the tools on PATH as well. */
function namedSearch(binaries: string, programs: readonly string[], base: string): Search {
  const path = resolve(base, binaries)
  const where = `is not in ${path}, which "binaries" names`
  const isDirectory = valueUnless(['ENOENT', 'ENOTDIR', 'EACCES'], () => statSync(path).isDirectory()) ?? false
  if (isDirectory) return { programs, directories: [path, join(path, 'bin'), join(path, 'sbin')], where }
  const program = binaries.includes('/') ? path : (findExecutable(binaries) ?? path)
  const found = `is not ${binaries.includes('/') ? `at ${path}` : 'on PATH'}, as "binaries" says`
  return { programs: [basename(program)], directories: [dirname(program)], where: found }
}

function programsIn(directory: string, programs: readonly string[]): string[] {
  return programs.flatMap((program) => findExecutable(program, directory) ?? [])
}

/** Leaves out links to an earlier program: `/bin` is often a link to `/usr/bin`. */
function distinct(programs: readonly string[]): string[] {
  const byFile = new Map(programs.toReversed().map((program) => [realpathSync(program), program]))
  return [...byFile.values()].toReversed()
}

function candidateAt(path: string, description: ServerDescription, directories: readonly string[]): Candidate {
  const { tools = [] } = description
  const beside = [dirname(path), ...directories].join(delimiter)
  const found = tools.flatMap((tool) => {
    const toolPath = findExecutable(tool, beside) ?? findExecutable(tool)
    return toolPath === undefined ? [] : [[tool, toolPath] as const]
  })
  return { path, tools: new Map(found), askVersion: () => versionOf(path, description) }
}

/** Returns the directories for a place with `*`, the highest number first. */
function expand(place: string): string[] {
  const star = place.indexOf('*')
  if (star < 0) return [place]
  const start = place.lastIndexOf('/', star)
  const [, name = '', rest = ''] = /^([^/]*)(.*)$/s.exec(place.slice(start + 1)) ?? []
  const [head = '', tail = ''] = name.split('*')
  const names = valueUnless(['ENOENT', 'ENOTDIR', 'EACCES'], () => readdirSync(place.slice(0, start))) ?? []
  const matching = names.filter(
    (each) => each.startsWith(head) && each.endsWith(tail) && each.length >= head.length + tail.length,
  )
  const newestFirst = matching.sort((one, other) => other.localeCompare(one, 'en', { numeric: true }))
  return newestFirst.flatMap((each) => expand(`${place.slice(0, start)}/${each}${rest}`))
}
