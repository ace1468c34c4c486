import { dirname } from 'node:path'
import type { Config } from '../config/define-config.ts'
import type { Stack } from '../config/stack.ts'
import { CleanUpStack } from '../kernel/cleanup-stack.ts'
import { ConfigError, combineErrors } from '../kernel/errors.ts'
import { lazyByKey } from '../kernel/lazy.ts'
import type { Redactor } from '../kernel/redactor.ts'
import { secretsIn } from '../kernel/secrets.ts'
import { didYouMean } from '../kernel/suggestion.ts'
import type { ForwardedPorts, RunningServices } from '../pool/services/forwarded-ports.ts'
import { defaultPrefix } from '../service/instance/variables.ts'
import type { SessionListener } from '../session/events.ts'
import type { Session } from '../session/session.ts'
import type { WorkflowConfig } from './config/workflow-config.ts'
import type { Transports } from './transports.ts'

export interface ServicesParts {
  readonly config: Pick<WorkflowConfig, 'services'>
  /** Directory of the workflow, from which the config of the project is searched. */
  readonly directory: string
  readonly transports: Transports
  /** Hides the passwords of the services. */
  readonly redactor: Redactor
  readonly onEvent: SessionListener
  /** Skips the graces of services being stopped. */
  readonly forceSignal: AbortSignal
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
  /** The last start. Each start waits for the start before. */
  #turn: Promise<unknown> = Promise.resolve()
  /** Ports of a machine, by the name of its transport. */
  readonly #ports: (transport: string) => Promise<ForwardedPorts>

  constructor(parts: ServicesParts) {
    this.#parts = parts
    this.#ports = lazyByKey((transport) => this.#openPorts(transport))
  }

  /** Starts services, except running ones. @throws ERR_CONFIG for an unknown name; the errors of the services */
  start(names: readonly string[], signal: AbortSignal): Promise<void> {
    const started = this.#turn.then(() => this.#start(names, signal))
    this.#turn = started.catch(() => {}) // told to the caller of `start`
    return started
  }

  async #start(names: readonly string[], signal: AbortSignal): Promise<void> {
    const wanted = names.filter((name) => !this.#running.services.has(name))
    if (wanted.length === 0) return
    const { session } = await this.#sessionFor(wanted, signal)
    await session.enter({ only: wanted, signal })
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

  /** Only a config has an environment, and a config has one session. */
  get #environment(): Config['environment'] {
    return this.#sessions[0]?.stack.config.environment
  }

  /** A config has one session, so that its services can need each other. Bundled fixtures get a session for each call. */
  async #sessionFor(names: readonly string[], signal: AbortSignal): Promise<Held> {
    const { hasConfigFile, openSession } = await import('../config/stack.ts')
    const [first] = this.#sessions
    const held = first && hasConfigFile(first.stack) ? first : undefined
    if (held) {
      checkNames(names, held.stack)
      return held
    }
    const stack = await this.#findStack(names, signal)
    const session = openSession(stack, { onEvent: this.#parts.onEvent })
    this.#cleanUps.add(() => session.end({ forceSignal: this.#parts.forceSignal }))
    const opened = { session, stack }
    this.#sessions.push(opened)
    return opened
  }

  async #findStack(names: readonly string[], signal: AbortSignal): Promise<Stack> {
    const { services, directory } = { ...this.#parts, ...this.#parts.config }
    if (services) {
      const { config, file: project } = services
      const stack = { config, project, directory: dirname(project), prefix: config.prefix ?? defaultPrefix, names }
      checkNames(names, stack)
      return stack
    }
    const { findStack } = await import('../config/stack.ts')
    return findStack({ directory, names, signal })
  }

  async #openPorts(transport: string): Promise<ForwardedPorts> {
    const { ForwardedPorts } = await import('../pool/services/forwarded-ports.ts')
    const ports = new ForwardedPorts(await this.#parts.transports.get(transport))
    this.#cleanUps.add(() => ports.close())
    return ports
  }
}

function checkNames(names: readonly string[], { config, project }: Stack): void {
  const known = Object.keys(config.services)
  const unknown = names.find((name) => !known.includes(name))
  if (unknown !== undefined)
    throw new ConfigError(
      `unknown service "${unknown}"${didYouMean(unknown, known)}: ${project} has ${known.join(', ')}`,
    )
}
