import * as v from 'valibot'
import { ConfigError } from '../../kernel/errors.ts'
import type { HealthCheck } from '../instance/health-check.ts'
import { parseOptions } from '../options/parse-options.ts'
import { filesSchema, planSchema, timeoutSchema, valuesSchema } from '../options/plan-schema.ts'
import { portSchema } from '../options/port-schema.ts'
import type { ScriptOptions } from './script.ts'

const count = (least: number) => v.optional(v.pipe(v.number(), v.integer('an integer'), v.minValue(least)))

const portsSchema = v.record(
  v.string(),
  v.strictObject({
    port: v.optional(portSchema),
    protocol: v.optional(v.picklist(['TCP', 'UDP'])),
    bindAddress: v.optional(v.string()),
    connectAddress: v.optional(v.string()),
    listener: v.optional(v.picklist(['own', 'any'])),
  }),
)

const limits = {
  readinessTimeoutMs: v.optional(timeoutSchema),
  failureThreshold: count(1),
  healthIntervalMs: v.optional(timeoutSchema),
}
const intervals = { ...limits, readinessIntervalMs: v.optional(timeoutSchema) }

const healthCheckSchema = v.variant('type', [
  v.strictObject({ type: v.literal('TCP_CONNECT'), ports: v.optional(v.array(v.string())), ...intervals }),
  v.strictObject({ type: v.literal('COMMAND'), ...intervals }),
  v.strictObject({ type: v.literal('STDOUT'), ...limits }),
])

const scriptSchema = v.strictObject({
  onEnter: v.optional(planSchema),
  onRun: v.optional(planSchema),
  ports: v.optional(portsSchema),
  healthCheck: v.optional(healthCheckSchema),
  onHealthCheck: v.optional(planSchema),
  onCheck: v.optional(planSchema),
  restartPolicy: v.optional(
    v.strictObject({ maxAttempts: count(0), completedTasks: v.optional(v.picklist(['RERUN', 'KEEP'])) }),
  ),
  onExit: v.optional(planSchema),
  onReset: v.optional(planSchema),
  needs: v.optional(v.array(v.string())),
  scope: v.optional(v.picklist(['run', 'slot'])),
  variables: v.optional(v.union([v.function(), valuesSchema])),
  embeddedFiles: v.optional(filesSchema),
  user: v.optional(v.string()),
})

/** Options that a profile may change: all except `needs` and `scope`. */
const profileSchema = v.partial(v.omit(scriptSchema, ['needs', 'scope']))

/**
 * Checks the options of a script, each alone and then in combination.
 *
 * @throws ERR_CONFIG naming the option and the expected value
 */
export function checkScript(options: ScriptOptions, path: string): void {
  parseOptions(scriptSchema, options, path)
  const problem = [actionsProblem, portsProblem, healthProblem].map((find) => find(options)).find(Boolean)
  if (problem) throw new ConfigError(`${path}.${problem}`)
}

/** Checks the profile of a script, alone and in combination with the options of the script. */
export function checkScriptProfile(options: ScriptOptions, profile: object, path: string): void {
  parseOptions(profileSchema, profile, path)
  checkScript({ ...options, ...profile }, path)
}

/** Returns the names of the TCP ports. */
export function tcpPortsOf({ ports = {} }: Pick<ScriptOptions, 'ports'>): string[] {
  return Object.keys(ports).filter((name) => ports[name]?.protocol !== 'UDP')
}

/** Returns the health check, or the default health check. */
export function healthCheckOf({ healthCheck, onHealthCheck, onCheck }: ScriptOptions): HealthCheck {
  return healthCheck ?? { type: onHealthCheck || onCheck ? 'COMMAND' : 'TCP_CONNECT' }
}

function actionsProblem({ onEnter, onRun, onCheck, onHealthCheck, healthCheck, restartPolicy }: ScriptOptions) {
  if (!onEnter && !onRun) return 'onEnter: missing; a script has an onEnter, an onRun, or both'
  if (onCheck && onHealthCheck) return 'onCheck: expected only one of onHealthCheck and onCheck, which are the same'
  if (!onRun && healthCheck) return 'healthCheck: expected an onRun with it, whose health it checks'
  if (!onRun && restartPolicy) return 'restartPolicy: expected an onRun with it, which is started again'
  return undefined
}

const portNameForm = /^[A-Za-z][A-Za-z0-9_-]*$/

function portsProblem({ ports = {} }: ScriptOptions): string | undefined {
  const names = Object.keys(ports)
  const odd = names.find((name) => !portNameForm.test(name))
  if (odd !== undefined) return `ports: expected names of letters, digits, "-" and "_", but got "${odd}"`
  const numbers = Object.values(ports).flatMap(({ port, protocol = 'TCP' }) => (port ? [`${protocol} ${port}`] : []))
  const double = numbers.find((number, index) => numbers.indexOf(number) !== index)
  return double && `ports: two of them are ${double}`
}

function healthProblem(options: ScriptOptions): string | undefined {
  if (!options.onRun) return undefined
  const check = healthCheckOf(options)
  if (check.type === 'TCP_CONNECT') return tcpProblem(tcpPortsOf(options), check.ports)
  const asks = options.onHealthCheck ?? options.onCheck
  if (check.type === 'COMMAND' && !asks) return 'onHealthCheck: missing; the health check of type COMMAND runs it'
  if (check.type === 'STDOUT' && check.failureThreshold !== undefined && check.healthIntervalMs === undefined)
    return 'healthCheck.failureThreshold: expected a healthIntervalMs with it, which says how often onRun tells that it lives'
  return undefined
}

function tcpProblem(tcpPorts: readonly string[], ports: readonly string[] = tcpPorts): string | undefined {
  const unknown = ports.find((name) => !tcpPorts.includes(name))
  if (unknown !== undefined) return `healthCheck.ports: "${unknown}" is no TCP port of this script`
  if (ports.length > 0) return undefined
  return 'healthCheck: onRun has no TCP port that tells when it is ready; give it one in "ports", an onHealthCheck, or { type: \'STDOUT\' }, for which it says "openjd_service_ready: listening"'
}
