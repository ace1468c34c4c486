import { mkdirSync, renameSync, rmSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { writeNewFile } from '../host/atomic-file.ts'
import { releaseClaim, tryClaim } from '../host/claim.ts'
import { proposePort } from '../host/port.ts'
import { randomName } from '../host/secret.ts'
import { chooseSocketDirectory } from '../host/socket-directory.ts'
import { stateDirectory } from '../host/state-directory.ts'
import { unusableTemporaryDirectory } from '../host/temporary-directory.ts'
import type { UnprivilegedAccount } from '../host/unprivileged.ts'
import { asError, hasCode, LeftBehindError, StateDirectoryError, TestServicesError } from '../kernel/errors.ts'
import { ownCommand } from '../kernel/own-command.ts'
import { makeControlGroup } from '../process/control-group.ts'
import { ownIdentity } from '../process/identity.ts'
import type { RunMarks } from '../process/marks.ts'
import type { SudoUser } from '../process/sudo.ts'
import { makeDirectory, removeDirectory } from './directory.ts'
import { Guardian } from './guardian.ts'
import { Journal, type Resource, readJournal } from './journal.ts'
import { discardRun, runPaths, unfinishedRun } from './run-paths.ts'
import { createRunRecord, instanceVariable, type RunRecord, runMarks, runVariable } from './run-record.ts'
import { sweep } from './sweep.ts'
import { undoAll } from './undo.ts'
import { requireUndoModule } from './undo-module.ts'

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
  readonly #directories = new Set<string>()
  readonly #runRecord: RunRecord
  #instances = 0

  /**
   * The guardian is armed before the directory exists, so that no instant is unguarded.
   *
   * @throws ERR_STATE_DIRECTORY when the disk is full or cannot be written to; nothing has been made then
   */
  constructor(state: string) {
    this.#runRecord = createRunRecord(randomName(idLength))
    this.id = this.#runRecord.id
    this.stateDirectory = state
    this.#guardian = new Guardian(this.#runRecord, state)
    try {
      this.directory = createRunDirectory(state, this.#runRecord)
      this.#journal = new Journal(runPaths.journal(this.directory))
      if (this.#runRecord.controlGroup) makeControlGroup(this.#runRecord.controlGroup)
    } catch (thrown) {
      for (const made of [unfinishedRun(state, this.id), join(runPaths.runs(state), this.id)])
        rmSync(made, { recursive: true, force: true })
      void this.#guardian.dismiss()
      throw cannotRecord(state, asError(thrown))
    }
  }

  get marks(): RunMarks {
    return runMarks(this.#runRecord, [this.directory, ...this.#directories])
  }

  /** A directory for one instance of a service, and the marks of all that it will start. */
  createInstance(label: string): { directory: string; marks: RunMarks; environment: Record<string, string> } {
    const name = `${label.toLowerCase()}-${++this.#instances}`
    const directory = join(this.directory, name)
    mkdirSync(directory, { mode: 0o700 })
    const mark = `${this.id}.${name}`
    const controlGroup = this.#runRecord.controlGroup && join(this.#runRecord.controlGroup, name)
    if (controlGroup) makeControlGroup(controlGroup)
    return {
      directory,
      marks: { variable: `${instanceVariable}=${mark}`, directories: [directory], controlGroup, since: ownIdentity() },
      environment: { [runVariable]: this.id, [instanceVariable]: mark },
    }
  }

  /**
   * Records a resource before it is made; the function given records that it is gone.
   *
   * @throws ERR_CONFIG when the module that is to undo it is not there
   */
  record(resource: Resource): () => void {
    if (resource.kind === 'undo') requireUndoModule(resource)
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
    throw new TestServicesError(
      'ERR_PORT_TAKEN',
      `no free port in ${portAttempts} attempts: look for claims of dead runs in ` +
        `${runPaths.claims(this.stateDirectory)}, which "${ownCommand()} sweep" removes`,
    )
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
  async createSocketDirectory(longestSocketName: number, account?: UnprivilegedAccount): Promise<Recorded<string>> {
    const path = chooseSocketDirectory(longestSocketName, account)
    return this.createDirectory(path).catch((thrown) => {
      throw hasCode(thrown, 'EEXIST', 'ENOSPC', 'EDQUOT') ? thrown : unusableTemporaryDirectory(dirname(path), thrown)
    })
  }

  /**
   * A new directory at a path outside the run's own that must not exist yet.
   *
   * @param user whose it is to be, if it is somebody's as whom only `sudo` works
   */
  async createDirectory(place: string, mode = 0o700, user?: SudoUser): Promise<Recorded<string>> {
    const directory = { path: resolve(place), user }
    const intended = this.record({ kind: 'intended-directory', ...directory })
    try {
      await makeDirectory(directory, mode)
    } catch (thrown) {
      // It is somebody else's then.
      intended()
      throw thrown
    }
    const ended = this.record({ kind: 'directory', ...directory })
    intended()
    this.#directories.add(directory.path)
    const release = async (): Promise<void> => {
      await removeDirectory(directory)
      this.#directories.delete(directory.path)
      ended()
    }
    return { value: directory.path, release }
  }

  /**
   * Ends the run: removes what is still on record, verifies that no process of it is left, removes its directory,
   * dismisses the guardian. If something is left, record and guardian stay: call it again, or leave it to the guardian.
   *
   * @throws ERR_LEFT_BEHIND naming what could not be removed
   */
  async close(): Promise<void> {
    const resources = readJournal(runPaths.journal(this.directory))
    const left = await undoAll({ runId: this.id, marks: this.marks, resources })
    if (left.length > 0)
      throw new LeftBehindError(
        `run ${this.id}`,
        left.map(({ text }) => text),
      )
    this.#journal.close()
    await discardRun(this.stateDirectory, this.id, this.directory)
    await this.#guardian.dismiss()
  }
}

function createRunDirectory(state: string, record: RunRecord): string {
  const unfinished = unfinishedRun(state, record.id)
  const directory = join(runPaths.runs(state), record.id)
  mkdirSync(unfinished, { recursive: true, mode: 0o700 })
  // A sweep claims the run by moving it there: on a disk that has become full it could not make the directory.
  mkdirSync(runPaths.reaping(state), { recursive: true, mode: 0o700 })
  writeNewFile(runPaths.record(unfinished), `${JSON.stringify(record, null, 2)}\n`)
  renameSync(unfinished, directory)
  return directory
}

function cannotRecord(state: string, cause: Error): StateDirectoryError {
  const what = `cannot record a run in ${state}, and nothing is started without: ${cause.message}`
  return new StateDirectoryError(`${what}; make room there, or set LP_STATE_DIR to another directory`, { cause })
}

let starting: Promise<Run> | undefined
let users = 0

/** The run of this process, made by its first user and closed by its last. What dead holders left is swept first. */
export async function acquireRun(): Promise<Run> {
  users++
  starting ??= startRun()
  try {
    return await starting
  } catch (thrown) {
    leave()
    throw thrown
  }
}

async function startRun(): Promise<Run> {
  const state = stateDirectory()
  await sweep(state)
  return new Run(state)
}

/** Whether this was the last user; who comes next makes another run. */
function leave(): boolean {
  if (--users > 0) return false
  starting = undefined
  return true
}

/** @throws ERR_LEFT_BEHIND when the last user leaves and something cannot be removed */
export async function releaseRun(run: Run): Promise<void> {
  if (leave()) await run.close()
}
