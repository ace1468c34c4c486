import { keptLogs } from '../host/state-directory.ts'
import {
  asError,
  ContainerError,
  hasCode,
  MissingBinaryError,
  ServiceError,
  TestServicesError,
} from '../kernel/errors.ts'
import { LogFile } from '../process/log-file.ts'
import type { InstanceResources } from './instance/instance-resources.ts'

const diskAdvice = '; free some space, or let LP_STATE_DIR and XDG_CACHE_HOME name directories on another disk'

interface Started {
  readonly context: InstanceResources
  readonly redact: (text: string) => string
}

/** Returns an error that names the instance. An error that is not of ours gets the log, too. */
export function startFailure(thrown: unknown, { context, redact }: Started): Error {
  const error = asError(thrown)
  const { label, logFile, run } = context
  if (isOurs(error)) return withLabel(error, label)
  const log = new LogFile(logFile)
  const logTail = redact(log.tail())
  const evidence = logTail === '' ? { label } : { label, logTail, logFile: log.keep(keptLogs(run.stateDirectory)) }
  const message = `${label} could not be started: ${redact(error.message)}${hasCode(error, 'ENOSPC') ? diskAdvice : ''}`
  return new ServiceError('ERR_START', message, evidence, { cause: error })
}

/** Returns the error of a search with the label, which a search does not know; every other error unchanged. */
function withLabel(error: Error, label: string): Error {
  const Search = [MissingBinaryError, ContainerError].find((each) => error instanceof each)
  if (Search === undefined || error.message.includes(label)) return error
  return new Search(`${label} cannot be started: ${error.message}`, { cause: error })
}

function isOurs(error: Error): boolean {
  if (error instanceof AggregateError) return error.errors.some((each) => each instanceof TestServicesError)
  return error instanceof TestServicesError
}
