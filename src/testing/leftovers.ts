import { namesIn } from '../host/files/names-in.ts'
import { Deadline } from '../kernel/deadline.ts'
import { hasCode } from '../kernel/errors.ts'
import { type PollPauses, poll } from '../kernel/poll.ts'
import { isAlive, ownIdentity, type ProcessIdentity, readStat } from '../process/inspect/identity.ts'
import { readProcFile } from '../process/inspect/proc-file.ts'
import { readProcessTable } from '../process/inspect/process-table.ts'
import { findMarked } from '../process/marks.ts'
import { findProcesses } from '../process/termination.ts'
import { runPaths } from '../run/run-paths.ts'

/** Time after which no resource of a dead holder is left. */
export const guaranteedMs = 5_000
const pauses: PollPauses = { firstMs: 5, lastMs: 50 }
const shownLength = 200

/** Describes leftovers, each in a single line; returns an empty list if nothing is left. */
export type Look = () => readonly string[]

/**
 * Waits until no look finds leftovers. A look begins once the earlier looks have found nothing: a look at all processes
 * is expensive, and slows down the processes about to end.
 *
 * @throws Error with all leftovers after 5 s
 */
export async function untilEmpty(looks: readonly Look[]): Promise<void> {
  const deadline = new Deadline('the removal', guaranteedMs)
  const isEmpty = (): true | undefined => (looks.every((look) => look().length === 0) ? true : undefined)
  await poll({ ...pauses, deadline }, isEmpty).catch((late) => {
    if (!hasCode(late, 'ERR_DEADLINE')) throw late
    throw new Error(`left behind:\n  ${looks.flatMap((look) => look()).join('\n  ')}`, { cause: late })
  })
}

/** Returns the runs and claims in a state directory. */
export function entriesLeft(stateDirectory: string): string[] {
  const kinds = ['runs', 'reaping', 'claims'] as const
  return kinds.flatMap((kind) => namesIn(runPaths[kind](stateDirectory)).map((name) => `${kind}/${name}`))
}

/** Describes the processes with the mark of a state directory. */
export function processesLeft(stateDirectory: string, spared?: ReadonlySet<number>): string[] {
  return pidsLeft(stateDirectory, spared).map((pid) => `process ${pid}: ${commandOf(pid)}`)
}

/**
 * Returns the pids of the processes with the mark of a state directory, guardians included: `processesOf` spares
 * guardians, like a stop, but guardians must end by themselves.
 */
export function pidsLeft(stateDirectory: string, spared?: ReadonlySet<number>): number[] {
  const marks = { variable: `LP_STATE_DIR=${stateDirectory}`, directories: [], holder: ownIdentity() }
  const marked = findMarked(readProcessTable().values(), marks)
  const pids = new Set([...processesOf(stateDirectory, spared), ...marked].map(({ pid }) => pid))
  return [...pids].filter((pid) => !isCompiler(pid))
}

/**
 * Returns the processes with a state directory in the environment, and the processes that work or write below the
 * directory; without the current process and the spared pids.
 */
export function processesOf(stateDirectory: string, spared: ReadonlySet<number> = new Set()): ProcessIdentity[] {
  const marks = { variable: `LP_STATE_DIR=${stateDirectory}`, directories: [stateDirectory], holder: ownIdentity() }
  const found = findProcesses({ leaders: [], marks }).filter(isAlive)
  return found.filter(({ pid }) => !spared.has(pid))
}

/** Whether a process compiles TypeScript modules for this process, and lives as long as this process. */
function isCompiler(pid: number): boolean {
  return readStat(pid)?.parent === process.pid && /esbuild --service=/.test(commandOf(pid))
}

/** Returns the command line of a process, for people. */
function commandOf(pid: number): string {
  return readProcFile(`/proc/${pid}/cmdline`)?.replaceAll('\0', ' ').slice(0, shownLength) ?? 'ended meanwhile'
}
