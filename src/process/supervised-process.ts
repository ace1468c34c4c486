import { closeSync } from 'node:fs'
import { describeEnd, type Ended } from './ended.ts'
import { requireExecutable } from './executable.ts'
import type { ProcessIdentity } from './identity.ts'
import { LogFile } from './log-file.ts'
import type { RunMarks } from './marks.ts'
import { type GatedProcess, spawnGated } from './spawn-gate.ts'
import type { StopLadder } from './stop-ladder.ts'
import { findProcesses, type Quarry, terminate } from './termination.ts'

export interface ProcessPlan {
  readonly argv: readonly string[]
  readonly environment: Readonly<Record<string, string>>
  readonly directory: string
  readonly logFile: string
  /** Where a copy of the log goes that outlives a failure. */
  readonly keptLogs: string
  readonly marks: RunMarks
  readonly ladder: StopLadder
  /** Another user to run as; only root can ask for one. */
  readonly user?: { readonly uid: number; readonly gid: number } | undefined
}

/** Called with the identity before the process begins: what is about to run is recorded first. */
export type Announce = (identity: ProcessIdentity) => void

/** One process of ours in a session and group of its own, with its output in a file. */
export class SupervisedProcess {
  readonly plan: ProcessPlan
  readonly log: LogFile
  readonly identity: ProcessIdentity
  readonly exited: Promise<Ended>
  #ended: Ended | undefined
  #seen: readonly ProcessIdentity[] = []

  private constructor(plan: ProcessPlan, gated: GatedProcess) {
    this.plan = plan
    this.log = new LogFile(plan.logFile)
    this.identity = gated.identity
    this.exited = gated.exited.then((ended) => {
      this.#ended = ended
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
    const gated = await spawnToLog({ ...plan, argv: [executable, ...rest] })
    const supervised = new SupervisedProcess(plan, gated)
    announce(gated.identity)
    gated.open()
    // The guardian ends the service should this process forget to; waiting for it would keep a finished script alive.
    gated.child.unref()
    return supervised
  }

  /** How it ended, or `undefined` while it runs. */
  get ended(): Ended | undefined {
    return this.#ended
  }

  /** `exit status 3`, `signal SIGKILL`, or `undefined` while it runs. */
  get endedHow(): string | undefined {
    return this.#ended && describeEnd(this.#ended)
  }

  /** Remembers the present descendants, for those that will have lost every mark when they are to be ended. */
  observe(): void {
    this.#seen = findProcesses(this.#quarry)
  }

  /** The process and its descendants, as last observed. */
  get knownPids(): number[] {
    return [this.identity, ...this.#seen].map(({ pid }) => pid)
  }

  /** Walks the stop ladder and gives what is left: nothing, unless the kernel holds it. `hurry` goes straight to the kill. */
  stop(hurry?: AbortSignal): Promise<ProcessIdentity[]> {
    return terminate(this.#quarry, hurry)
  }

  get #quarry(): Quarry {
    const { marks, ladder } = this.plan
    return { leaders: [{ identity: this.identity, ladder }], marks, seen: this.#seen }
  }
}

async function spawnToLog(plan: ProcessPlan): Promise<GatedProcess> {
  const log = new LogFile(plan.logFile).openForWriting()
  try {
    return await spawnGated({ ...plan, stdout: log, stderr: log })
  } finally {
    closeSync(log)
  }
}
