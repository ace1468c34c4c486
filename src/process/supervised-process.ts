import { closeSync } from 'node:fs'
import { monotonicMs } from '../kernel/clock.ts'
import { later } from '../kernel/deadline.ts'
import { describeEnd, type Ended } from './ended.ts'
import { requireExecutable } from './executable.ts'
import type { ProcessIdentity } from './identity.ts'
import { LogFile } from './log-file.ts'
import type { RunMarks } from './marks.ts'
// biome-ignore lint/style/noRestrictedImports: starts supervised services
import { type Announce, type GatedProcess, spawnGated } from './spawn-gate.ts'
import type { StopLadder } from './stop-ladder.ts'
import { findOrphans, findProcesses, type Quarry, terminate } from './termination.ts'
import { unlessExhausted } from './unless-gone.ts'

export interface ProcessPlan {
  readonly argv: readonly string[]
  /** The command as messages show it, without what it runs in. Default: all of it. */
  readonly shown?: readonly string[] | undefined
  readonly environment: Readonly<Record<string, string>>
  readonly directory: string
  readonly logFile: string
  /** Where a copy of the log goes that outlives a failure. */
  readonly keptLogs: string
  readonly marks: RunMarks
  readonly ladder: StopLadder
  /** What must not be shown to people, should the log or the command contain it. */
  readonly secrets?: readonly string[]
  /** Another user to run as; only root can ask for one. */
  readonly user?: { readonly uid: number; readonly gid: number } | undefined
}

const observationDelayMs = 100

/** One process of ours in a session and group of its own, with its output in a file. */
export class SupervisedProcess {
  readonly plan: ProcessPlan
  readonly log: LogFile
  readonly identity: ProcessIdentity
  readonly exited: Promise<Ended>
  readonly #child: GatedProcess['child']
  #ended: Ended | undefined
  #endedAt: number | undefined
  #seen: readonly ProcessIdentity[] = []

  private constructor(plan: ProcessPlan, gated: GatedProcess) {
    this.plan = plan
    this.log = new LogFile(plan.logFile)
    this.identity = gated.identity
    this.#child = gated.child
    this.exited = gated.exited.then((ended) => {
      this.#ended = ended
      this.#endedAt = monotonicMs()
      this.#seen = [...this.#seen, ...findOrphans(this.identity)]
      return ended
    })
  }

  /**
   * Starts the command; it begins once `announce` has returned.
   *
   * @throws ERR_MISSING_BINARY when there is no such program
   */
  static async start(plan: ProcessPlan, announce: Announce): Promise<SupervisedProcess> {
    const [program = '', ...rest] = plan.argv
    const executable = requireExecutable(program, { path: plan.environment.PATH, directory: plan.directory })
    const gated = await spawnToLog({ ...plan, argv: [executable, ...rest] }, announce)
    const supervised = new SupervisedProcess(plan, gated)
    // The guardian ends the service should this process forget to; waiting for it would keep a finished script alive.
    gated.child.unref()
    return supervised
  }

  /** How it ended, or `undefined` while it runs. */
  get ended(): Ended | undefined {
    return this.#ended
  }

  /** When its end was noticed, by the monotonic clock; `undefined` while it runs. */
  get endedAt(): number | undefined {
    return this.#endedAt
  }

  /** `exit status 3`, `signal SIGKILL`, or `undefined` while it runs. */
  get endedHow(): string | undefined {
    return this.#ended && describeEnd(this.#ended)
  }

  /** Waits for its exit, and keeps this process alive meanwhile, which `exited` does not. */
  join(): Promise<Ended> {
    this.#child.ref()
    return this.exited
  }

  /** Remembers the present descendants, for those that will have lost every mark when they are to be ended. */
  observe(): void {
    this.#seen = findProcesses(this.#quarry)
  }

  /** The same in a moment: a look costs as much as a test's first query, and one at once would miss who is still forking. */
  observeSoon(): void {
    const cancel = later(observationDelayMs, () => unlessExhausted(() => this.observe()))
    this.#child.once('exit', cancel)
  }

  /** The process and its descendants, as last observed. */
  get knownPids(): number[] {
    return [...new Set([this.identity, ...this.#seen].map(({ pid }) => pid))]
  }

  /** Walks the stop ladder and gives what is left: nothing, unless the kernel holds it. `hurry` goes straight to the kill. */
  async stop(hurry?: AbortSignal): Promise<readonly ProcessIdentity[]> {
    const left = await terminate(this.#quarry, hurry)
    // Until its exit has been taken notice of, it is a zombie.
    if (left.length === 0) await this.join()
    return left
  }

  get #quarry(): Quarry {
    const { marks, ladder } = this.plan
    return { leaders: [{ identity: this.identity, ladder }], marks, seen: this.#seen }
  }
}

async function spawnToLog(plan: ProcessPlan, announce: Announce): Promise<GatedProcess> {
  const log = new LogFile(plan.logFile).openForWriting()
  try {
    return await spawnGated({ ...plan, controlGroup: plan.marks.controlGroup, stdout: log, stderr: log }, announce)
  } finally {
    closeSync(log)
  }
}
