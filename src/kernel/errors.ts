import { isNativeError } from 'node:util/types'
import type { Lack } from './lack.ts'
import { ownCommand } from './own-command.ts'
import { type ServiceEvidence, withEvidence } from './service-evidence.ts'

/** All errors thrown on purpose by the package, each with a stable `code`. */

export type ErrorCode =
  | 'ERR_USAGE'
  | 'ERR_CONFIG'
  | 'ERR_START'
  | 'ERR_NOT_READY'
  | 'ERR_SERVICE_DIED'
  | 'ERR_NOT_ANSWERING'
  | 'ERR_ATTACH'
  | 'ERR_NOT_RUNNING'
  | 'ERR_ALREADY_RUNNING'
  | 'ERR_STATE'
  | 'ERR_STATE_DIRECTORY'
  | 'ERR_CYCLE'
  | 'ERR_LEFT_BEHIND'
  | 'ERR_MISSING_BINARY'
  | 'ERR_PORT_TAKEN'
  | 'ERR_CONTAINER'
  | 'ERR_TRANSPORT'
  | 'ERR_CONTROL'
  | 'ERR_RESULTS'
  | 'ERR_DEADLINE'
  | 'ERR_CANCELED'
  | 'ERR_COMMAND'
  | 'ERR_ACTION'
  | 'ERR_PERMISSION'
  | 'ERR_CONTRACT'

/**
 * Marks the errors of every copy of this package: a config and the command that loads the config may import different
 * copies.
 */
const brand: unique symbol = Symbol.for('test-services.error') as never

/** Base class of the errors: `code` is stable across releases, the message is for people. */
export class TestServicesError extends Error {
  readonly code: ErrorCode
  readonly [brand] = true

  /** Also returns `true` for an error of the same class from a different copy of this package. */
  static override readonly [Symbol.hasInstance] = isInstance

  constructor(code: ErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = new.target.name
    this.code = code
  }
}

function isInstance(this: { readonly name: string }, value: unknown): boolean {
  if (!isError(value) || !(brand in value)) return false
  const isOfSameName = value.name === this.name || this === TestServicesError
  return isOfSameName || Function.prototype[Symbol.hasInstance].call(this, value)
}

/** An error with a message and a cause alone. */
class PlainError extends TestServicesError {
  protected static readonly code: ErrorCode

  constructor(message: string, options?: ErrorOptions) {
    super(new.target.code, message, options)
  }
}

/** Wrong use of the command line or of an option: exit code 2. */
export class UsageError extends PlainError {
  protected static override readonly code = 'ERR_USAGE'
}

/** A mistake in the config; the message names the path inside the config and the expected value. */
export class ConfigError extends PlainError {
  protected static override readonly code = 'ERR_CONFIG'
}

/** Failure of a service to start, to stay alive, or to answer. */
export class ServiceError extends TestServicesError {
  readonly evidence: ServiceEvidence

  constructor(
    code: 'ERR_START' | 'ERR_NOT_READY' | 'ERR_SERVICE_DIED' | 'ERR_NOT_ANSWERING' | 'ERR_ATTACH' | 'ERR_PORT_TAKEN',
    message: string,
    evidence: ServiceEvidence,
    options?: ErrorOptions,
  ) {
    super(code, withEvidence(message, evidence), options)
    this.evidence = evidence
  }
}

/** Failure of an action, in places where a failure is an error, such as the exit of an environment. */
export class ActionError extends TestServicesError {
  readonly evidence: ServiceEvidence

  constructor(message: string, evidence: ServiceEvidence, options?: ErrorOptions) {
    super('ERR_ACTION', withEvidence(message, evidence), options)
    this.evidence = evidence
  }
}

/** A call not allowed in the present state, such as reading `serviceConfig` before `setUp`. */
export class StateError extends PlainError {
  protected static override readonly code = 'ERR_STATE'
}

/** An unusable or untrusted state directory. */
export class StateDirectoryError extends PlainError {
  protected static override readonly code = 'ERR_STATE_DIRECTORY'
}

/** Services with a circle of needs. */
export class CycleError extends TestServicesError {
  constructor(chain: readonly string[]) {
    super('ERR_CYCLE', `services need each other in a circle: ${chain.join(' → ')}; remove one of these needs`)
  }
}

/** Resources not removed by a stop; the message names each. */
export class LeftBehindError extends TestServicesError {
  readonly leftovers: readonly string[]

  constructor(what: string, leftovers: readonly string[]) {
    super('ERR_LEFT_BEHIND', `${what}: could not remove ${leftovers.join(', ')}; "${ownCommand()} sweep" tries again`)
    this.leftovers = leftovers
  }
}

