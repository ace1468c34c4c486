import type { Deadline } from '../kernel/deadline.ts'
import { asError, DeadlineError, MissingBinaryError, ServiceError, StateError } from '../kernel/errors.ts'
import { onAbort } from '../kernel/on-abort.ts'
import { type PollPauses, poll } from '../kernel/poll.ts'
import { Redactor } from '../kernel/redactor.ts'
import type { ServiceEvidence } from '../kernel/service-evidence.ts'
import { valueUnless } from '../kernel/value-unless.ts'
import { type ErrorSearch, firstErrorIn } from '../process/first-error.ts'
import { isAlive } from '../process/inspect/identity.ts'
import { portsOf } from '../process/inspect/listener.ts'
import type { SupervisedProcess } from '../process/supervised-process.ts'
import type { Readiness, ReadinessTarget } from './readiness.ts'

/** The ways to a longer start. */
export const moreTime = 'timeoutMs of start(), of testServices() in Vitest, or --timeout of the command'

const pauses: PollPauses = { firstMs: 1, lastMs: 25, growth: 1.25 }

export interface Waiting {
  readonly label: string
  readonly process: SupervisedProcess
  readonly readiness: Readiness
  readonly target: ReadinessTarget
  readonly deadline: Deadline
}

/**
 * Waits until the service is ready: a race of the probe, the end of the process, and the deadline of the whole start.
 *
 * @throws ERR_START if the process ends first, ERR_NOT_READY if time runs out, ERR_CANCELED
 */
export async function waitUntilReady(waiting: Waiting): Promise<void> {
  const over = new AbortController()
  const answers: Answers = {}
  const race = (signal: AbortSignal): Promise<void> =>
    Promise.race([probe(waiting, answers, AbortSignal.any([signal, over.signal])), endOfProcess(waiting, over.signal)])
  try {
    await waiting.deadline.race(race)
    await requireLiving(waiting)
  } catch (thrown) {
    throw thrown instanceof DeadlineError ? neverReady(waiting, answers) : thrown
  } finally {
    over.abort()
  }
}

/** Keeps the last error of the probe, for the message if the time runs out. */
interface Answers {
  lastError?: Error
}

async function probe(waiting: Waiting, answers: Answers, signal: AbortSignal): Promise<void> {
  const { intervalMs } = waiting.readiness
  await poll(intervalMs === undefined ? pauses : { firstMs: intervalMs }, async () => {
    try {
      return signal.aborted || (await isReady(waiting, signal)) || undefined
    } catch (thrown) {
      // A strategy that cannot work at all is a mistake of its author, not a late service.
      if (thrown instanceof StateError || thrown instanceof MissingBinaryError) throw thrown
      answers.lastError = asError(thrown)
      return undefined
    }
  })
}

/**
 * Runs an attempt and cancels the remaining work afterwards: an address that still hangs, an answer without an
 * end.
 */
async function isReady({ readiness, target }: Waiting, signal: AbortSignal): Promise<boolean> {
  const attempt = new AbortController()
  using _listening = onAbort(signal, () => attempt.abort())
  try {
    return await readiness.probe(target, attempt.signal)
  } finally {
    attempt.abort()
  }
}

async function endOfProcess(waiting: Waiting, over: AbortSignal): Promise<void> {
  await waiting.process.exited
  if (!over.aborted) throw diedStarting(waiting)
}

/**
 * Throws if the service has died. The "ready" in its log, or another server's answer, may arrive before the exit does.
 */
async function requireLiving(waiting: Waiting): Promise<void> {
  if (isAlive(waiting.process.identity)) return
  await waiting.process.join()
  throw diedStarting(waiting)
}

/** Collects the facts about a failing service for the reader. Keeps a copy of the log, which outlives the instance. */
export function evidenceOf(label: string, process: SupervisedProcess, search?: ErrorSearch): ServiceEvidence {
  const logFile = keepLog(process)
  const { argv, shown = argv, secrets } = process.plan
  const redactor = new Redactor(secrets)
  const firstError = firstErrorIn(process.log, search)
  return {
    label,
    command: shown.map((argument) => redactor.apply(argument)),
    ...(firstError && { firstError: redactor.apply(firstError) }),
    logTail: redactor.apply(process.log.tail()),
    ...(logFile && { logFile }),
    ...(process.endedHow && { ended: process.endedHow }),
  }
}

/**
 * Returns the path of the copy, or `undefined` if there is no room: then the tail in the message must do, because the
 * failure matters more.
 */
function keepLog({ log, plan }: SupervisedProcess): string | undefined {
  return valueUnless(['ENOSPC', 'EDQUOT', 'EROFS', 'ENOENT'], () => log.keep(plan.keptLogs))
}

function diedStarting({ label, process, readiness }: Waiting): ServiceError {
  const message = `${label} ended with ${process.endedHow} while starting, before ${readiness.description}`
  return new ServiceError('ERR_START', message, evidenceOf(label, process))
}

function neverReady(waiting: Waiting, { lastError }: Answers): ServiceError {
  const { label, process, readiness, deadline } = waiting
  const why = lastError ? ` (last answer: ${lastError.message})` : ''
  const given = otherPort(waiting) ?? readiness.advice
  const advice = given ? `; ${given}` : ''
  const message = `${label} is up, but was not ready within ${deadline.limitMs} ms: still waiting for ${readiness.description}${why}${advice}; if it is only slow, allow more time: ${moreTime}`
  return new ServiceError('ERR_NOT_READY', message, evidenceOf(label, process), { cause: lastError })
}

/** Describes the common mistake of a program that has a port of its own, and ignores the port that it gets. */
function otherPort({ process, target: { port } }: Waiting): string | undefined {
  if (port === undefined) return undefined
  const ports = portsOf(process.identity.pid)
  if (ports.length === 0 || ports.includes(port)) return undefined
  return `it listens on port ${ports.join(', ')} instead: make it listen on the port that it gets`
}
