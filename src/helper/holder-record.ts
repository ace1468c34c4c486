import { createHash } from 'node:crypto'
import { existsSync, readFileSync, realpathSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import type { FilesFrom } from '../config/newer-files.ts'
import { writeFileAtomically } from '../host/atomic-file.ts'
import { namesIn } from '../host/names-in.ts'
import { hasCode } from '../kernel/errors.ts'
import { isAlive, type ProcessIdentity } from '../process/identity.ts'
import { runPaths } from '../run/run-paths.ts'
import { readRunRecord } from '../run/run-record.ts'

/** One service of a holder, as others may see it. */
export interface HeldService {
  readonly name: string
  readonly label: string
  readonly kind: string
  readonly pid: number | undefined
  readonly url: string | undefined
  readonly logFile: string
  /** When it became ready. */
  readonly readyAt: string
}

/** What a holder was started with: a second one that asks for something else is told so. */
export interface Origin {
  /** The services that are meant where none is named. */
  readonly offered: readonly string[]
  /** The prefix that is meant where none is named. */
  readonly prefix: string
  readonly profile?: string | undefined
  /** What the held services are made of, and take up only when they are stopped and started: templates. */
  readonly files: FilesFrom
  /** Digest of the config file, where there is one. */
  readonly configDigest?: string | undefined
}

/** `holder.json` of a run: what is held there. Any process of the same user can read it, without a lock. */
export interface HolderRecord {
  /** `helper`: also a foreground command. What an `exec` holds is its command's alone, and found by that only. */
  readonly kind: 'helper' | 'exec'
  readonly origin: Origin
  readonly project: string
  readonly name: string
  readonly prefix: string
  readonly state: 'starting' | 'ready' | 'stopping'
  readonly startedAt: string
  readonly controlSocket: string
  readonly variables: Readonly<Record<string, string>>
  /** The services that are up. */
  readonly services: readonly HeldService[]
  /** The names of the services that are coming up. */
  readonly starting: readonly string[]
}

/** A record, and the process that wrote it. */
export interface Holder extends HolderRecord {
  readonly identity: ProcessIdentity
  readonly runDirectory: string
}

const fileName = 'holder.json'

export function writeHolderRecord(runDirectory: string, record: HolderRecord): void {
  writeFileAtomically(join(runDirectory, fileName), `${JSON.stringify(record, null, 2)}\n`)
}

/**
 * Path that identifies a project, the same through every symbolic link to its directory. A link to the config file
 * itself is kept: several projects may have links to one config, whose relative paths start where the link is.
 */
export function projectPath(path: string): string {
  return existsSync(dirname(path)) ? join(realpathSync(dirname(path)), basename(path)) : path
}

/** Digest of a project's config file; `undefined` where the project is a directory without one. */
export function configDigest(project: string): string | undefined {
  try {
    return createHash('sha256').update(readFileSync(project)).digest('hex')
  } catch (thrown) {
    if (hasCode(thrown, 'EISDIR', 'ENOENT')) return undefined
    throw thrown
  }
}

/** The claim that keeps a second holder of the same project and name away. */
export function holderClaim(project: string, name: string): string {
  return `holder-${createHash('sha256').update(`${project}\0${name}`).digest('hex').slice(0, 20)}`
}

/** Whether a holder is the helper of this project and name, of which there is one at a time. */
export function isHeldAs(project: string, name: string): (holder: Holder) => boolean {
  return (holder) => holder.kind !== 'exec' && holder.project === project && holder.name === name
}

/** Every living helper of this user, and every command in the foreground. */
export function listHelpers(stateDirectory: string): Holder[] {
  return listHolders(stateDirectory).filter(({ kind }) => kind !== 'exec')
}

/** Every living holder of this user, those of `exec` as well. */
export function listHolders(stateDirectory: string): Holder[] {
  const runs = runPaths.runs(stateDirectory)
  return namesIn(runs).flatMap((name) => readHolder(join(runs, name)) ?? [])
}

function readHolder(runDirectory: string): Holder | undefined {
  const run = readRunRecord(runDirectory)
  if (run === undefined || run === 'damaged' || !isAlive(run.holder)) return undefined
  const text = readIfThere(join(runDirectory, fileName))
  return text === undefined ? undefined : parseHolder(text, { identity: run.holder, runDirectory })
}

/** Returns `undefined` for a record that is no JSON: its holder could be neither asked nor shown. */
function parseHolder(text: string, found: Pick<Holder, 'identity' | 'runDirectory'>): Holder | undefined {
  try {
    return { ...(JSON.parse(text) as HolderRecord), ...found }
  } catch (thrown) {
    if (thrown instanceof SyntaxError) return undefined
    throw thrown
  }
}

function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch (thrown) {
    if (hasCode(thrown, 'ENOENT')) return undefined
    throw thrown
  }
}
