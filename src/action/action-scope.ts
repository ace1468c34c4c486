import { removeTree } from '../host/remove-tree.ts'
import { LeftBehindError } from '../kernel/errors.ts'
import { removeControlGroup } from '../process/control-group.ts'
import type { ProcessIdentity } from '../process/identity.ts'
import type { RunMarks } from '../process/marks.ts'
import { signalMain } from '../process/signals.ts'
// biome-ignore lint/style/noRestrictedImports: starts actions
import { type GatedCommand, type GatedProcess, spawnGated } from '../process/spawn-gate.ts'
import { immediateLadder, type StopLadder } from '../process/stop-ladder.ts'
import type { SudoUser } from '../process/sudo.ts'
import { findOrphans, findProcesses, type Quarry, terminate } from '../process/termination.ts'
import type { Run } from '../run/run.ts'
import { type Account, sudoUser } from './account.ts'
import { type Becoming, become } from './become.ts'

interface Held {
  readonly identity: ProcessIdentity
  /** Records that nothing of it is left. */
  readonly release: () => void
}

export interface ActionScopeOptions {
  /** Names what is held, in letters, digits, "-" and "_". */
  readonly label: string
  /** As whom its actions run. Default: the present user. */
  readonly account?: Account | undefined
  /** What stands in one of them is the scope's as well. */
  readonly directories?: readonly string[]
}

/** What is started, and whose it is to be. */
export interface ScopeCommand extends Omit<GatedCommand, 'user'> {
  readonly becoming?: Becoming | undefined
}

/**
 * What the actions of one environment, or of one task, start: on record before it begins, and ended together, so that
 * what entering an environment leaves running stays until it is exited.
 */
export class ActionScope {
  readonly label: string
  readonly #run: Run
  readonly #user: SudoUser | undefined
  readonly #marks: RunMarks
  readonly #markVariables: Readonly<Record<string, string>>
  /** For what is ours beside the actions' own files, such as a log; removed at the end. */
  readonly directory: string
  #held: Held[] = []
  #seen: ProcessIdentity[] = []

  constructor(run: Run, { label, account, directories = [] }: ActionScopeOptions) {
    const { directory, marks, environment } = run.createInstance(label)
    const user = sudoUser(account)
    this.label = label
    this.#run = run
    this.#user = user
    this.#marks = { ...marks, directories: [...marks.directories, ...directories], users: user ? [user] : [] }
    this.#markVariables = environment
    this.directory = directory
  }

  /**
   * Starts a process that belongs to the scope.
   *
   * @param ladder how the guardian ends it, should this process die
   * @throws ERR_COMMAND when the system starts no process; what `become`, and `check`, called just before it begins, throw
   */
  async spawn({ becoming, ...plain }: ScopeCommand, ladder: StopLadder, check: () => void): Promise<GatedProcess> {
    const { controlGroup } = this.#marks
    const command = { ...plain, controlGroup, environment: { ...plain.environment, ...this.#markVariables } }
    const spawned = { ...command, ...(becoming && become(command, becoming)) }
    const gated = await spawnGated(spawned, (identity) => {
      check()
      const release = this.#run.record({ kind: 'process', label: this.label, identity, ladder, user: this.#user })
      this.#held.push({ identity, release })
    })
    const exited = gated.exited.then((ended) => {
      this.#seen.push(...findOrphans(gated.identity))
      return ended
    })
    return { ...gated, exited }
  }

  /** To the process that was started, not to its group. */
  signal({ identity }: GatedProcess, name: NodeJS.Signals): void {
    signalMain(identity, name, this.#user)
  }

  /** The processes of it that run now. */
  findProcesses(): ProcessIdentity[] {
    return findProcesses(this.#quarry)
  }

  get #quarry(): Quarry {
    const leaders = this.#held.map(({ identity }) => ({ identity, ladder: immediateLadder }))
    return { leaders, marks: this.#marks, seen: this.#seen }
  }

  /** Kills all of it at once: groups, what carries the mark, and their descendants. @throws ERR_LEFT_BEHIND */
  async kill(): Promise<void> {
    const left = await terminate(this.#quarry)
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
    await removeTree(this.directory)
    if (this.#marks.controlGroup) await removeControlGroup(this.#marks.controlGroup)
  }
}
