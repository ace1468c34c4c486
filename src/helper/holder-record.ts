import { createHash } from 'node:crypto'
import { existsSync, readFileSync, realpathSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import type { FilesFrom } from '../config/newer-files.ts'
import { writeFileAtomically } from '../host/files/atomic-file.ts'
import { namesIn } from '../host/files/names-in.ts'
import { parseJson } from '../kernel/parse-json.ts'
import { valueUnless } from '../kernel/value-unless.ts'
import { isAlive, type ProcessIdentity } from '../process/inspect/identity.ts'
import { runPaths } from '../run/run-paths.ts'
import { readRunRecord } from '../run/run-record.ts'

/** The public view of a holder's service. */
export interface HeldService {
  readonly name: string
  readonly label: string
  readonly kind: string
  readonly pid: number | undefined
  readonly url: string | undefined
  readonly logFile: string
  /** Time at which the service became ready. */
  readonly readyAt: string
}

/** Settings with which a holder was started; a second start with different settings is refused with the difference. */
export interface Origin {
  /** Default services, if the command names none. */
  readonly offered: readonly string[]
  /** Default prefix, if the command sets none. */
  readonly prefix: string
  readonly profile?: string | undefined
  /** Files read by the held services only at their start: templates, for example. */
  readonly files: FilesFrom
  /** Digest of the config file, if there is a config file. */
  readonly configDigest?: string | undefined
}

/**
 * `holder.json` of a run: the services held by the run. Any process of the same user can read the file without a lock.
 */
export interface HolderRecord {
  /** `helper`: a helper or a foreground command. `exec`: only the command of the `exec` finds and uses the services. */
  readonly kind: 'helper' | 'exec'
  readonly origin: Origin
  readonly project: string
  readonly name: string
  readonly prefix: string
  readonly state: 'starting' | 'ready' | 'stopping'
  readonly startedAt: string
  readonly controlSocket: string
  readonly variables: Readonly<Record<string, string>>
  /** Services that are up. */
  readonly services: readonly HeldService[]
  /** Names of the services that are starting. */
  readonly starting: readonly string[]
}

/** A record with the process that wrote the record. */
export interface Holder extends HolderRecord {
  readonly identity: ProcessIdentity
  readonly runDirectory: string
}

export function writeHolderRecord(runDirectory: string, record: HolderRecord): void {
  writeFileAtomically(runPaths.holder(runDirectory), `${JSON.stringify(record, null, 2)}\n`)
}

/**
 * Path that identifies a project, the same through every symbolic link to its directory. A link to the config file
 * itself is kept: several projects may have links to one config, whose relative paths start at the directory of the
 * link.
 */
export function projectPath(path: string): string {
  return existsSync(dirname(path)) ? join(realpathSync(dirname(path)), basename(path)) : path
}

/** Digest of a project's config file; `undefined` if the project is a directory without a config file. */
export function configDigest(project: string): string | undefined {
  const config = valueUnless(['EISDIR', 'ENOENT'], () => readFileSync(project))
  return config && createHash('sha256').update(config).digest('hex')
}

/** Name of the claim that keeps a second holder of the same project and name away. */
export function holderClaim(project: string, name: string): string {
  return `holder-${createHash('sha256').update(`${project}\0${name}`).digest('hex').slice(0, 20)}`
}

/** Whether a holder is the only helper of this project and name. */
export function isHeldAs(project: string, name: string): (holder: Holder) => boolean {
  return (holder) => holder.kind !== 'exec' && holder.project === project && holder.name === name
}

/** Returns every living helper of this user, and every foreground command. */
export function listHelpers(stateDirectory: string): Holder[] {
  return listHolders(stateDirectory).filter(({ kind }) => kind !== 'exec')
}

/** Returns every living holder of this user, including `exec`. */
export function listHolders(stateDirectory: string): Holder[] {
  const runs = runPaths.runs(stateDirectory)
  return namesIn(runs).flatMap((name) => readHolder(join(runs, name)) ?? [])
}

function readHolder(runDirectory: string): Holder | undefined {
  const run = readRunRecord(runDirectory)
  if (run === undefined || run === 'damaged' || !isAlive(run.holder)) return undefined
  const text = valueUnless(['ENOENT'], () => readFileSync(runPaths.holder(runDirectory), 'utf8')) ?? ''
  // Without a readable record, a holder can be neither asked nor shown.
  const record = parseJson(text) as HolderRecord | undefined
  return record && { ...record, identity: run.holder, runDirectory }
}
