import { keptLogs } from '../host/state-directory.ts'
import { epochMs } from '../kernel/clock.ts'
import type { ExternalService } from '../service/external-service.ts'

interface Evidence {
  /** What the server wrote during the test. */
  readonly written: string
  /** Where what the test left can be looked at. */
  readonly kept: string | undefined
}

/** One copy of a log for all failures of this worker: the next one replaces it. */
const startedAt = new Date(epochMs())

/** What a failed test's service has to say, as an error, since that is what reporters print. */
export function failureEvidence(service: ExternalService<object>, { written, kept }: Evidence): Error {
  const error = new Error([...(written ? [logOf(service, written)] : []), ...(kept ? [kept] : [])].join('\n'))
  error.name = 'Evidence'
  // Vitest would look for places in code even in the log's lines, and merge what has one stack.
  error.stack = ''
  return error
}

/** The instance may be gone, with its log, when somebody reads this: the copy stays. */
function logOf({ label, log }: ExternalService<object>, written: string): string {
  const copy = log.keep(keptLogs(), startedAt)
  const lines = written.trimEnd().replaceAll(log.path, copy).replaceAll(/^/gm, '  ')
  return `${label} wrote this during the test; its whole log: ${copy}\n${lines}`
}
