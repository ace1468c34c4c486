import { appendFileSync } from 'node:fs'
import { ConfigError, hasCode, StateError } from '../kernel/errors.ts'
import { ClusterNodes } from './cluster-nodes.ts'
import { ExternalService } from './external-service.ts'
import { Faults } from './faults/faults.ts'
import type { SetUpContext } from './instance/set-up-context.ts'

/** A port may be lost between its choice and the bind. */
const portAttempts = 3

/** A service of several nodes. Each node is a service, with a process, a directory and a log of its own. */
export abstract class ClusterService<
  Config extends object,
  Node extends ExternalService<object>,
  Options extends object = object,
> extends ExternalService<Config, Options> {
  /** Absent for an attached instance. */
  #own: { readonly nodes: ClusterNodes<Node>; readonly faults: Faults } | undefined

  /** Makes the nodes without a start. Called again, for new ports, after a port was lost. */
  protected abstract createNodes(context: SetUpContext): Promise<readonly Node[]>

  /** Called when all nodes have started. Joins the nodes, and returns the config of the cluster. */
  protected abstract onNodesReady(nodes: readonly Node[], context: SetUpContext): Promise<Config>

  /** Called when stopped nodes run again, and no node is stopped any more. Default: no effect. */
  protected async onNodesRestarted(): Promise<void> {}

  /**
   * Called before a reset. Default: starts the nodes stopped by a test.
   *
   * @param _wasStopped whether a test has stopped a node since the last reset
   */
  protected async restoreNodes(_wasStopped: boolean): Promise<void> {
    const { nodes } = this.#require('a reset of its nodes')
    await nodes.startNodes(nodes.nodes.filter((node) => !nodes.running.includes(node)))
  }

  /** The nodes of an instance held by this process; no nodes for an attached instance. */
  protected get nodes(): readonly Node[] {
    return this.#own?.nodes.nodes ?? []
  }

  /** Whether a test has stopped the node with the number. */
  protected isStopped(number: number): boolean {
    const node = this.nodes[number]
    return node !== undefined && this.#own?.nodes.running.includes(node) === false
  }

  /**
   * Stops the process of a single node. Harmless when repeated. The next reset starts the node again.
   *
   * @param number index of the node in `nodes` of the config
   * @throws ERR_CONFIG for an unknown node; ERR_STATE for an attached instance
   */
  async stopNode(number: number): Promise<void> {
    const { nodes } = this.#require('stopNode()')
    await nodes.stopNode(this.#node(number))
  }

  /**
   * Starts a stopped node again, with the same port and files, and waits until the node answers.
   *
   * @param number index of the node in `nodes` of the config
   * @throws ERR_CONFIG for an unknown node; ERR_STATE for a running node, and for an attached instance;
   *   ERR_START, ERR_NOT_READY
   */
  async startNode(number: number): Promise<void> {
    const { nodes } = this.#require('startNode()')
    await nodes.startNodes([this.#node(number)])
  }

  override get ended(): Promise<unknown> | undefined {
    return this.#own && Promise.race(this.nodes.flatMap(({ ended }) => ended ?? []))
  }

  override async checkLiving(): Promise<void> {
    for (const node of this.#own?.nodes.running ?? []) await node.checkLiving()
  }

  /** @internal */
  protected override get faults(): Faults | undefined {
    return this.#own?.faults
  }

  /** @internal */
  protected override async verify(config: Config): Promise<void> {
    this.faults?.requireNone()
    await this.checkLiving()
    await this.onCheck(config)
  }

  /** @internal */
  protected override async verifyBeforeReset(config: Config): Promise<void> {
    await this.checkLiving()
    if (this.#own) {
      await this.restoreNodes(this.#own.nodes.wasStopped)
      this.#own.nodes.wasStopped = false
    }
    await this.onCheck(config)
  }

  protected async onStart(context: SetUpContext): Promise<Config> {
    context.addCleanUp(() => this.#close())
    for (let attempt = 1; ; attempt++) {
      const nodes = await this.#createNodes(context)
      try {
        await nodes.setUp({ deadline: context.deadline })
        noteLogs(context.logFile, nodes.nodes)
        return await this.onNodesReady(nodes.nodes, context)
      } catch (thrown) {
        if (!hasCode(thrown, 'ERR_PORT_TAKEN') || context.mode === 'configured' || attempt === portAttempts)
          throw thrown
        await nodes.cleanUp()
      }
    }
  }

  /**
   * Removes all nodes with all files, and starts the nodes on the same ports.
   *
   * @param prepare called while no node runs
   */
  protected async recreateNodes(prepare?: () => Promise<void>): Promise<void> {
    const { nodes } = this.#require('a start of its nodes')
    await nodes.cleanUp()
    await prepare?.()
    await nodes.setUp({})
  }

  async #createNodes(context: SetUpContext): Promise<ClusterNodes<Node>> {
    const { label, forceSignal } = context
    const onRestarted = (): Promise<void> => this.onNodesRestarted()
    const nodes = new ClusterNodes(await this.createNodes(context), { label, forceSignal, onRestarted })
    this.#own = { nodes, faults: new Faults(nodes) }
    return nodes
  }

  async #close(): Promise<void> {
    const own = this.#own
    this.#own = undefined
    await own?.nodes.cleanUp()
  }

  #node(number: number): Node {
    const node = this.nodes[number]
    if (node) return node
    throw new ConfigError(`${this.label} has no node ${number}; its nodes are 0 to ${this.nodes.length - 1}`)
  }

  #require(what: string): { readonly nodes: ClusterNodes<Node> } {
    if (this.#own) return this.#own
    throw new StateError(
      `${what} needs the process that has started ${this.label}; in Vitest, useService(…, { instance: 'unique' }) starts one for the test`,
    )
  }
}

/** Names the logs of the nodes in the log of the cluster. */
function noteLogs(logFile: string, nodes: readonly ExternalService<object>[]): void {
  const lines = nodes.map(({ label, files }) => `${label} writes to ${files.logFile}\n`)
  appendFileSync(logFile, lines.join(''), { mode: 0o600 })
}
