import { mkdirSync, renameSync, rmSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { releaseClaim, tryClaim } from '../host/claim.ts'
import { writeNewFile } from '../host/files/atomic-file.ts'
import { unusableTemporaryDirectory } from '../host/files/temporary-directory.ts'
import { proposePort } from '../host/port.ts'
import { randomName } from '../host/secret.ts'
import { chooseSocketDirectory } from '../host/socket-directory.ts'
import type { UnprivilegedAccount } from '../host/unprivileged.ts'
import { asError, hasCode, LeftBehindError, StateDirectoryError, TestServicesError } from '../kernel/errors.ts'
import { lazy } from '../kernel/lazy.ts'
import { ownCommand } from '../kernel/own-command.ts'
import { ownIdentity } from '../process/inspect/identity.ts'
import { PidInstant } from '../process/inspect/younger.ts'
import type { RunMarks } from '../process/marks.ts'
import type { OtherUser } from '../process/other-user.ts'
import { makeDirectory, removeDirectory } from './directory.ts'
import { Guardian } from './guardian.ts'
import { Journal, type Resource, readJournal } from './journal.ts'
import { reclaimAll } from './reclaim.ts'
import { discardRun, runPaths, unfinishedRun } from './run-paths.ts'
import { createRunRecord, instanceVariable, type RunRecord, runMarks, runVariable } from './run-record.ts'

const idLength = 20
const portAttempts = 20

/** A resource on the record of a run; `release` removes the resource and records the removal. */
export interface RecordedResource<T> {
  readonly value: T
  release(): Promise<void>
}

/**
 * All resources of one process, on record. A resource is journaled before it is made, so that the guardian, or any
 * later sweep, can remove the resource if the holder dies.
 */
export class Run {
  readonly id: string
  readonly directory: string
  readonly stateDirectory: string
  readonly #begin = new PidInstant()
  /** The guardian is the first process of the run. In some containers the system gives numbers of the host instead. */
  readonly #since = lazy(() =>
    this.#begin.youngerPids()?.includes(this.#guardian.pid ?? -1) ? this.#begin : undefined,
  )
  readonly #guardian: Guardian
  readonly #journal: Journal
  readonly #directories = new Set<string>()
  readonly #runRecord: RunRecord
  #instances = 0
  #isGrouped = true

  /**
   * Arms the guardian before the directory exists, so that no instant is unguarded.
   *
   * @throws ERR_STATE_DIRECTORY if the disk is full or not writable; nothing has been made then
   */
  constructor(state: string) {
    this.#runRecord = createRunRecord(randomName(idLength))
    this.id = this.#runRecord.id
    this.stateDirectory = state
    this.#guardian = new Guardian(this.#runRecord, state)
    try {
      this.directory = createRunDirectory(state, this.#runRecord)
      this.#journal = new Journal(runPaths.journal(this.directory))
    } catch (thrown) {
      for (const made of [unfinishedRun(state, this.id), join(runPaths.runs(state), this.id)])
        rmSync(made, { recursive: true, force: true })
      void this.#guardian.dismiss()
      throw cannotRecord(state, asError(thrown))
    }
  }

  get marks(): RunMarks {
    return { ...runMarks(this.#runRecord, [this.directory, ...this.#directories]), since: this.#since() }
  }

  /**
   * Makes a directory for one instance of a service; returns the marks of the instance's processes.
   */
  createInstance(label: string): { directory: string; marks: RunMarks; environment: Record<string, string> } {
    const name = `${label.toLowerCase()}-${++this.#instances}`
    const directory = join(this.directory, name)
    mkdirSync(directory, { mode: 0o700 })
    const mark = `${this.id}.${name}`
    const controlGroup = this.#runRecord.controlGroup && join(this.#runRecord.controlGroup, name)
    return {
      directory,
      marks: {
        variable: `${instanceVariable}=${mark}`,
        directories: [directory],
        controlGroup,
        holder: ownIdentity(),
        since: this.#since(),
      },
      environment: { [runVariable]: this.id, [instanceVariable]: mark },
    }
  }

  /** Records a resource before it is made; the returned function records that the resource is gone. */
  record(resource: Resource): () => void {
    const id = this.#journal.intend(resource)
    return () => this.#journal.end(id)
  }

  /** Notes that a process of the run was not seen to join its control group. */
  noteUngrouped(): void {
    this.#isGrouped = false
  }

  /** Claims a TCP port of 127.0.0.1 for this run alone. The port was free a moment ago. */
  async claimPort(): Promise<RecordedResource<number>> {
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

  /** Takes a name for this run alone; returns `undefined` if a different run has the name. */
  tryClaim(name: string): RecordedResource<string> | undefined {
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

  /** Makes a directory outside the run's own, mode 0700, with a path short enough for sockets. */
  async createSocketDirectory(
    longestSocketName: number,
    account?: UnprivilegedAccount,
  ): Promise<RecordedResource<string>> {
    const path = chooseSocketDirectory(longestSocketName, account)
    return this.createDirectory(path).catch((thrown) => {
      throw hasCode(thrown, 'EEXIST', 'ENOSPC', 'EDQUOT') ? thrown : unusableTemporaryDirectory(dirname(path), thrown)
    })
  }

  /**
   * Makes a directory outside the run's own; the path must not exist yet.
   *
   * @param user owner of the directory, if we can act as the owner only through `sudo`
   */
  async createDirectory(place: string, mode = 0o700, user?: OtherUser): Promise<RecordedResource<string>> {
    const directory = { path: resolve(place), user }
    const intended = this.record({ kind: 'intended-directory', ...directory })
    try {
      await makeDirectory(directory, mode)
    } catch (thrown) {
      // The directory at this path is not ours then.
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
   * Ends the run: removes the resources still on record, verifies that no process of the run is left, removes the run's
   * directory, dismisses the guardian. If a removal fails, record and guardian stay: call `close` again, or leave the
   * rest to the guardian.
   *
   * @throws ERR_LEFT_BEHIND naming the resources that could not be removed
   */
  async close(): Promise<void> {
    const resources = readJournal(runPaths.journal(this.directory))
    const left = await reclaimAll({ runId: this.id, marks: this.marks, resources, isGrouped: this.#isGrouped })
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
  // A sweep claims the run by moving it into this directory, which a sweep could not make on a disk that is full by
  // then.
  mkdirSync(runPaths.reaping(state), { recursive: true, mode: 0o700 })
  writeNewFile(runPaths.record(unfinished), `${JSON.stringify(record, null, 2)}\n`)
  renameSync(unfinished, directory)
  return directory
}

function cannotRecord(state: string, cause: Error): StateDirectoryError {
  const what = `cannot record a run in ${state}, and nothing is started without: ${cause.message}`
  return new StateDirectoryError(`${what}; make room there, or set LP_STATE_DIR to another directory`, { cause })
}
