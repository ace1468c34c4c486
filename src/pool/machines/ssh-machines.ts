import * as v from 'valibot'
import { asError, combineErrors, TransportError } from '../../kernel/errors.ts'
import { parseOptions } from '../../service/options/parse-options.ts'
import { timeoutSchema } from '../../service/options/plan-schema.ts'
import type { SshOptions } from '../../transport/ssh/ssh-options.ts'
import { createProvisioner, type ReservationOptions, reservationSchema } from './create-provisioner.ts'
import type { Provisioner } from './machine.ts'
import type { MachineMaker, MadeMachine } from './machine-maker.ts'
import { type RemoteMachineOptions, SshHost } from './ssh-host.ts'

/** A host, with the options of ssh, and the number of tests at a time. */
export interface HostOptions extends SshOptions {
  /** Tests at a time. Default: 1. */
  readonly slots?: number | undefined
}

/** Options of `sshMachines`. */
export interface SshMachinesOptions extends RemoteMachineOptions, ReservationOptions {
  readonly hosts: readonly HostOptions[]
}

const slots = v.optional(v.pipe(v.number(), v.integer(), v.minValue(1)))
const optionsSchema = v.strictObject({
  hosts: v.pipe(v.array(v.looseObject({ slots })), v.nonEmpty()),
  platform: v.optional(v.string()),
  directory: v.optional(v.pipe(v.string(), v.regex(/^\//, 'an absolute path'))),
  longestLifeMs: v.optional(timeoutSchema),
  ...reservationSchema,
})

/**
 * Provides machines on hosts, through ssh. The slots of a host share connections. Each machine has a separate
 * directory, recorded by this process, and watched on the host: the processes of the machine end after the longest
 * life, whatever happens to this process.
 *
 * @throws ERR_CONFIG for an invalid option
 */
export function sshMachines(options: SshMachinesOptions): Provisioner {
  parseOptions(optionsSchema, options, 'sshMachines()')
  const { hosts, attempts, pauseMs, ...machine } = options
  return createProvisioner(new SshHosts(hosts, machine), { attempts, pauseMs })
}

class SshHosts implements MachineMaker {
  readonly name: string
  readonly #hosts: readonly SshHost[]

  constructor(hosts: readonly HostOptions[], machine: RemoteMachineOptions) {
    this.#hosts = hosts.map(({ slots = 1, ...options }) => new SshHost({ slots, options, machine }))
    const names = this.#hosts.map(({ name }) => name)
    this.name = names.length > 1 ? `ssh (${names.length} hosts)` : (names[0] ?? '')
  }

  /** Hosts with a permanent failure do not count. */
  get slots(): number {
    return this.#usable.reduce((sum, host) => sum + host.slots, 0)
  }

  async make(number: number, signal: AbortSignal): Promise<MadeMachine> {
    return this.#choose().make(number, signal)
  }

  async close(): Promise<void> {
    const closed = await Promise.allSettled(this.#hosts.map((host) => host.close()))
    const errors = closed.flatMap((each) => (each.status === 'rejected' ? [asError(each.reason)] : []))
    if (errors.length > 0) throw combineErrors(errors)
  }

  get #usable(): readonly SshHost[] {
    return this.#hosts.filter(({ isRefused }) => !isRefused)
  }

  /** Chooses a host with a free slot: the host with the fewest failures of late, and among equals the smallest load. */
  #choose(): SshHost {
    const hosts = this.slots > 0 ? this.#usable : this.#hosts
    const [first, ...others] = hosts.filter((host) => host.used < host.slots)
    if (first === undefined) throw new TransportError(`${this.name}: no host has a free slot`)
    return others.reduce((best, host) => (isBetter(host, best) ? host : best), first)
  }
}

function isBetter(one: SshHost, other: SshHost): boolean {
  return one.failures === other.failures ? one.load < other.load : one.failures < other.failures
}
