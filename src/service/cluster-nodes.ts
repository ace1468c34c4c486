import { asError, combineErrors } from '../kernel/errors.ts'
import { onAbort } from '../kernel/on-abort.ts'
import { allSettledOrThrow } from '../kernel/settled.ts'
import type { ExternalService } from './external-service.ts'
import type { FaultTarget } from './faults/faults.ts'
import type { SessionSetUpOptions } from './set-up-options.ts'

/** The nodes of an instance of a cluster, and the nodes stopped by a test. */
export class ClusterNodes<Node extends ExternalService<object>> implements FaultTarget {
  readonly label: string
  readonly nodes: readonly Node[]
  /** Called when stopped nodes run again, and no node is stopped any more. */
  readonly #onRestarted: () => Promise<void>
  readonly #forceSignal: AbortSignal
  readonly #stopped = new Set<Node>()
  /** Whether a test has stopped a node since the last `false` here. */
  wasStopped = false

  constructor(
    nodes: readonly Node[],
    {
      label,
      forceSignal,
      onRestarted,
    }: { readonly label: string; readonly forceSignal: AbortSignal; readonly onRestarted: () => Promise<void> },
  ) {
    this.nodes = nodes
    this.label = label
    this.#forceSignal = forceSignal
    this.#onRestarted = onRestarted
  }

  get running(): Node[] {
    return this.nodes.filter((node) => !this.#stopped.has(node))
  }

  get isAlive(): boolean {
    return this.nodes.some(({ pid }) => pid !== undefined)
  }

  /** Starts new nodes at the same time. If a node fails, the rest are given up. @throws the first error */
  async setUp(options: SessionSetUpOptions): Promise<void> {
    const given = new AbortController()
    const failures: Error[] = []
    const failed = (thrown: unknown): void => {
      failures.push(asError(thrown))
      given.abort()
    }
    // All nodes know the port of each node: the fixed port of the node's profile.
    const common = { ...options, uniqueInstance: false, signal: given.signal }
    await Promise.all(
      this.nodes.map((node) => node.setUp({ ...common, forceSignal: this.#nodeForceSignal }).catch(failed)),
    )
    const [first] = failures
    if (first) throw first
    this.#stopped.clear()
  }

  /** Removes all nodes at the same time. @throws ERR_LEFT_BEHIND */
  async cleanUp(): Promise<void> {
    const ends = await Promise.allSettled(this.nodes.map((node) => node.cleanUp(this.#nodeForceSignal)))
    const errors = ends.flatMap((end) => (end.status === 'rejected' ? [asError(end.reason)] : []))
    if (errors.length > 0) throw combineErrors(errors)
  }

  stop(): Promise<void> {
    return this.#end(this.running, (node) => node.stop())
  }

  kill(): Promise<void> {
    return this.#end(this.running, (node) => node.kill())
  }

  stopNode(node: Node): Promise<void> {
    return this.#end([node], () => node.stop())
  }

  async start(signal: AbortSignal): Promise<void> {
    using _givingUp = onAbort(signal, () => void this.cleanUp().catch(() => {}))
    await this.startNodes([...this.#stopped])
  }

  /** Starts nodes again, each with the same port and files. */
  async startNodes(nodes: readonly Node[]): Promise<void> {
    if (nodes.length === 0) return
    const startNode = async (node: Node): Promise<void> => {
      await node.start()
      this.#stopped.delete(node)
    }
    await allSettledOrThrow(nodes.map(startNode))
    if (this.#stopped.size === 0) await this.#onRestarted()
  }

  async pause(): Promise<void> {
    await allSettledOrThrow(this.running.map((node) => node.pause()))
  }

  resume(): void {
    for (const node of this.running) void node.resume().catch(() => {})
  }

  async #end(nodes: readonly Node[], fault: (node: Node) => Promise<void>): Promise<void> {
    this.wasStopped = true
    for (const node of nodes) this.#stopped.add(node)
    await allSettledOrThrow(nodes.map(fault))
  }

  /** Returns a new signal for each call: Node would warn of many listeners at a single signal. */
  get #nodeForceSignal(): AbortSignal {
    return AbortSignal.any([this.#forceSignal])
  }
}