/** A missing program; the message says how to install the program. */
export class MissingBinaryError extends TestServicesError {
  /** Lets one command install the missing programs of several services. Absent if no package is known. */
  readonly lack: Lack | undefined

  constructor(message: string, { lack, ...options }: ErrorOptions & { readonly lack?: Lack | undefined } = {}) {
    super('ERR_MISSING_BINARY', message, options)
    this.lack = lack
  }
}

/** A container engine that is missing, does not answer, or refuses; or an image missing in the engine. */
export class ContainerError extends PlainError {
  protected static override readonly code = 'ERR_CONTAINER'
}

/** A machine out of reach, or lost; not the failure of a command on the machine. */
export class TransportError extends TestServicesError {
  /** Whether a further attempt is useless, as after the refusal of a key. */
  readonly isPermanent: boolean

  constructor(message: string, { isPermanent = false, ...options }: ErrorOptions & { isPermanent?: boolean } = {}) {
    super('ERR_TRANSPORT', message, options)
    this.isPermanent = isPermanent
  }
}

/** A breach of the protocol by a test, on its control descriptor; the message has the line. */
export class ControlError extends PlainError {
  protected static override readonly code = 'ERR_CONTROL'
}

/** Failure to make, write or read a results directory, or to put a result on record. */
export class ResultsError extends PlainError {
  protected static override readonly code = 'ERR_RESULTS'
}

/** No holder runs under the wanted name: exit code 3. */
export class NotRunningError extends PlainError {
  protected static override readonly code = 'ERR_NOT_RUNNING'
}

/** A holder already runs under the wanted name. */
export class AlreadyRunningError extends PlainError {
  protected static override readonly code = 'ERR_ALREADY_RUNNING'
}

/** Time ran out. */
export class DeadlineError extends TestServicesError {
  /** @param limit the limit for people. Default: in milliseconds */
  constructor(what: string, limitMs: number, limit = `${limitMs} ms`) {
    super('ERR_DEADLINE', `${what} took longer than ${limit}`)
  }
}

/** The caller gave up, by a signal or an `AbortSignal`. */
export class CanceledError extends TestServicesError {
  constructor(what: string, options?: ErrorOptions) {
    super('ERR_CANCELED', `${what} was canceled`, options)
  }
}

/** An action forbidden by the system, such as running a program as a different user. */
export class PermissionError extends PlainError {
  protected static override readonly code = 'ERR_PERMISSION'
}

/** A broken promise of the contract of fixtures. */
export class ContractError extends TestServicesError {
  /** Name of the failed case. */
  readonly promise: string

  constructor(promise: string, cause: Error, logTail: string) {
    const message = `the fixture breaks the promise "${promise}": ${cause.message}`
    super('ERR_CONTRACT', withEvidence(message, { logTail }), { cause })
    this.promise = promise
  }
}

/** Failure of a command run for its effect. */
export class CommandError extends TestServicesError {
  readonly exitCode: number | undefined

  constructor(message: string, exitCode?: number, options?: ErrorOptions) {
    super('ERR_COMMAND', message, options)
    this.exitCode = exitCode
  }
}

/**
 * Returns a thrown error unchanged; wraps a thrown value of a different type in an `Error`. An error and the errors of
 * the disposals after it, as `using` throws them, become an `AggregateError`, the cause first.
 */
export function asError(thrown: unknown): Error {
  if (!isError(thrown)) return new Error(String(thrown))
  if (thrown.name !== 'SuppressedError') return thrown
  const { error, suppressed } = thrown as Error & { readonly error?: unknown; readonly suppressed?: unknown }
  return combineErrors([asError(suppressed), asError(error)])
}

/** Also recognises errors of a different realm, such as Node's own errors when our code runs in a `node:vm` context. */
function isError(thrown: unknown): thrown is Error {
  return thrown instanceof Error || isNativeError(thrown)
}

/** Whether a system call failed with a given code, such as `ENOENT`. */
export function hasCode(thrown: unknown, ...codes: readonly string[]): boolean {
  return isError(thrown) && codes.includes((thrown as NodeJS.ErrnoException).code ?? '')
}

/**
 * Returns a single error unchanged, and several as an `AggregateError`: the first error is the cause of the rest. The
 * `code` is the first known `ErrorCode`.
 */
export function combineErrors(errors: readonly Error[], message?: string): Error {
  const [first] = errors
  if (first && errors.length === 1) return first
  const all = errors.flatMap((error) => (error instanceof AggregateError ? error.errors.map(asError) : [error]))
  const code = all.find((error) => error instanceof TestServicesError)?.code
  const combined = new AggregateError(all, message ?? all.map((error) => error.message).join('\n'))
  return code === undefined ? combined : Object.assign(combined, { code })
}
