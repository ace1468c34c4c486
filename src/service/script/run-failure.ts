import type { ActionStatus } from '../../action/action-plan.ts'
import { describeStatus } from '../../action/action-status.ts'
import { MissingBinaryError, ServiceError } from '../../kernel/errors.ts'
import type { ServiceEvidence } from '../../kernel/service-evidence.ts'
import type { HealthPlan } from '../instance/health-check.ts'
import type { RunFailure } from './run-supervisor.ts'

interface FailedRun {
  readonly label: string
  readonly health: HealthPlan
  readonly status: ActionStatus
  readonly lastFailure: string | undefined
  readonly evidence: ServiceEvidence
}

/** Returns the error for a failure of `onRun`. */
export function runError(failure: RunFailure, run: FailedRun): Error {
  if (failure.kind === 'error') return failure.error
  if (failure.kind === 'late') return neverReady(run, run.health.readinessTimeoutMs, 'healthCheck.readinessTimeoutMs')
  if (failure.kind === 'unhealthy') return unhealthy(failure.lastFailure, run)
  return failure.wasReady ? died(run) : diedStarting(run)
}

/** @param option name of the option for a longer time limit */
export function neverReady(run: FailedRun, limitMs: number, option: string): ServiceError {
  const why = run.lastFailure === undefined ? '' : ` (last answer: ${run.lastFailure})`
  const message = `${run.label} is up, but was not ready within ${limitMs} ms: still waiting for ${run.health.description}${why}; allow more time if it is only slow: ${option}`
  return new ServiceError('ERR_NOT_READY', message, run.evidence)
}

export function died({ label, status, evidence }: FailedRun): ServiceError {
  const message = `${label} died: its onRun ended (${describeStatus(status)}) after it was ready`
  return new ServiceError('ERR_SERVICE_DIED', message, evidence)
}

function diedStarting({ label, status, health, evidence }: FailedRun): Error {
  const message = `${label}: its onRun ended (${describeStatus(status)}) while starting, before ${health.description}`
  if (status.error instanceof MissingBinaryError) return new MissingBinaryError(message, { cause: status.error })
  return new ServiceError('ERR_START', message, evidence, { cause: status.error })
}

function unhealthy(lastFailure: string, { label, health, evidence }: FailedRun): ServiceError {
  const message = `${label} is unhealthy: ${health.failureThreshold} health checks in a row failed, and its onRun was stopped; the last one said: ${lastFailure}`
  return new ServiceError('ERR_NOT_ANSWERING', message, evidence)
}
