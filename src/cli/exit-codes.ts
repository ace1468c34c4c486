import { constants } from 'node:os'
import { asError, TestServicesError } from '../kernel/errors.ts'
import type { Ended } from '../process/ended.ts'

/** What the exit codes of the command mean. */
export const exitCodes = {
  done: 0,
  failed: 1,
  wrongUsage: 2,
  nothingRuns: 3,
  /** `exec`: the services could not be brought up. */
  noServices: 125,
  /** `exec`: the command cannot be executed, or is not there. */
  notExecutable: 126,
  notFound: 127,
} as const

/** The exit code that tells of this error. */
export function exitCodeOf(thrown: unknown): number {
  const error = thrown instanceof AggregateError ? asError(thrown.errors[0]) : thrown
  if (!(error instanceof TestServicesError)) return exitCodes.failed
  if (error.code === 'ERR_USAGE') return exitCodes.wrongUsage
  return error.code === 'ERR_NOT_RUNNING' ? exitCodes.nothingRuns : exitCodes.failed
}

/** A command's end as a shell tells it: its status, or 128 and the number of the signal. */
export function exitCodeOfCommand({ exitCode, signal }: Ended): number {
  return signal ? 128 + constants.signals[signal] : (exitCode ?? exitCodes.failed)
}
