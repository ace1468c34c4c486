import { keptLogs } from '../host/state-directory.ts'
import { asError, ServiceError, TestServicesError } from '../kernel/errors.ts'
import { LogFile } from '../process/log-file.ts'
import type { InstanceResources } from './instance/instance-resources.ts'

interface Started {
  readonly context: InstanceResources
  readonly redact: (text: string) => string
}

/** Returns errors of ours unchanged. Wraps errors thrown by a fixture's `onStart`, adding the label and the log. */
export function startFailure(thrown: unknown, { context, redact }: Started): Error {
  const error = asError(thrown)
  if (isOurs(error)) return error
  const { label, logFile, run } = context
  const log = new LogFile(logFile)
  const logTail = redact(log.tail())
  const evidence = logTail === '' ? { label } : { label, logTail, logFile: log.keep(keptLogs(run.stateDirectory)) }
  return new ServiceError('ERR_START', `${label} could not be started: ${redact(error.message)}`, evidence, {
    cause: error,
  })
}

function isOurs(error: Error): boolean {
  if (error instanceof AggregateError) return error.errors.some((each) => each instanceof TestServicesError)
  return error instanceof TestServicesError
}
