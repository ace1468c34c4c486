import { chmodSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { namesIn } from '../host/files/names-in.ts'
import { succeedsUnless } from '../kernel/value-unless.ts'
import { entriesLeft, type Look, pidsLeft, processesLeft } from './leftovers.ts'

/** Directories kept after a run on purpose: caches of Node, of `tsx`, and of prepared data. */
const kept = /^(tsx-\w+|node-compile-cache|test-services-cache-\w+)$/
/** Beginning of the names of case directories. */
export const contractNames = 'ts-contract-'
const sharedPrefix = 'test-services-open-'
/** All users may pass: the server may run as a different user. */
const passableMode = 0o711

/**
 * State directory and temporary directory of a case. While the case runs, this process makes all files in the two
 * directories, for the search for leftovers.
 */
export class CaseDirectory {
  readonly stateDirectory: string
  readonly temporaryDirectory: string
  /** Holds both, for further files of a case. */
  readonly directory: string
  readonly #root: string

  /** @param name name of the directory, for a test of odd paths */
  constructor(name = 'case') {
    this.#root = mkdtempSync(join(tmpdir(), contractNames))
    chmodSync(this.#root, passableMode)
    this.directory = join(this.#root, name)
    this.stateDirectory = join(this.directory, 'state')
    this.temporaryDirectory = join(this.directory, 'tmp')
    for (const path of [this.directory, this.temporaryDirectory]) mkdirSync(path, { mode: passableMode })
    mkdirSync(this.stateDirectory, { mode: 0o700 })
  }

  /** Variables for a process to use the two directories. */
  get environment(): Readonly<Record<string, string>> {
    return { LP_STATE_DIR: this.stateDirectory, TMPDIR: this.temporaryDirectory }
  }

  /** Uses the two directories in this process; returns how to go back. */
  enter(): () => void {
    const names = Object.keys(this.environment)
    const before = names.map((name) => [name, process.env[name]] as const)
    Object.assign(process.env, this.environment)
    return () => {
      for (const [name, value] of before) {
        if (value === undefined) delete process.env[name]
        else process.env[name] = value
      }
    }
  }

  /** Looks for leftovers, the cheapest look first. */
  get looks(): readonly Look[] {
    return [() => entriesLeft(this.stateDirectory), () => this.#filesLeft(), () => processesLeft(this.stateDirectory)]
  }

  /** Ends the processes left, and removes the directories. */
  remove(): void {
    for (const pid of pidsLeft(this.stateDirectory)) succeedsUnless(['ESRCH'], () => process.kill(pid, 'SIGKILL'))
    rmSync(this.#root, { recursive: true, force: true })
  }

  #filesLeft(): string[] {
    const names = namesIn(this.temporaryDirectory).filter((name) => !kept.test(name))
    const paths = names.map((name) => join(this.temporaryDirectory, name))
    return paths.flatMap((path) => (isShared(path) ? namesIn(path).map((name) => join(path, name)) : [path]))
  }
}

/** Whether a directory is shared by all runs of a user, and stays. */
function isShared(path: string): boolean {
  return basename(path).startsWith(sharedPrefix)
}
