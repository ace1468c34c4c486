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

/** The failed step. */
export type Step = 'started' | 'attached to' | 'reset'

interface Failed {
  readonly step: Step
  readonly context: InstanceResources
  readonly redact: (text: string) => string
}

/** Returns an error that names the instance. An error from outside this package gets the log, too. */
export function serviceFailure(thrown: unknown, { step, context, redact }: Failed): Error {
  const error = asError(thrown)
  const { label, logFile, run } = context
  if (isOurs(error)) return withLabel(error, `${label} cannot be ${step}`, label)
  const log = new LogFile(logFile)
  const logTail = redact(log.tail())
  const evidence = logTail === '' ? { label } : { label, logTail, logFile: log.keep(keptLogs(run.stateDirectory)) }
  const message = `${label} could not be ${step}: ${redact(error.message)}${hasCode(error, 'ENOSPC') ? diskAdvice : ''}`
  return new ServiceError(step === 'started' ? 'ERR_START' : 'ERR_NOT_ANSWERING', message, evidence, { cause: error })
}

/** Returns the error of a search with the label, unknown in the search; all remaining errors unchanged. */
export function withLabel(error: Error, what: string, label: string): Error {
  const Search = [MissingBinaryError, ContainerError].find((each) => error instanceof each)
  // An action is named as "onEnter of API", or "making the data of DB".
  if (Search === undefined || new RegExp(`^([\\w ]+ of )?${label}\\b`).test(error.message)) return error
  const { lack } = error as MissingBinaryError
  return new Search(`${what}: ${error.message}`, { cause: error, ...(lack && { lack }) })
}

function isOurs(error: Error): boolean {
  if (error instanceof AggregateError) return error.errors.some((each) => each instanceof TestServicesError)
  return error instanceof TestServicesError
}
