import type { Config } from '../config/define-config.ts'
import type { Stack } from '../config/stack.ts'
import { CleanUpStack } from '../kernel/cleanup-stack.ts'
import { combineErrors } from '../kernel/errors.ts'
import { lazyByKey } from '../kernel/lazy.ts'
import type { Redactor } from '../kernel/redactor.ts'
import { secretsIn } from '../kernel/secrets.ts'
import { Turns } from '../kernel/turns.ts'
import type { ForwardedPorts, RunningServices } from '../pool/services/forwarded-ports.ts'
import type { SessionListener } from '../session/events.ts'
import type { Session } from '../session/session.ts'
import type { WorkflowConfig } from './config/workflow-config.ts'
import type { ServicesOptions } from './script/script.ts'
import type { Transports } from './transports.ts'

export interface ServicesParts {
  readonly config: Pick<WorkflowConfig, 'servicesOf'>
  readonly transports: Transports
  /** Hides the passwords of the services. */
  readonly redactor: Redactor
  readonly onEvent: SessionListener
  /** Skips the graces of services being stopped. */
  readonly forceSignal: AbortSignal
}

interface Start extends ServicesOptions {
  readonly signal: AbortSignal
}

interface Held {
  readonly session: Session
  readonly stack: Stack
}

/** The services of a workflow: in sessions of this process, until the end of the workflow. */
export class WorkflowServices {
  readonly #parts: ServicesParts
  readonly #sessions: Held[] = []
  readonly #cleanUps = new CleanUpStack()
  /** Each start waits for the start before. */
  readonly #starts = new Turns()
  /** Ports of a machine, by the name of its transport. */
  readonly #ports: (transport: string) => Promise<ForwardedPorts>

  constructor(parts: ServicesParts) {
    this.#parts = parts
    this.#ports = lazyByKey((transport) => this.#openPorts(transport))
  }

  /** Starts services, except running ones. @throws ERR_CONFIG for an unknown name; the errors of the services */
  start(names: readonly string[], how: Start): Promise<void> {
    return this.#starts.do(() => this.#start(names, how))
  }

  async #start(names: readonly string[], how: Start): Promise<void> {
    const wanted = names.filter((name) => !this.#running.services.has(name))
    if (wanted.length === 0) return
    const { session } = await this.#sessionFor(wanted, how.signal)
    await session.enter({ only: wanted, ...how })
    for (const { serviceConfig } of session.services.values())
      for (const secret of secretsIn(serviceConfig)) this.#parts.redactor.add(secret)
  }

  /** Returns the variables for commands of a transport. @throws ERR_TRANSPORT if a port cannot be forwarded */
  async variablesOn(transport: string): Promise<Readonly<Record<string, string>>> {
    const running = this.#running
    if (running.services.size === 0) return {}
    if (this.#parts.transports.isLocal(transport)) {
      const { exportedVariables } = await import('../session/exported-variables.ts')
      const variables = Object.assign({}, ...this.#sessions.map(({ session }) => session.variables))
      return exportedVariables({ ...running, variables })
    }
    const ports = await this.#ports(transport)
    await ports.forward(running)
    return ports.variables(running, this.#environment)
  }

  /** Closes the ports of the machines, and ends all services. */
  async close(): Promise<void> {
    const errors = await this.#cleanUps.run()
    if (errors.length > 0) throw combineErrors(errors)
  }

  get #running(): RunningServices {
    const services = new Map(this.#sessions.flatMap(({ session }) => [...session.services]))
    return { prefix: this.#sessions[0]?.session.prefix ?? '', services }
  }

  /** Variables of the config, the same in all sessions. */
  get #environment(): Config['environment'] {
    return this.#sessions[0]?.stack.config.environment
  }

  /** The services of a config share a session, so that they can need each other. Fixtures get a session for each call. */
  async #sessionFor(names: readonly string[], signal: AbortSignal): Promise<Held> {
    const { openSession } = await import('../config/stack.ts')
    const stack = await this.#parts.config.servicesOf(names, signal)
    const held = this.#sessions.find(({ stack: { config } }) => names.every((name) => name in config.services))
    if (held) return held
    const session = openSession(stack, { onEvent: this.#parts.onEvent })
    this.#cleanUps.add(() => session.end({ forceSignal: this.#parts.forceSignal }))
    const opened = { session, stack }
    this.#sessions.push(opened)
    return opened
  }

  async #openPorts(transport: string): Promise<ForwardedPorts> {
    const { ForwardedPorts } = await import('../pool/services/forwarded-ports.ts')
    const ports = new ForwardedPorts(await this.#parts.transports.get(transport))
    this.#cleanUps.add(() => ports.close())
    return ports
  }
}
