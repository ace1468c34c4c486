import { Deadline } from '../kernel/deadline.ts'
import { type PollPauses, poll } from '../kernel/poll.ts'
import { readStat } from './inspect/identity.ts'
import { send } from './signals.ts'
import { findProcesses, type TerminationTarget } from './termination.ts'

const pauses: PollPauses = { firstMs: 1, lastMs: 10 }
const pauseLimitMs = 5_000

/**
 * Stops all processes of a target by SIGSTOP. A process may fork between two looks, so two looks in a row must find
 * only stopped processes.
 *
 * @throws ERR_DEADLINE if the kernel keeps a process running
 */
export async function pauseAll(target: TerminationTarget): Promise<void> {
  const deadline = new Deadline('pausing', pauseLimitMs)
  let clean = 0
  await poll({ ...pauses, deadline }, () => {
    const running = findProcesses(target).filter(({ pid }) => !isStopped(pid))
    for (const { pid } of running) send(pid, 'SIGSTOP', target.marks.users)
    clean = running.length === 0 ? clean + 1 : 0
    return clean === 2 || undefined
  })
}

/** Continues all processes of a target by SIGCONT. */
export function resumeAll(target: TerminationTarget): void {
  for (const { pid } of findProcesses(target)) if (isStopped(pid)) send(pid, 'SIGCONT', target.marks.users)
}

function isStopped(pid: number): boolean {
  return readStat(pid)?.state === 'T'
}
