import { keptLogs } from '../../host/state-directory.ts'
import { epochMs } from '../../kernel/clock.ts'
import { asError } from '../../kernel/errors.ts'
import type { ExternalService } from '../../service/external-service.ts'
import type { LogMark } from '../../service/log-slice.ts'

/** Part of the name of a log's copy. It stays the same, so that a later failure replaces the copy. */
const startedAt = new Date(epochMs())

/** Tells what a service wrote during a failed test, and where the state that the test left is kept. */
export async function evidenceOf(
  service: ExternalService<object>,
  { since, title }: { readonly since: LogMark; readonly title: string },
): Promise<string | undefined> {
  const written = service.logSince(since)
  const kept = await service.keepFailure(title).catch((thrown) => `nothing is kept: ${asError(thrown).message}`)
  const lines = [...(written ? [logOf(service, written)] : []), ...(kept ? [kept] : [])]
  return lines.length > 0 ? lines.join('\n') : undefined
}

/** Makes an error of it, since reporters print errors. */
export function evidenceError(text: string): Error {
  const error = new Error(text)
  error.name = 'Evidence'
  // Vitest would look for places in code even in the log's lines, and merge errors with one stack.
  error.stack = ''
  return error
}

/** Names a copy: the instance, and its log, may be gone when somebody reads this. */
function logOf({ label, log }: ExternalService<object>, written: string): string {
  const copy = log.keep(keptLogs(), startedAt)
  const lines = written.trimEnd().replaceAll(log.path, copy).replaceAll(/^/gm, '  ')
  return `${label} wrote this during the test; its whole log: ${copy}\n${lines}`
}
