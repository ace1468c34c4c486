import { closeSync } from 'node:fs'
import { monotonicMs } from '../kernel/clock.ts'
import { later } from '../kernel/deadline.ts'
import type { UserIds } from '../kernel/user-ids.ts'
import { describeEnd, type Ended } from './ended.ts'
import { requireExecutable } from './executable.ts'
import type { ProcessIdentity } from './inspect/identity.ts'
import { unlessExhausted } from './inspect/unless-unreadable.ts'
import { LogFile } from './log-file.ts'
import type { RunMarks } from './marks.ts'
import { pauseAll, resumeAll } from './pause.ts'
// biome-ignore lint/style/noRestrictedImports: starts supervised services
import { type BeforeExec, type GatedProcess, spawnGated } from './spawn-gate.ts'
import type { StopLadder } from './stop-ladder.ts'
import { findOrphans, findProcesses, type TerminationTarget, terminate } from './termination.ts'

export interface ProcessPlan {
  readonly argv: readonly string[]
  /** The command for messages, without the wrapper in which the command runs. Default: the whole `argv`. */
  readonly shown?: readonly string[] | undefined
  readonly environment: Readonly<Record<string, string>>
  readonly directory: string
  readonly logFile: string
  /** Directory for copies of the log that outlive a failure. */
  readonly keptLogs: string
  readonly marks: RunMarks
  readonly ladder: StopLadder
  /** Values to hide from people, in case the log or the command contains them. */
  readonly secrets?: readonly string[]
  /** Different user to run as; only root may set this. */
  readonly user?: UserIds | undefined
  /** Whether the command starts no process in its first 50 ms, and need not wait for its control group. */
  readonly startsAlone?: boolean | undefined
}

const observationDelayMs = 100

/** A process of ours in a separate session and group, with its output in a file. */
export class SupervisedProcess {
  readonly plan: ProcessPlan
  readonly log: LogFile
  readonly identity: ProcessIdentity
  readonly exited: Promise<Ended>
  readonly #gated: GatedProcess
  #ended: Ended | undefined
  #endedAt: number | undefined
  #seen: readonly ProcessIdentity[] = []
  #isStopping = false
  /** Whether the process is in its control group, as far as is known. */
  #isGrouped = false

  private constructor(plan: ProcessPlan, gated: GatedProcess) {
    this.plan = plan
    this.log = new LogFile(plan.logFile)
    this.identity = gated.identity
    this.#gated = gated
    void gated.isGrouped.then((isGrouped) => {
      this.#isGrouped = isGrouped
    })
    this.exited = gated.exited.then((ended) => {
      this.#ended = ended
      this.#endedAt = monotonicMs()
      // A stop has just looked, and the control group shows what was forked since.
      if (!(this.#isGrouped && this.#isStopping)) this.#seen = [...this.#seen, ...findOrphans(this.identity)]
      return ended
    })
  }

  /**
   * Starts the command; the command begins once `beforeExec` has returned.
   *
   * @throws ERR_MISSING_BINARY if there is no such program
   */
  static async start(plan: ProcessPlan, beforeExec: BeforeExec): Promise<SupervisedProcess> {
    const [program = '', ...rest] = plan.argv
    const executable = requireExecutable(program, { path: plan.environment.PATH, directory: plan.directory })
    const gated = await spawnToLog({ ...plan, argv: [executable, ...rest] }, beforeExec)
    const supervised = new SupervisedProcess(plan, gated)
    // If this process forgets to end the service, the guardian does. Waiting for the child would keep a finished script
    // alive.
    gated.child.unref()
    return supervised
  }

  /** Resolves when the kernel has put the process into its control group, or has refused; returns which. */
  get isGrouped(): Promise<boolean> {
    return this.#gated.isGrouped
  }

  /** How the process ended, or `undefined` while it runs. */
  get ended(): Ended | undefined {
    return this.#ended
  }

  /** When the end was noticed, by the monotonic clock; `undefined` while the process runs. */
  get endedAt(): number | undefined {
    return this.#endedAt
  }

  /** `exit status 3`, `signal SIGKILL`, or `undefined` while the process runs. */
  get endedHow(): string | undefined {
    return this.#ended && describeEnd(this.#ended)
  }

  /** Waits for the exit and, unlike `exited`, keeps the current process alive meanwhile. */
  join(): Promise<Ended> {
    this.#gated.child.ref()
    return this.exited
  }

  /** Remembers the present descendants. Some of them may have lost every mark by the time they must be ended. */
  observe(): void {
    this.#seen = findProcesses(this.#target)
  }

  /**
   * Observes after 100 ms: a look costs as much as a test's first query, and a look at once would miss processes that
   * are still being forked.
   */
  observeSoon(): void {
    const cancel = later(observationDelayMs, () => unlessExhausted(() => this.observe()))
    this.#gated.child.once('exit', cancel)
  }

  /** Pids of the process and its descendants, as last observed. */
  get knownPids(): number[] {
    return [...new Set([this.identity, ...this.#seen].map(({ pid }) => pid))]
  }

  /**
   * Walks the stop ladder and returns the remaining processes: none, unless the kernel holds a process. `forceSignal` skips
   * to the kill.
   */
  async stop(forceSignal?: AbortSignal): Promise<readonly ProcessIdentity[]> {
    this.#isStopping = true
    await this.isGrouped
    const left = await terminate(this.#target, forceSignal)
    // The process is a zombie until Node has noticed the exit.
    if (left.length === 0) await this.join()
    return left
  }

  /** Stops the process and all its descendants by SIGSTOP. @throws ERR_DEADLINE */
  pause(): Promise<void> {
    return pauseAll(this.#target)
  }

  /** Continues the process and all its descendants. */
  resume(): void {
    resumeAll(this.#target)
  }

  get #target(): TerminationTarget {
    const { marks, ladder } = this.plan
    return { leaders: [{ identity: this.identity, ladder }], marks, seen: this.#seen, isGrouped: this.#isGrouped }
  }
}

async function spawnToLog(plan: ProcessPlan, beforeExec: BeforeExec): Promise<GatedProcess> {
  const log = new LogFile(plan.logFile).openForWriting()
  try {
    return await spawnGated({ ...plan, controlGroup: plan.marks.controlGroup, stdout: log, stderr: log }, beforeExec)
  } finally {
    closeSync(log)
  }
}
