import { type Deadline, sleep } from '../kernel/deadline.ts'
import {
  asError,
  DeadlineError,
  hasCode,
  MissingBinaryError,
  ServiceError,
  type ServiceEvidence,
  StateError,
} from '../kernel/errors.ts'
import { Redactor } from '../kernel/redactor.ts'
import { firstErrorIn } from '../process/first-error.ts'
import { isAlive } from '../process/identity.ts'
import type { SupervisedProcess } from '../process/supervised-process.ts'
import type { Readiness, ReadinessTarget } from './readiness.ts'

const firstIntervalMs = 5
const lastIntervalMs = 25

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
 * @throws ERR_START when the process ends first, ERR_NOT_READY when time runs out, ERR_CANCELED
 */
export async function waitUntilReady(waiting: Waiting): Promise<void> {
  const over = new AbortController()
  const answers: Answers = {}
  const race = (signal: AbortSignal): Promise<void> =>
    Promise.race([poll(waiting, answers, AbortSignal.any([signal, over.signal])), endOf(waiting, over.signal)])
  try {
    await waiting.deadline.race(race)
    await requireLiving(waiting)
  } catch (thrown) {
    throw thrown instanceof DeadlineError ? neverReady(waiting, answers) : thrown
  } finally {
    over.abort()
  }
}

/** The last error of the probe, for the message if the time runs out. */
interface Answers {
  lastError?: Error
}

async function poll(waiting: Waiting, answers: Answers, signal: AbortSignal): Promise<void> {
  const { readiness } = waiting
  for (let waitMs = firstIntervalMs; !signal.aborted; waitMs = Math.min(waitMs * 1.5, lastIntervalMs)) {
    try {
      if (await ask(waiting, signal)) return
    } catch (thrown) {
      // A strategy that cannot work at all is a mistake of its author, not a service that is late.
      if (thrown instanceof StateError || thrown instanceof MissingBinaryError) throw thrown
      answers.lastError = asError(thrown)
    }
    await sleep(readiness.intervalMs ?? waitMs)
  }
}

/** What an attempt has begun ends with it: another address that still hangs, an answer without an end. */
async function ask({ readiness, target }: Waiting, signal: AbortSignal): Promise<boolean> {
  const attempt = new AbortController()
  const end = (): void => attempt.abort()
  signal.addEventListener('abort', end, { once: true })
  try {
    return await readiness.probe(target, attempt.signal)
  } finally {
    signal.removeEventListener('abort', end)
    end()
  }
}

async function endOf(waiting: Waiting, over: AbortSignal): Promise<void> {
  await waiting.process.exited
  if (!over.aborted) throw diedStarting(waiting)
}

/** A service that says "ready" and dies is known by its log, or by another server's answer, before its exit is. */
async function requireLiving(waiting: Waiting): Promise<void> {
  if (isAlive(waiting.process.identity)) return
  await waiting.process.join()
  throw diedStarting(waiting)
}

/**
 * What a failing service leaves for its reader; its log is kept when the instance is removed.
 *
 * @param mark where in the log the first error is looked for
 */
export function evidenceOf(label: string, process: SupervisedProcess, mark = 0): ServiceEvidence {
  const logFile = keepLog(process)
  const { argv, shown = argv, secrets } = process.plan
  const redactor = new Redactor(secrets)
  const firstError = firstErrorIn(process.log, mark)
  return {
    label,
    command: shown.map((argument) => redactor.apply(argument)),
    ...(firstError && { firstError: redactor.apply(firstError) }),
    logTail: redactor.apply(process.log.tail()),
    ...(logFile && { logFile }),
    ...(process.endedHow && { ended: process.endedHow }),
  }
}

/** Without room for a copy, the tail in the message has to do: what failed matters more. */
function keepLog({ log, plan }: SupervisedProcess): string | undefined {
  try {
    return log.keep(plan.keptLogs)
  } catch (thrown) {
    if (hasCode(thrown, 'ENOSPC', 'EDQUOT', 'EROFS', 'ENOENT')) return undefined
    throw thrown
  }
}

function diedStarting({ label, process, readiness }: Waiting): ServiceError {
  const message = `${label} ended with ${process.endedHow} while starting, before ${readiness.description}`
  return new ServiceError('ERR_START', message, evidenceOf(label, process))
}

function neverReady({ label, process, readiness, deadline }: Waiting, { lastError }: Answers): ServiceError {
  const why = lastError ? ` (last answer: ${lastError.message})` : ''
  const advice = readiness.advice ? `; ${readiness.advice}` : ''
  const message = `${label} is up, but was not ready within ${deadline.limitMs} ms: still waiting for ${readiness.description}${why}${advice}; if it is only slow, allow more time: timeoutMs, or --timeout of the command`
  return new ServiceError('ERR_NOT_READY', message, evidenceOf(label, process), { cause: lastError })
}
