import { asError, combineErrors } from '../../kernel/errors.ts'
import { lazy } from '../../kernel/lazy.ts'
import { type SshOptions, sshTarget } from '../../transport/ssh/ssh-options.ts'
import { ssh } from '../../transport/ssh.ts'
import type { Transport } from '../../transport/transport.ts'
import { defaultLifeMs } from './longest-life.ts'
import type { MadeMachine } from './machine-maker.ts'
import { MachineTransport } from './machine-transport.ts'
import { isPermanent } from './permanent-failure.ts'
import { platformOf } from './platform.ts'
import { makeRemoteDirectory, testDirectory, variablesOf } from './remote-directory.ts'
import { RemoteMachine } from './remote-machine.ts'

/** Options of all machines of a provisioner. */
export interface RemoteMachineOptions {
  /** Default: found by asking the machine for the version of Node, or else the system, and the processor. */
  readonly platform?: string | undefined
  /** Absolute path of the directory for the directories of the machines. Default: `/tmp`. */
  readonly directory?: string | undefined
  /**
   * Longest life of a machine, in milliseconds: then the host ends the machine, even after the death of this process.
   * Default: 12 hours.
   */
  readonly longestLifeMs?: number | undefined
}

interface HostParts {
  readonly slots: number
  readonly options: SshOptions
  readonly machine: RemoteMachineOptions
}

/** A connection to a host, with the number of machines in use or in the making. */
interface HostConnection {
  readonly transport: Transport
  machines: number
}

const defaultPlace = '/tmp'
/**
 * Number of machines on a connection. By default, sshd allows ten sessions in a connection: one for the keeper, and for
 * each machine a session for the test, a session for the services, and from time to time a third session.
 */
const machinesPerConnection = 3

/** A host, with a connection for every few machines. */
export class SshHost {
  /** `user@host`. */
  readonly name: string
  readonly slots: number
  /** Failures since the last machine was made. */
  failures = 0
  readonly #parts: HostParts
  readonly #connections: readonly HostConnection[]
  /** The first connection, also for commands about the host. */
  readonly #transport: Transport
  /** Machines that could not be ended. */
  readonly #left = new Set<RemoteMachine>()
  /** The permanent failure: the host is not contacted again. */
  #refusal: unknown
  /** Whether the last machine was made. */
  #isReached = false
  readonly #platform = lazy(() => platformOf(this.#transport))

  /** @throws ERR_CONFIG for an invalid option */
  constructor(parts: HostParts) {
    const { user, host } = sshTarget(parts.options)
    this.name = `${user}@${host}`
    this.slots = parts.slots
    this.#parts = parts
    this.#transport = ssh(parts.options)
    const others = Array.from({ length: Math.ceil(parts.slots / machinesPerConnection) - 1 }, () => ssh(parts.options))
    this.#connections = [this.#transport, ...others].map((transport) => ({ transport, machines: 0 }))
  }

  /** Number of machines in use, or being made. */
  get used(): number {
    return this.#connections.reduce((sum, { machines }) => sum + machines, 0)
  }

  /** Share of the slots in use. */
  get load(): number {
    return this.used / this.slots
  }

  /** Whether a further attempt to make a machine is useless. */
  get isRefused(): boolean {
    return this.#refusal !== undefined
  }

  async make(number: number, signal: AbortSignal): Promise<MadeMachine> {
    if (this.isRefused) throw this.#refusal
    const connection = this.#connections.reduce((best, one) => (one.machines < best.machines ? one : best))
    connection.machines++
    try {
      const made = await this.#make(`${this.name}/${number}`, connection.transport, signal)
      this.failures = 0
      this.#isReached = true
      return { ...made, end: () => made.end().finally(() => connection.machines--) }
    } catch (thrown) {
      connection.machines--
      this.#isReached = false
      if (isPermanent(thrown)) this.#refusal = thrown
      if (!signal.aborted) this.failures++
      throw thrown
    }
  }

  /** Tries once more to end leftover machines, and closes the connections. @throws ERR_LEFT_BEHIND */
  async close(): Promise<void> {
    const left = [...this.#left].map((machine) => machine.end(this.#transport).catch(() => machine.giveUp()))
    const ended = await Promise.allSettled(left)
    const closed = await Promise.allSettled(this.#connections.map(({ transport }) => transport.close()))
    const ends = [...ended, ...closed]
    const errors = ends.flatMap((each) => (each.status === 'rejected' ? [asError(each.reason)] : []))
    if (errors.length > 0) throw combineErrors(errors)
  }

  async #make(name: string, shared: Transport, signal: AbortSignal): Promise<MadeMachine> {
    const { options, machine } = this.#parts
    const { platform, directory: place = defaultPlace, longestLifeMs = defaultLifeMs } = machine
    await this.#contact(signal)
    const record = await RemoteMachine.record({ place, options, host: this.name, longestLifeMs })
    const { directory } = record
    try {
      await makeRemoteDirectory(this.#transport, directory, { longestLifeMs, signal })
      const transport = new MachineTransport(shared, variablesOf(directory))
      return {
        name,
        platform: platform ?? (await this.#platform()),
        transport,
        directory: testDirectory(directory),
        end: async () => {
          try {
            await transport.close()
          } finally {
            await this.#end(record)
          }
        },
      }
    } catch (thrown) {
      const errors = await this.#end(record).then(
        () => [],
        (error) => [asError(error)],
      )
      throw combineErrors([asError(thrown), ...errors])
    }
  }

  /** Contacts the host first, so that an unreachable host gets no record. */
  async #contact(signal: AbortSignal): Promise<void> {
    if (this.#isReached && this.#left.size === 0) return
    await this.#transport.run(['true'], { signal })
    await Promise.allSettled([...this.#left].map((machine) => this.#end(machine)))
  }

  /** Ends a machine. After a failure, the next contact with the host tries again. */
  async #end(machine: RemoteMachine): Promise<void> {
    try {
      await machine.end(this.#transport)
      this.#left.delete(machine)
    } catch (thrown) {
      this.#left.add(machine)
      throw thrown
    }
  }
}
