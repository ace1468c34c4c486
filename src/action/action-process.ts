import type { Socket } from 'node:net'
import type { Readable } from 'node:stream'
import { settlesWithin } from '../kernel/deadline.ts'
import { asError } from '../kernel/errors.ts'
import type { Ended } from '../process/ended.ts'
import type { ProcessIdentity } from '../process/inspect/identity.ts'
import type { GatedProcess } from '../process/spawn-gate.ts'
import type { StopLadder } from '../process/stop-ladder.ts'
import type { ActionGroup, GroupCommand } from './action-group.ts'

/** Longest delay of an action's end by a descendant that holds the output open. */
const heldOutputMs = 5_000

/** Receives output in chunks, as read. */
export interface OutputReader {
  write(chunk: Buffer): void
  end(): void
}

/** Command of an action. The output is either read, or goes to the terminal as if the command had been typed there. */
export interface ActionCommand extends Pick<GroupCommand, 'argv' | 'environment' | 'directory' | 'runAs'> {
  readonly ladder: StopLadder
  readonly output: OutputReader | 'terminal'
}

/** The main process of an action. */
export class ActionProcess {
  readonly #group: ActionGroup
  readonly #gated: GatedProcess
  readonly #output: Readable | undefined
  readonly #outputClosed: Promise<unknown>
  #readFailure: Error | undefined

  private constructor(group: ActionGroup, gated: GatedProcess) {
    this.#group = group
    this.#gated = gated
    this.#output = gated.child.stdout ?? undefined
    this.#outputClosed = new Promise((resolve) =>
      this.#output ? this.#output.once('close', resolve) : resolve(undefined),
    )
  }

  /**
   * @param check called just before the process begins; when `check` throws, the process never begins
   * @param onFailure called when the output cannot be processed any more
   */
  static async start(
    group: ActionGroup,
    { ladder, output, ...command }: ActionCommand,
    { check, onFailure }: { check: () => void; onFailure: () => void },
  ): Promise<ActionProcess> {
    const streams =
      output === 'terminal'
        ? ({ stdin: 'inherit', stdout: 'inherit', stderr: 'inherit', foreground: true } as const)
        : ({ stdin: 'ignore', stdout: 'pipe', stderr: 'stdout' } as const)
    const gated = await group.spawn({ ...command, ...streams }, ladder, check)
    const process = new ActionProcess(group, gated)
    if (output !== 'terminal') process.#read(output, onFailure)
    return process
  }

  get exited(): Promise<Ended> {
    return this.#gated.exited
  }

  get identity(): ProcessIdentity {
    return this.#gated.identity
  }

  /** Sets whether the action keeps this process alive. Call with `true` again before waiting for the action's end. */
  setKeepingAlive(keepsAlive: boolean): void {
    const name = keepsAlive ? 'ref' : 'unref'
    this.#gated.child[name]()
    const output: (Readable & Partial<Pick<Socket, 'ref' | 'unref'>>) | undefined = this.#output
    output?.[name]?.()
  }

  /** Waits until the whole output is read. Returns `false` if a descendant still holds the output open after 5 s. */
  async drain(): Promise<boolean> {
    const isClosed = await settlesWithin(this.#outputClosed, heldOutputMs)
    this.#output?.destroy()
    await this.#outputClosed
    if (this.#readFailure) throw this.#readFailure
    return isClosed
  }

  /** Signals the main process alone. A stopped process receives the signal when continued. */
  signal(name: NodeJS.Signals): void {
    this.#group.signal(this.#gated, name)
  }

  #read(reader: OutputReader, onFailure: () => void): void {
    const attempt = (take: () => void): void => {
      try {
        if (!this.#readFailure) take()
      } catch (thrown) {
        // After a failure, output is still read, since a full pipe would block the process, but discarded.
        this.#readFailure = asError(thrown)
        onFailure()
      }
    }
    this.#output?.on('data', (chunk: Buffer) => attempt(() => reader.write(chunk)))
    // Not `end`: a destroyed stream does not emit `end`.
    this.#output?.on('close', () => attempt(() => reader.end()))
    this.#output?.on('error', (error) => attempt(() => raise(error)))
  }
}

function raise(error: Error): never {
  throw error
}
