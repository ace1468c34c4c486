import { openSession, type Stack } from '../../config/stack.ts'
import { Deadline } from '../../kernel/deadline.ts'
import { asError, combineErrors } from '../../kernel/errors.ts'
import { type LogPosition, logPositionOf, logSince } from '../../service/instance/log-excerpt.ts'
import type { SessionListener } from '../../session/events.ts'
import { exportedVariables } from '../../session/exported-variables.ts'
import { type ServiceStart, startIn } from '../../session/service-start.ts'
import type { Session } from '../../session/session.ts'
import { instanceVariables, type RunningServices } from './forwarded-ports.ts'
import type { MachineServices } from './machine-services.ts'

/** How to bring the services of a machine up. */
export interface HoldingOptions {
  readonly signal?: AbortSignal | undefined
  /** Limit for the start, and for each reset, in milliseconds. Default: 60,000. */
  readonly timeoutMs?: number | undefined
  /** Environment with declarations of running services. The session gets tenants of the services. Default: none. */
  readonly declaredIn?: NodeJS.ProcessEnv | undefined
  /** The whole instances of which the session gets tenants. Default: none. */
  readonly instances?: RunningServices | undefined
}

const resetLimitMs = 60_000

/** Services in a session of this process. */
export class HeldServices implements MachineServices {
  readonly session: Session
  readonly starts: readonly ServiceStart[]
  /** For clients that make tenants of their own, such as the plugin of Vitest. */
  readonly instances: RunningServices
  readonly #limitMs: number
  readonly #positions = new Map<string, LogPosition>()

  private constructor(session: Session, starts: readonly ServiceStart[], options: HoldingOptions) {
    const { timeoutMs = resetLimitMs, instances = { prefix: session.prefix, services: new Map() } } = options
    this.session = session
    this.starts = starts
    this.instances = instances
    this.#limitMs = timeoutMs
  }

  /** Starts the named services of a stack. @throws the errors of `Session.enter`; no service is up then */
  static async open(stack: Stack, options: HoldingOptions): Promise<HeldServices> {
    const starts: ServiceStart[] = []
    const { declaredIn, instances, ...limits } = options
    const tenants = instances?.services ?? new Map()
    const onEvent: SessionListener = (event) => {
      const start = startIn(event, tenants)
      if (start) starts.push(start)
    }
    const session = openSession(stack, { onEvent })
    const existing = declaredIn && { useExisting: true, declaredIn }
    try {
      await session.enter({ ...limits, ...existing, only: stack.names })
    } catch (thrown) {
      const left = await session.end().then(() => [], asError)
      throw combineErrors([asError(thrown), ...[left].flat()])
    }
    return new HeldServices(session, [...starts], options)
  }

  get variables(): Readonly<Record<string, string>> {
    return { ...exportedVariables(this.session), ...instanceVariables(this.instances) }
  }

  async reset(signal?: AbortSignal): Promise<void> {
    await new Deadline('resetting the services', this.#limitMs, signal).race(() => this.session.reset())
    for (const [name, service] of this.session.services) this.#positions.set(name, logPositionOf(service))
  }

  async logs(): Promise<Readonly<Record<string, string>>> {
    const services = [...this.session.services]
    return Object.fromEntries(services.map(([name, service]) => [name, logSince(service, this.#positions.get(name))]))
  }

  close(): Promise<void> {
    return this.session.end()
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }
}
