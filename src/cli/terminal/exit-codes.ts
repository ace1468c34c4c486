import { constants } from 'node:os'
import type { StopSignals } from '../../helper/stop-signals.ts'
import { asError, hasCode, TestServicesError } from '../../kernel/errors.ts'
import type { Ended } from '../../process/ended.ts'

/** Exit codes of the command. */
export const exitCodes = {
  done: 0,
  failed: 1,
  wrongUsage: 2,
  nothingRuns: 3,
  /** `pool`: no test failed, but some could not be run. */
  infrastructure: 4,
  /** `exec`: the services could not be started. */
  noServices: 125,
  /** `exec`: the command exists, but cannot be executed. */
  notExecutable: 126,
  /** `exec`: the command does not exist. */
  notFound: 127,
} as const

/** Returns the exit code for an error. */
export function exitCodeOf(thrown: unknown): number {
  const error = thrown instanceof AggregateError ? asError(thrown.errors[0]) : thrown
  if (!(error instanceof TestServicesError)) return exitCodes.failed
  if (error.code === 'ERR_USAGE') return exitCodes.wrongUsage
  if (error.code === 'ERR_TRANSPORT') return exitCodes.infrastructure
  return error.code === 'ERR_NOT_RUNNING' ? exitCodes.nothingRuns : exitCodes.failed
}

/** Returns the exit code for an error of a pool: 1 is left to tests that failed. */
export function exitCodeOfPool(thrown: unknown): number {
  const exitCode = exitCodeOf(thrown)
  if (exitCode !== exitCodes.failed) return exitCode
  const isMistake = hasCode(thrown, 'ERR_CONFIG', 'ERR_MISSING_BINARY')
  return isMistake ? exitCodes.wrongUsage : exitCodes.infrastructure
}

/** Returns the exit code of a command as a shell reports it: its status, or 128 plus the number of the signal. */
export function exitCodeOfCommand({ exitCode, signal }: Ended): number {
  return signal ? exitCodeOfSignal(signal) : (exitCode ?? exitCodes.failed)
}

/** Returns the exit code of a command that was canceled by a signal. @throws the error, if it has another cause */
export function exitCodeIfCanceled(thrown: unknown, { received, asked }: StopSignals): number {
  const isCanceled = thrown === asked.reason || hasCode(thrown, 'ERR_CANCELED')
  if (received && isCanceled) return exitCodeOfSignal(received)
  throw thrown
}

export function exitCodeOfSignal(signal: NodeJS.Signals): number {
  return 128 + constants.signals[signal]
}
