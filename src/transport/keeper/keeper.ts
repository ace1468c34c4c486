import { createInterface } from 'node:readline'
import type { Duplex } from 'node:stream'
import { type Deadline, later } from '../../kernel/deadline.ts'
import { createDeferred, type Deferred } from '../../kernel/deferred.ts'
import { TransportError } from '../../kernel/errors.ts'
import { keeperLine } from './far-command.ts'
import type { KeeperNames } from './keeper-script.ts'

const beatMs = 250
/** Beats without a sign of the other side after which the connection counts as cut. */
const mostSilentBeats = 20

/** The end of a command's processes. */
export interface FarEnd {
  /** Why the command was not begun: a missing directory, or a missing program. */
  readonly refusal: 'directory' | 'program' | undefined
  /** Pids of processes that could not be killed. */
  readonly left: readonly string[]
}

export interface KeeperOptions extends KeeperNames {
  /** Standard input and output of a shell started by `keeperCommandLine`. */
  readonly stream: Duplex
  /** Called when there is no sign of the other side any more, although the stream is open. */
  readonly onCut: () => void
  /** Returns the number of bytes received from the other side: an answer may wait behind output. */
  readonly received?: () => number
}

/** The keeper of a connection, seen from the caller. */
export class Keeper {
  readonly connection: string
  /** Resolves when the keeper has ended, or its stream. */
  readonly ended: Promise<void>
  readonly #stream: Duplex
  readonly #onCut: () => void
  readonly #received: () => number
  readonly #ready = createDeferred<number>()
  readonly #ends = new Map<number, Deferred<FarEnd>>()
  readonly #refusals = new Map<number, FarEnd['refusal']>()
  readonly #unanswered: Deferred<void>[] = []
  #hasEnded = false
  #pid = 0
  #silentBeats = 0
  #lastReceived = 0
  #lastId = 0

  private constructor({ stream, connection, onCut, received = () => 0 }: KeeperOptions) {
    this.connection = connection
    this.#stream = stream
    this.#onCut = onCut
    this.#received = received
    const lines = createInterface({ input: stream })
    lines.on('line', (line) => this.#take(line))
    this.ended = new Promise((resolve) => lines.once('close', () => resolve()))
    void this.ended.then(() => this.#fail())
    // The end is the news, not the broken stream.
    stream.on('error', () => {})
  }

  /** Starts the keeper. @throws ERR_TRANSPORT, ERR_DEADLINE */
  static async start(options: KeeperOptions, deadline: Deadline): Promise<Keeper> {
    const keeper = new Keeper(options)
    options.stream.write(keeperLine(options))
    keeper.#pid = await deadline.race(() => keeper.#ready.promise)
    keeper.#beat()
    return keeper
  }

  get pid(): number {
    return this.#pid
  }

  /** Returns an id for the next command. */
  nextId(): number {
    return ++this.#lastId
  }

  /** Sends SIGTERM to the processes of a command. */
  terminate(id: number): void {
    this.#write(`term ${id}`)
  }

  /** Kills the processes left by a command. @throws ERR_TRANSPORT if the keeper has ended */
  end(id: number): Promise<FarEnd> {
    const ended = createDeferred<FarEnd>()
    if (this.#hasEnded) ended.reject(keeperEnded())
    else this.#ends.set(id, ended)
    this.#write(`end ${id}`)
    return ended.promise
  }

  /** Resolves when the keeper has received everything sent before, or has ended. */
  async probe(): Promise<void> {
    if (this.#hasEnded) return
    const answered = createDeferred()
    this.#unanswered.push(answered)
    this.#write('beat')
    await answered.promise
  }

  /** Makes the keeper kill the processes of all commands and end. */
  async close(): Promise<void> {
    if (!this.#hasEnded) this.#stream.end()
    await this.ended
  }

  #take(line: string): void {
    const [word, id = '', ...details] = line.split(' ')
    switch (word) {
      case 'alive':
        this.#silentBeats = 0
        this.#unanswered.shift()?.resolve()
        return
      case 'ready':
        this.#ready.resolve(Number(id))
        return
      case 'refused':
        this.#refusals.set(Number(id), details[0] as FarEnd['refusal'])
        return
      case 'ended':
        this.#settle(Number(id), details)
        return
      default:
      // Scripts of the login shell may write lines first.
    }
  }

  #settle(id: number, left: readonly string[]): void {
    this.#ends.get(id)?.resolve({ left, refusal: this.#refusals.get(id) })
    this.#ends.delete(id)
    this.#refusals.delete(id)
  }

  #fail(): void {
    this.#hasEnded = true
    this.#ready.reject(keeperEnded())
    for (const end of this.#ends.values()) end.reject(keeperEnded())
    this.#ends.clear()
    for (const answered of this.#unanswered.splice(0)) answered.resolve()
  }

  #beat(): void {
    if (this.#hasEnded) return
    const received = this.#received()
    if (received !== this.#lastReceived) this.#silentBeats = 0
    this.#lastReceived = received
    if (this.#silentBeats++ === mostSilentBeats) this.#onCut()
    void this.probe()
    later(beatMs, () => this.#beat())
  }

  #write(line: string): void {
    if (this.#stream.writable) this.#stream.write(`${line}\n`)
  }
}

function keeperEnded(): TransportError {
  return new TransportError('the process that looks after the commands has ended')
}
