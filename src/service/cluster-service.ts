import { appendFileSync } from 'node:fs'
import { createDeferred, type Deferred } from '../kernel/deferred.ts'
import { asError, ConfigError, combineErrors, hasCode, StateError } from '../kernel/errors.ts'
import { ExternalService } from './external-service.ts'
import type { SetUpContext } from './instance/set-up-context.ts'
import type { SessionSetUpOptions } from './set-up-options.ts'

/** A port may be lost between its choice and the bind. */
const portAttempts = 3

/** Resources of an instance that this process holds. */
interface Held<Node> {
  readonly context: SetUpContext
  /** The nodes, by number. */
  readonly nodes: readonly Node[]
  /** Nodes that a test has stopped. */
  readonly stopped: Set<Node>
  /** Whether a test has stopped a node since the last reset. */
  wasStopped: boolean
  /** Resolves when a node ends that nobody has stopped. */
  readonly died: Deferred<void>
}

/**
 * A service of several nodes. Each node is a service, with a process, a directory and a log of its own. Data that must
 * outlive a stopped node belongs into the directory of the cluster.
 */
export abstract class ClusterService<
  Config extends object,
  Node extends ExternalService<object>,
> extends ExternalService<Config> {
  #held: Held<Node> | undefined

  /** Makes the nodes without a start. Called again, for other ports, after a port was lost. */
  protected abstract createNodes(context: SetUpContext): Promise<readonly Node[]>

  /** Called when all nodes have started. Joins the nodes, and returns the config of the cluster. */
  protected abstract onNodesReady(nodes: readonly Node[], context: SetUpContext): Promise<Config>

  /**
   * Called before a reset.
   *
   * @param wasStopped whether a test has stopped a node since the last reset. Default: starts the stopped nodes
   */
  protected async restoreNodes(_wasStopped: boolean): Promise<void> {
    const { nodes, stopped } = this.#require('a reset of its nodes')
    await Promise.all(nodes.flatMap((node, number) => (stopped.has(node) ? [this.startNode(number)] : [])))
  }

  /** The nodes of an instance that this process holds; no nodes for an attached instance. */
  protected get nodes(): readonly Node[] {
    return this.#held?.nodes ?? []
  }

  /** Whether a test has stopped the node of this number. */
  protected isStopped(number: number): boolean {
    const node = this.nodes[number]
    return node !== undefined && this.#held?.stopped.has(node) === true
  }

  /**
   * Stops one node; the others go on. A second stop changes nothing. The next reset starts the node again.
   *
   * @param number index of the node in `nodes` of the config
   * @throws ERR_CONFIG if there is no such node; ERR_STATE for an attached instance
   */
  async stopNode(number: number): Promise<void> {
    const held = this.#require('stopNode()')
    const node = this.#node(number)
    held.stopped.add(node)
    held.wasStopped = true
    await node.cleanUp(forceSignalOf(held.context))
  }

  /**
   * Starts a stopped node again, with the same port and files, and waits until the node answers.
   *
   * @param number index of the node in `nodes` of the config
   * @throws ERR_CONFIG if there is no such node; ERR_STATE for an attached instance; the errors of `setUp`
   */
  async startNode(number: number): Promise<void> {
    const held = this.#require('startNode()')
    const node = this.#node(number)
    await node.setUp(setUpOptions(held.context))
    held.stopped.delete(node)
    watch(held, node)
  }

  override get ended(): Promise<unknown> | undefined {
    return this.#held?.died.promise
  }

  override async checkLiving(): Promise<void> {
    const { nodes, stopped } = this.#held ?? { nodes: [], stopped: new Set() }
    for (const node of nodes) if (!stopped.has(node)) await node.checkLiving()
  }

  /** @internal */
  protected override async verify(config: Config): Promise<void> {
    await this.checkLiving()
    await this.onCheck(config)
  }

  /** @internal */
  protected override async verifyBeforeReset(config: Config): Promise<void> {
    await this.checkLiving()
    if (this.#held) {
      await this.restoreNodes(this.#held.wasStopped)
      this.#held.wasStopped = false
    }
    await this.onCheck(config)
  }

  protected async onStart(context: SetUpContext): Promise<Config> {
    context.addCleanUp(() => this.#close())
    for (let attempt = 1; ; attempt++) {
      const nodes = await this.createNodes(context)
      this.#held = { context, nodes, stopped: new Set(), wasStopped: false, died: createDeferred() }
      try {
        await this.startAll({ deadline: context.deadline })
        return await this.onNodesReady(nodes, context)
      } catch (thrown) {
        if (!hasCode(thrown, 'ERR_PORT_TAKEN') || context.mode === 'configured' || attempt === portAttempts)
          throw thrown
        await this.stopAll()
      }
    }
  }

  /** Starts all nodes at the same time. If a node fails, the others are given up. */
  protected async startAll(options?: SessionSetUpOptions): Promise<void> {
    const held = this.#require('a start of its nodes')
    const given = new AbortController()
    const failures: Error[] = []
    const starting = held.nodes.map((node) =>
      node.setUp({ ...setUpOptions(held.context), ...options, signal: given.signal }).catch((thrown) => {
        failures.push(asError(thrown))
        given.abort()
      }),
    )
    await Promise.all(starting)
    const [first] = failures
    if (first) throw first
    held.stopped.clear()
    for (const node of held.nodes) watch(held, node)
    noteLogs(held)
  }

  /** Stops all nodes at the same time. */
  protected async stopAll(): Promise<void> {
    const { nodes, stopped, context } = this.#require('a stop of its nodes')
    for (const node of nodes) stopped.add(node)
    const ends = await Promise.allSettled(nodes.map((node) => node.cleanUp(forceSignalOf(context))))
    const errors = ends.flatMap((end) => (end.status === 'rejected' ? [asError(end.reason)] : []))
    if (errors.length > 0) throw combineErrors(errors)
  }

  async #close(): Promise<void> {
    if (!this.#held) return
    try {
      await this.stopAll()
    } finally {
      this.#held = undefined
    }
  }

  #node(number: number): Node {
    const node = this.nodes[number]
    if (node) return node
    throw new ConfigError(`${this.label} has no node ${number}; its nodes are 0 to ${this.nodes.length - 1}`)
  }

  #require(what: string): Held<Node> {
    if (this.#held) return this.#held
    throw new StateError(
      `${what} needs the process that has started ${this.label}; in Vitest, useService(…, { instance: 'unique' }) starts one for the test`,
    )
  }
}

/** Uses the fixed port of a node's profile: the other nodes have been told this port. */
function setUpOptions(context: SetUpContext): SessionSetUpOptions {
  return { uniqueInstance: false, forceSignal: forceSignalOf(context) }
}

/** Returns a signal for one node. Many listeners at one signal would make Node warn. */
function forceSignalOf({ forceSignal }: SetUpContext): AbortSignal {
  return AbortSignal.any([forceSignal])
}

function watch<Node extends ExternalService<object>>({ stopped, died }: Held<Node>, node: Node): void {
  void node.ended?.then(() => {
    if (!stopped.has(node)) died.resolve()
  })
}

/** Names the logs of the nodes in the log of the cluster. */
function noteLogs({ context, nodes }: Held<ExternalService<object>>): void {
  const lines = nodes.map(({ label, files }) => `${label} writes to ${files.logFile}\n`)
  appendFileSync(context.logFile, lines.join(''), { mode: 0o600 })
}
