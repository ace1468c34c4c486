import { keptLogs } from '../../host/state-directory.ts'
import { epochMs } from '../../kernel/clock.ts'
import { asError } from '../../kernel/errors.ts'
import type { ExternalService } from '../../service/external-service.ts'
import { type LogPosition, logSince } from '../../service/instance/log-excerpt.ts'

/** Part of the name of a log's copy; constant in a process, so that a later failure replaces the copy. */
const startedAt = new Date(epochMs())

/**
 * Returns the lines that a service logged during a failed test, and the place where the state after the test is kept.
 */
export async function evidenceOf(
  service: ExternalService<object>,
  { since, title }: { readonly since: LogPosition; readonly title: string },
): Promise<string | undefined> {
  const written = logSince(service, since)
  const kept = await service.keepFailure(title).catch((thrown) => `nothing is kept: ${asError(thrown).message}`)
  const lines = [...(written ? [logOf(service, written)] : []), ...(kept ? [kept] : [])]
  return lines.length > 0 ? lines.join('\n') : undefined
}

/** Wraps evidence in an error, since reporters print errors. */
export function evidenceError(text: string): Error {
  const error = new Error(text)
  error.name = 'Evidence'
  // Without a stack: Vitest would look for places in code even in the log's lines, and would merge errors with equal
  // stacks.
  error.stack = ''
  return error
}

/** Names a copy of the log: the instance and its log may be gone when a person reads this text. */
function logOf({ label, log }: ExternalService<object>, written: string): string {
  const copy = log.keep(keptLogs(), startedAt)
  const lines = written.trimEnd().replaceAll(log.path, copy).replaceAll(/^/gm, '  ')
  return `${label} wrote this during the test; its whole log: ${copy}\n${lines}`
}
