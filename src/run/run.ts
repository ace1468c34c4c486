import { mkdirSync, renameSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { writeNewFile } from '../host/atomic-file.ts'
import { releaseClaim, tryClaim } from '../host/claim.ts'
import { proposePort } from '../host/port.ts'
import { randomName } from '../host/secret.ts'
import { chooseSocketDirectory } from '../host/socket-directory.ts'
import { stateDirectory } from '../host/state-directory.ts'
import { LeftBehindError } from '../kernel/errors.ts'
import { ownIdentity } from '../process/identity.ts'
import type { RunMarks } from '../process/marks.ts'
import { terminate } from '../process/termination.ts'
import { Guardian } from './guardian.ts'
import { Journal, type Resource } from './journal.ts'
import { runPaths, unfinishedRun } from './run-paths.ts'
import { instanceVariable, type RunRecord, runMarks, runVariable } from './run-record.ts'
import { sweep } from './sweep.ts'

const idLength = 20
const portAttempts = 20

/** Something made on the record of a run; `release` removes it and records that. */
export interface Recorded<T> {
  readonly value: T
  release(): Promise<void>
}

/**
 * Everything that one process holds, on record: what is about to be made is journaled first, so that the guardian, or
 * any later sweep, can remove it whatever happens to the holder.
 */
export class Run {
  readonly id: string
  readonly directory: string
  readonly stateDirectory: string
  readonly #guardian: Guardian
  readonly #journal: Journal
  #instances = 0

  /** The guardian is armed before the directory exists, so that no instant is unguarded. */
  constructor(state: string) {
    this.id = randomName(idLength)
    this.stateDirectory = state
    this.#guardian = new Guardian(this.id, state)
    try {
      this.directory = createRunDirectory(state, this.id)
      this.#journal = new Journal(runPaths.journal(this.directory))
    } catch (thrown) {
      // The guardian removes what there is of the directory.
      this.#guardian.abandon()
      throw thrown
    }
  }

  get marks(): RunMarks {
    return runMarks(this.id, [this.directory])
  }

  /** A directory for one instance of a service, and the marks of all that it will start. */
  createInstance(label: string): { directory: string; marks: RunMarks; environment: Record<string, string> } {
    const name = `${label.toLowerCase()}-${++this.#instances}`
    const directory = join(this.directory, name)
    mkdirSync(directory, { mode: 0o700 })
    const mark = `${this.id}.${name}`
    return {
      directory,
      marks: { variable: `${instanceVariable}=${mark}`, directories: [directory] },
      environment: { [runVariable]: this.id, [instanceVariable]: mark },
    }
  }

  /** Records a resource before it is made; the function given records that it is gone. */
  record(resource: Resource): () => void {
    const id = this.#journal.intend(resource)
    return () => this.#journal.end(id)
  }

  /** A TCP port of 127.0.0.1 that no other run has, and on which nothing listened a moment ago. */
  async claimPort(): Promise<Recorded<number>> {
    for (let attempt = 0; attempt < portAttempts; attempt++) {
      const port = await proposePort()
      const claim = this.tryClaim(`port-${port}`)
      if (claim) return { value: port, release: claim.release }
    }
    throw new LeftBehindError(`no free port in ${portAttempts} attempts`, [
      `claims in ${runPaths.claims(this.stateDirectory)}`,
    ])
  }

  /** Takes a name of which only one holder may have it; `undefined` when another run has it. */
  tryClaim(name: string): Recorded<string> | undefined {
    const path = join(runPaths.claims(this.stateDirectory), name)
    const ended = this.record({ kind: 'claim', path })
    if (!tryClaim(path, this.id)) {
      ended()
      return undefined
    }
    const release = async (): Promise<void> => {
      releaseClaim(path, this.id)
      ended()
    }
    return { value: path, release }
  }

  /** A new directory, mode 0700, with a path short enough for sockets; it lies outside the run's own. */
  async createSocketDirectory(longestSocketName: number): Promise<Recorded<string>> {
    return this.createDirectory(chooseSocketDirectory(longestSocketName))
  }

  /** A new directory, mode 0700, at a path outside the run's own that must not exist yet. */
  async createDirectory(path: string): Promise<Recorded<string>> {
    const ended = this.record({ kind: 'directory', path })
    try {
      mkdirSync(path, { mode: 0o700 })
    } catch (thrown) {
      // It is somebody else's then, and must not be removed on our record.
      ended()
      throw thrown
    }
    const release = async (): Promise<void> => {
      await rm(path, { recursive: true, force: true, maxRetries: 3 })
      ended()
    }
    return { value: path, release }
  }

  /**
   * Ends the run: verifies that no process of it is left, removes its directory, dismisses the guardian.
   *
   * @throws ERR_LEFT_BEHIND naming what could not be ended
   */
  async close(): Promise<void> {
    const left = await terminate({ leaders: [], marks: this.marks })
    this.#journal.close()
    await rm(this.directory, { recursive: true, force: true, maxRetries: 3 })
    this.#guardian.dismiss()
    if (left.length > 0)
      throw new LeftBehindError(
        `run ${this.id}`,
        left.map(({ pid }) => `process ${pid}`),
      )
  }
}

function createRunDirectory(state: string, id: string): string {
  const unfinished = unfinishedRun(state, id)
  const directory = join(runPaths.runs(state), id)
  const record: RunRecord = {
    id,
    uid: process.getuid?.() ?? 0,
    holder: ownIdentity(),
    createdAt: new Date().toISOString(),
  }
  mkdirSync(unfinished, { recursive: true, mode: 0o700 })
  writeNewFile(runPaths.record(unfinished), `${JSON.stringify(record, null, 2)}\n`)
  renameSync(unfinished, directory)
  return directory
}

let shared: Run | undefined
let users = 0

/** The run of this process, made by its first user and closed by its last. What dead holders left is swept first. */
export async function acquireRun(): Promise<Run> {
  const state = stateDirectory()
  if (!shared) await sweep(state)
  shared ??= new Run(state)
  users++
  return shared
}

/** @throws ERR_LEFT_BEHIND when the last user leaves and something cannot be removed */
export async function releaseRun(run: Run): Promise<void> {
  if (--users > 0) return
  shared = undefined
  await run.close()
}
