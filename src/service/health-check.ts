/** State of a script with an `onRun`. */
export type ServiceHealth =
  /** It is being started, or started again. */
  | 'UNREADY'
  /** A probe succeeded, and `onRun` runs. */
  | 'READY'
  /** Too many probes in a row failed: its `onRun` is being stopped. */
  | 'UNHEALTHY'
  /** It failed, and is not started again. */
  | 'FAILED'

/** How often `onRun` is started again after a failure, and what holds then of what was done before. */
export interface RestartPolicy {
  /** The first start is not counted. Default: 0. */
  readonly maxAttempts?: number
  /** Whether what was done with the instance that failed must be done again. Default: `RERUN`. */
  readonly completedTasks?: 'RERUN' | 'KEEP'
}

/** A change of state, for whoever shows it. */
export interface HealthChange {
  readonly state: ServiceHealth
  /** Why it is not ready any more. */
  readonly reason?: string
  /** Present when it is started again, and when it is ready after that. */
  readonly restart?: { readonly attempt: number } & Required<RestartPolicy>
}

interface Limits {
  /** Time from the start of `onRun` to the first success. Default: 300,000 ms; the time for the whole start is less. */
  readonly readinessTimeoutMs?: number
  /** Failures in a row, after the first success, that make it unhealthy. Default: 3. */
  readonly failureThreshold?: number
}

interface Intervals {
  /** Pause between two probes before the first success. Default: 25 ms, or 100 ms for `COMMAND`. */
  readonly readinessIntervalMs?: number
  /** Pause between two probes after it. Default: 30,000 ms. */
  readonly healthIntervalMs?: number
}

/**
 * How it is known that `onRun` is ready, and stays healthy.
 *
 * @see https://github.com/OpenJobDescription/openjd-specifications RFC 0009, `<ServiceHealthCheck>`
 */
export type HealthCheck =
  /** A connection to each of these ports. Default: all TCP ports. */
  | ({ readonly type: 'TCP_CONNECT'; readonly ports?: readonly string[] } & Limits & Intervals)
  /** `onHealthCheck` ends with status 0. */
  | ({ readonly type: 'COMMAND' } & Limits & Intervals)
  /** `onRun` says `openjd_service_ready: text`; with an interval, it has to say so again within each. */
  | ({ readonly type: 'STDOUT'; readonly healthIntervalMs?: number } & Limits)

/** A health check with its defaults. */
export interface HealthPlan {
  readonly type: HealthCheck['type']
  /** The ports to connect to. */
  readonly ports: readonly string[]
  readonly readinessIntervalMs: number
  readonly readinessTimeoutMs: number
  /** `undefined`: only the end of `onRun` tells of a failure. */
  readonly healthIntervalMs: number | undefined
  readonly failureThreshold: number
  /** For messages, after "waiting for". */
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
