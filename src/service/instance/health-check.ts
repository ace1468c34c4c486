/** State of a script with an `onRun`. */
export type ServiceHealth =
  /** Starting or restarting. */
  | 'UNREADY'
  /** `onRun` is running, and a probe has succeeded. */
  | 'READY'
  /** Too many probes in a row have failed; `onRun` is being stopped. */
  | 'UNHEALTHY'
  /** Failed, and not restarted. */
  | 'FAILED'

/** How often `onRun` is restarted after a failure, and whether earlier work with the service still counts. */
export interface RestartPolicy {
  /** Number of restarts; the first start does not count. Default: 0. */
  readonly maxAttempts?: number
  /** Whether work done with the failed instance must be repeated. Default: `RERUN`. */
  readonly completedTasks?: 'RERUN' | 'KEEP'
}

/** A change of state, for display. */
export interface HealthChange {
  readonly state: ServiceHealth
  /** Why the service is not ready any more. */
  readonly reason?: string
  /** Present while restarting, and when ready after a restart. */
  readonly restart?: { readonly attempt: number } & Required<RestartPolicy>
}

interface Limits {
  /**
   * Limit from the start of `onRun` to the first success. Default: 300,000 ms; the limit of the whole start applies,
   * too.
   */
  readonly readinessTimeoutMs?: number
  /** Failures in a row, after the first success, before the service counts as unhealthy. Default: 3. */
  readonly failureThreshold?: number
}

interface Intervals {
  /** Pause between two probes before the first success. Default: 25 ms, or 100 ms for `COMMAND`. */
  readonly readinessIntervalMs?: number
  /** Pause between two probes after the first success. Default: 30,000 ms. */
  readonly healthIntervalMs?: number
}

/**
 * How to check `onRun`: for readiness, and then for health.
 *
 * @see https://github.com/OpenJobDescription/openjd-specifications RFC 0009, `<ServiceHealthCheck>`
 */
export type HealthCheck =
  /** Connects to each of the given ports. Default: all TCP ports. */
  | ({ readonly type: 'TCP_CONNECT'; readonly ports?: readonly string[] } & Limits & Intervals)
  /** Runs `onHealthCheck`: exit status 0 is a success. */
  | ({ readonly type: 'COMMAND' } & Limits & Intervals)
  /**
   * Waits for `openjd_service_ready: text` in the output of `onRun`. With `healthIntervalMs`, the line must be repeated
   * within each interval.
   */
  | ({ readonly type: 'STDOUT'; readonly healthIntervalMs?: number } & Limits)

/** A health check, with defaults filled in. */
export interface HealthPlan {
  readonly type: HealthCheck['type']
  /** The ports to connect to. */
  readonly ports: readonly string[]
  readonly readinessIntervalMs: number
  readonly readinessTimeoutMs: number
  /** `undefined`: no probes after the first success; only the end of `onRun` is a failure. */
  readonly healthIntervalMs: number | undefined
  readonly failureThreshold: number
  /** Text for messages, after "waiting for". */
  readonly description: string
}

const tcpIntervalMs = 25
const commandIntervalMs = 100
const healthIntervalMs = 30_000
const readinessTimeoutMs = 300_000
const failureThreshold = 3

/** @param tcpPorts the names of all TCP ports */
export function healthPlanOf(check: HealthCheck, tcpPorts: readonly string[]): HealthPlan {
  const limits = {
    readinessTimeoutMs: check.readinessTimeoutMs ?? readinessTimeoutMs,
    failureThreshold: check.failureThreshold ?? failureThreshold,
  }
  if (check.type === 'STDOUT') {
    const intervals = { readinessIntervalMs: 0, healthIntervalMs: check.healthIntervalMs }
    return { ...limits, ...intervals, type: 'STDOUT', ports: [], description: '"openjd_service_ready: …" from onRun' }
  }
  const isCommand = check.type === 'COMMAND'
  const ports = check.type === 'TCP_CONNECT' ? (check.ports ?? tcpPorts) : []
  return {
    ...limits,
    type: check.type,
    ports,
    readinessIntervalMs: check.readinessIntervalMs ?? (isCommand ? commandIntervalMs : tcpIntervalMs),
    healthIntervalMs: check.healthIntervalMs ?? healthIntervalMs,
    description: isCommand ? 'success of onHealthCheck' : `a connection to ${ports.join(' and ')}`,
  }
}
