import { asError, ServiceError, TestServicesError } from '../kernel/errors.ts'
import type { LogFile } from '../process/log-file.ts'

interface Started {
  readonly label: string
  readonly log: LogFile
  /** Directory for a copy of the log that outlives the instance. */
  readonly keptLogs: string
  readonly redact: (text: string) => string
}

/** Returns errors of ours unchanged. Wraps errors thrown by a fixture's `start`, adding the label and the log. */
export function startFailure(thrown: unknown, { label, log, keptLogs, redact }: Started): Error {
  const error = asError(thrown)
  if (isOurs(error)) return error
  const logTail = redact(log.tail())
  const evidence = logTail === '' ? { label } : { label, logTail, logFile: log.keep(keptLogs) }
  return new ServiceError('ERR_START', `${label} could not be started: ${redact(error.message)}`, evidence, {
    cause: error,
  })
}

function isOurs(error: Error): boolean {
  if (error instanceof AggregateError) return error.errors.some((each) => each instanceof TestServicesError)
  return error instanceof TestServicesError
}
