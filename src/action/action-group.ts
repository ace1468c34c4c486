import { removeTree } from '../host/files/remove-tree.ts'
import { LeftBehindError } from '../kernel/errors.ts'
import { processExists } from '../kernel/process-exists.ts'
import { removeControlGroup } from '../process/control-group.ts'
import type { ProcessIdentity } from '../process/inspect/identity.ts'
import type { RunMarks } from '../process/marks.ts'
import type { OtherUser } from '../process/other-user.ts'
import { signalMain } from '../process/signals.ts'
// biome-ignore lint/style/noRestrictedImports: starts actions
import { type GatedCommand, type GatedProcess, spawnGated } from '../process/spawn-gate.ts'
import { immediateLadder, type StopLadder } from '../process/stop-ladder.ts'
import { findOrphans, findProcesses, type TerminationTarget, terminate } from '../process/termination.ts'
import type { Run } from '../run/run.ts'
import { instanceVariable } from '../run/run-record.ts'
import { type Account, otherUser } from './user/account.ts'
import { asUser, type RunAs } from './user/run-as.ts'

interface Held {
  readonly identity: ProcessIdentity
  /** Records in the journal that no process of the group is left. */
  readonly release: () => void
}

export interface ActionGroupOptions {
  /** Name for messages and the record: letters, digits, "-" and "_". */
  readonly label: string
  /** User for running the actions. Default: the present user. */
  readonly account?: Account | undefined
  /**
   * Directories that mark processes: a working directory or standard stream below makes a process part of the group.
   */
  readonly directories?: readonly string[]
  /**
   * Saves the time for a control group, and for a look at all processes when a process ends: whoever makes the group
   * looks later, by the mark. Default: `false`.
   */
  readonly isLight?: boolean
}

/** A command to start, and the user to start the command as. */
export interface GroupCommand extends Omit<GatedCommand, 'user'> {
  readonly runAs?: RunAs | undefined
}

/**
 * Processes started by the actions of one environment, or of one task. Each process is on record before starting. All
 * end together, so that processes left running by an environment's entering live until its exit.
 */
export class ActionGroup {
  readonly label: string
  readonly #run: Run
  readonly #user: OtherUser | undefined
  readonly #marks: RunMarks
  readonly #markVariables: Readonly<Record<string, string>>
  /** Directory for our own files, such as a log, apart from the actions' files; removed at the end. */
  readonly directory: string
  #held: Held[] = []
  #seen: ProcessIdentity[] = []
  readonly #isLight: boolean
  /** Whether every process has joined the control group. */
  #isGrouped = true

  constructor(run: Run, { label, account, directories = [], isLight = false }: ActionGroupOptions) {
    const { directory, marks: all, environment } = run.createInstance(label)
    const { controlGroup, ...others } = all
    const marks = isLight ? others : { ...others, controlGroup }
    const user = otherUser(account)
    this.#isLight = isLight
    this.label = label
    this.#run = run
    this.#user = user
    this.#marks = { ...marks, directories: [...marks.directories, ...directories], users: user ? [user] : [] }
    this.#markVariables = environment
    this.directory = directory
  }

  /**
   * Starts a process that belongs to the group.
   *
   * @param ladder how the guardian ends the process if this process dies
   * @param check called just before the process begins
   * @throws ERR_COMMAND when the system cannot start the process; errors of `asUser` and of `check`
   */
  async spawn({ runAs, ...plain }: GroupCommand, ladder: StopLadder, check: () => void): Promise<GatedProcess> {
    const { controlGroup } = this.#marks
    const command = { ...plain, controlGroup, environment: { ...plain.environment, ...this.#markVariables } }
    const spawned = { ...command, ...(runAs && asUser(command, runAs)) }
    const gated = await spawnGated(spawned, (identity) => {
      check()
      const release = this.#run.record({ kind: 'process', label: this.label, identity, ladder, user: this.#user })
      this.#held.push({ identity, release })
    })
    this.#isGrouped &&= await gated.isGrouped
    if (!this.#isGrouped) this.#run.noteUngrouped()
    const exited = gated.exited.then((ended) => {
      if (!this.#isLight || this.#hasMembers) this.#seen.push(...findOrphans(gated.identity))
      return ended
    })
    return { ...gated, exited }
  }

  /** Whether a process is seen without a look at all processes: in a process group of ours, or on a list. */
  get hasKnownProcesses(): boolean {
    return this.#seen.length > 0 || this.#hasMembers
  }

  get #hasMembers(): boolean {
    return this.#held.some(({ identity: { pid } }) => processExists(-pid))
  }

  /** Value of the variable that marks each process of the group. */
  get instance(): string {
    return this.#marks.variable.slice(instanceVariable.length + 1)
  }

  /** Ends the record of a group without processes. */
  async forget(): Promise<void> {
    this.#releaseAll()
    await removeTree(this.directory)
  }

  /** Signals the started process alone, not the process group. */
  signal({ identity }: GatedProcess, name: NodeJS.Signals): void {
    signalMain(identity, name, this.#user)
  }

  /** Returns the running processes of the group. */
  findProcesses(): ProcessIdentity[] {
    return findProcesses(this.#targetWith(immediateLadder))
  }

  #targetWith(ladder: StopLadder): TerminationTarget {
    const leaders = this.#held.map(({ identity }) => ({ identity, ladder }))
    return { leaders, marks: this.#marks, seen: this.#seen, isGrouped: this.#isGrouped }
  }

  /**
   * Kills all processes of the group: groups, processes that carry the mark, and their descendants.
   *
   * @param ladder what to try first. Default: nothing
   * @param forceSignal skips to the kill
   * @throws ERR_LEFT_BEHIND
   */
  async kill(ladder: StopLadder = immediateLadder, forceSignal?: AbortSignal): Promise<void> {
    const left = await terminate(this.#targetWith(ladder), forceSignal)
    if (left.length > 0) {
      const names = left.map(({ pid }) => `process ${pid}`)
      throw new LeftBehindError(this.label, names)
    }
    this.#releaseAll()
  }

  #releaseAll(): void {
    for (const { release } of this.#held) release()
    this.#held = []
    this.#seen = []
  }

  /** Kills all processes, then removes the group's directory and control group. */
  async end(): Promise<void> {
    await this.kill()
    await removeTree(this.directory)
    if (this.#marks.controlGroup) await removeControlGroup(this.#marks.controlGroup)
  }
}
