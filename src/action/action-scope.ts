import { rm } from 'node:fs/promises'
import { LeftBehindError } from '../kernel/errors.ts'
import type { ProcessIdentity } from '../process/identity.ts'
import type { RunMarks } from '../process/marks.ts'
import { type GatedCommand, type GatedProcess, spawnGated } from '../process/spawn-gate.ts'
import { immediateLadder, type StopLadder } from '../process/stop-ladder.ts'
import { findOrphans, terminate } from '../process/termination.ts'
import type { Run } from '../run/run.ts'

interface Held {
  readonly identity: ProcessIdentity
  /** Records that nothing of it is left. */
  readonly release: () => void
}

/**
 * What the actions of one environment, or of one task, start: on record before it begins, and ended together, so that
 * what entering an environment leaves running stays until it is exited.
 */
export class ActionScope {
  readonly label: string
  readonly #run: Run
  readonly #marks: RunMarks
  readonly #markVariables: Readonly<Record<string, string>>
  /** For what is ours beside the actions' own files, such as a log; removed at the end. */
  readonly directory: string
  #held: Held[] = []
  #seen: ProcessIdentity[] = []

  /**
   * @param label names what is held, in letters, digits, "-" and "_"
   * @param directories what stands in one of them is the scope's as well
   */
  constructor(run: Run, label: string, directories: readonly string[] = []) {
    const { directory, marks, environment } = run.createInstance(label)
    this.label = label
    this.#run = run
    this.#marks = { ...marks, directories: [...marks.directories, ...directories] }
    this.#markVariables = environment
    this.directory = directory
  }

  /**
   * Starts a process that belongs to the scope.
   *
   * @param ladder how the guardian ends it, should this process die
   * @throws ERR_COMMAND when the system starts no process; what `check`, called just before it begins, throws
   */
  async spawn(command: GatedCommand, ladder: StopLadder, check: () => void): Promise<GatedProcess> {
    const environment = { ...command.environment, ...this.#markVariables }
    const gated = await spawnGated({ ...command, environment }, (identity) => {
      check()
      const release = this.#run.record({ kind: 'process', label: this.label, identity, ladder })
      this.#held.push({ identity, release })
    })
    const exited = gated.exited.then((ended) => {
      this.#seen.push(...findOrphans(gated.identity))
      return ended
    })
    return { ...gated, exited }
  }

  /** Kills all of it at once: groups, what carries the mark, and their descendants. @throws ERR_LEFT_BEHIND */
  async kill(): Promise<void> {
    const leaders = this.#held.map(({ identity }) => ({ identity, ladder: immediateLadder }))
    const left = await terminate({ leaders, marks: this.#marks, seen: this.#seen })
    if (left.length > 0) {
      const names = left.map(({ pid }) => `process ${pid}`)
      throw new LeftBehindError(this.label, names)
    }
    for (const { release } of this.#held) release()
    this.#held = []
    this.#seen = []
  }

  /** The same, and forgets the scope's place in the run. */
  async end(): Promise<void> {
    await this.kill()
    await rm(this.directory, { recursive: true, force: true, maxRetries: 3 })
  }
}
