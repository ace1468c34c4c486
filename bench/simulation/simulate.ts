import { seededNormal } from '../skewed-suite.ts'
import { TimeQueue } from './time-queue.ts'

/** What one test costs each part, in milliseconds. */
export interface Costs {
  /** Time of the queue's server, which does one thing at a time. */
  readonly takeMs: number
  readonly finishMs: number
  readonly renewMs: number
  /** Time of the pool of a host, which does one thing at a time, without the results. */
  readonly poolMs: number
  /** Time that the host needs to write the results of a test. */
  readonly resultsMs: number
  /** From a host to the server, and back. */
  readonly roundTripMs: number
}

export interface Cluster {
  readonly hosts: number
  readonly machinesPerHost: number
  readonly tests: number
  /** Mean duration of a test. The durations are log-normal. */
  readonly meanMs: number
  /** How often a host renews its lock on each test that runs. */
  readonly renewEveryMs: number
}

export interface Outcome {
  readonly makespanMs: number
  /** `makespanMs` by max(total ÷ machines, longest). */
  readonly overBound: number
  readonly testsPerSecond: number
  /** Share of the time in which each part is busy. */
  readonly busy: { readonly server: number; readonly host: number; readonly machine: number }
  /** How long a free machine waits for its test. */
  readonly meanWaitMs: number
}

/** Of the logarithm of the durations. */
const deviation = 1

/** Something that does one thing at a time, in the order of arrival. */
class Station {
  busyMs = 0
  #freeAt = 0

  /** Returns when work that arrives at `at` is done. */
  serve(at: number, ms: number): number {
    this.busyMs += ms
    this.#freeAt = Math.max(at, this.#freeAt) + ms
    return this.#freeAt
  }
}

/** What a machine does next, and where: the pool of its host, or the server. */
type Step = 'choose' | 'take' | 'write' | 'finish'

interface MachineEvent {
  readonly host: number
  readonly step: Step
  /** When the machine became free. */
  readonly freeAt: number
}

/** Simulates one queue: the hosts take tests until there are none. */
export function simulate(cluster: Cluster, costs: Costs): Outcome {
  const simulation = new Simulation(cluster, costs)
  simulation.run()
  return simulation.outcome()
}

/** Each arrival at a station is an event, so that a station serves in the order of arrival. */
class Simulation {
  readonly #cluster: Cluster
  readonly #costs: Costs
  readonly #durations: Float64Array
  readonly #server = new Station()
  readonly #hosts: readonly Station[]
  readonly #events = new TimeQueue<MachineEvent>()
  readonly #tripMs: number
  #next = 0
  #waitedMs = 0
  #makespanMs = 0

  constructor(cluster: Cluster, costs: Costs) {
    const slowdown = 1 / (1 - renewalLoad(cluster, costs))
    this.#cluster = cluster
    this.#costs = { ...costs, takeMs: costs.takeMs * slowdown, finishMs: costs.finishMs * slowdown }
    this.#tripMs = costs.roundTripMs / 2
    this.#durations = durationsOf(cluster)
    this.#hosts = Array.from({ length: cluster.hosts }, () => new Station())
    for (let machine = 0; machine < cluster.hosts * cluster.machinesPerHost; machine++) {
      this.#events.add(0, { host: machine % cluster.hosts, step: 'choose', freeAt: 0 })
    }
  }

  run(): void {
    for (let event = this.#events.take(); event; event = this.#events.take()) this.#act(event.at, event.value)
  }

  outcome(): Outcome {
    const { hosts, machinesPerHost, tests } = this.#cluster
    const machines = hosts * machinesPerHost
    const totalMs = this.#durations.reduce((sum, each) => sum + each, 0)
    const hostMs = this.#hosts.reduce((sum, { busyMs }) => sum + busyMs, 0) / hosts
    const makespanMs = this.#makespanMs
    const shareOf = (ms: number): number => ms / makespanMs
    return {
      makespanMs,
      overBound: makespanMs / Math.max(totalMs / machines, this.#durations[0] ?? 0),
      testsPerSecond: tests / (makespanMs / 1_000),
      busy: { server: shareOf(this.#server.busyMs), host: shareOf(hostMs), machine: shareOf(totalMs / machines) },
      meanWaitMs: this.#waitedMs / tests,
    }
  }

  #act(at: number, event: MachineEvent): void {
    const { poolMs, resultsMs } = this.#costs
    const isOver = this.#next >= this.#cluster.tests
    if (event.step === 'take') this.#take(at, event)
    else if (event.step === 'finish') this.#finish(at, event)
    else if (event.step === 'write') this.#atHost(at, event, { ms: resultsMs, step: 'finish' })
    else if (!isOver) this.#atHost(at, event, { ms: poolMs, step: 'take' })
  }

  #atHost(at: number, event: MachineEvent, { ms, step }: { readonly ms: number; readonly step: Step }): void {
    const host = this.#hosts[event.host] as Station
    this.#events.add(host.serve(at, ms) + this.#tripMs, { ...event, step })
  }

  #take(at: number, event: MachineEvent): void {
    const begins = this.#server.serve(at, this.#costs.takeMs) + this.#tripMs
    const durationMs = this.#durations[this.#next++]
    if (durationMs === undefined) return
    this.#waitedMs += begins - event.freeAt
    this.#events.add(begins + durationMs, { ...event, step: 'write' })
  }

  #finish(at: number, event: MachineEvent): void {
    const freeAt = this.#server.serve(at, this.#costs.finishMs) + this.#tripMs
    this.#makespanMs = Math.max(this.#makespanMs, freeAt)
    this.#events.add(freeAt, { ...event, step: 'choose', freeAt })
  }
}

/** Share of the server's time that the renewals of locks take while all machines work. */
function renewalLoad({ hosts, machinesPerHost, renewEveryMs }: Cluster, { renewMs }: Costs): number {
  return Math.min(0.99, (hosts * machinesPerHost * renewMs) / renewEveryMs)
}

/** The longest first, as the durations of earlier runs have it. */
function durationsOf({ tests, meanMs }: Cluster): Float64Array {
  const normal = seededNormal()
  const durations = new Float64Array(tests)
  for (let test = 0; test < tests; test++) {
    durations[test] = meanMs * Math.exp(deviation * normal() - deviation ** 2 / 2)
  }
  return durations.sort().reverse()
}
