import { type Duplex, PassThrough, type Readable, Writable } from 'node:stream'
import { Deadline, settlesWithin } from '../kernel/deadline.ts'
import { asError, ContainerError } from '../kernel/errors.ts'
import { poll } from '../kernel/poll.ts'
import type { Engine } from './engine.ts'
import { createFrameReader } from './log-frames.ts'

/** A command in a container. */
export interface ExecPlan {
  readonly argv: readonly string[]
  /** For example `1000:1000`. Default: the user of the container. */
  readonly user?: string | undefined
}

interface Inspected {
  readonly Running: boolean
  readonly ExitCode: number | null
}

/** Limit for an engine to notice the end of a command after the end of the output. */
const noticeLimitMs = 5_000
const noticePauses = { firstMs: 5, lastMs: 100 } as const
/** Pauses between questions whether a command with open output has ended. */
const firstPauseMs = 100
const lastPauseMs = 1_000

/** A running command of a container, with streams. */
export class ContainerExec {
  /** Standard input of the command, open until the end of this stream. A chunk is written once it is sent. */
  readonly stdin: Writable
  readonly stdout: Readable
  readonly stderr: Readable
  readonly #engine: Engine
  readonly #id: string
  readonly #connection: Duplex
  readonly #read: Promise<void>

  private constructor(engine: Engine, id: string, connection: Duplex) {
    this.#engine = engine
    this.#id = id
    const [stdin, stdout, stderr] = [inputOf(connection), new PassThrough(), new PassThrough()]
    this.stdin = stdin
    this.stdout = stdout
    this.stderr = stderr
    this.#connection = connection
    // The reader of the connection reports failures.
    for (const stream of [connection, stdin]) stream.on('error', () => {})
    this.#read = copyFrames(connection, stdout, stderr)
    this.#read.catch(() => {})
  }

  /**
   * Starts a command in a running container.
   *
   * @throws ERR_CONTAINER if the container does not run, or the engine does not answer; ERR_CANCELED
   */
  static async start(
    engine: Engine,
    container: string,
    { argv, user }: ExecPlan,
    signal?: AbortSignal,
  ): Promise<ContainerExec> {
    const streams = { AttachStdin: true, AttachStdout: true, AttachStderr: true, Tty: false }
    const body = { ...streams, Cmd: argv, ...(user !== undefined && { User: user }) }
    const made = await engine.require(`/containers/${container}/exec`, { method: 'POST', body, signal })
    const { Id: id } = made as { readonly Id: string }
    return new ContainerExec(
      engine,
      id,
      await engine.attach(`/exec/${id}/start`, { Detach: false, Tty: false }, signal),
    )
  }

  /**
   * Returns the exit status: 128 and more if a signal has ended the command. Both outputs must be read meanwhile; a
   * process left by the command may hold the outputs open.
   *
   * @throws ERR_CONTAINER if the connection was lost, or the container is gone
   */
  async exitStatus(): Promise<number> {
    for (let pauseMs = firstPauseMs; !(await settlesWithin(this.#read, pauseMs)); pauseMs = longer(pauseMs)) {
      const status = await this.#status()
      if (status !== undefined) return status
    }
    await this.#read
    const deadline = new Deadline('waiting for the exit status of a command in a container', noticeLimitMs)
    return await poll({ ...noticePauses, deadline }, () => this.#status())
  }

  /** Cuts the connection. The command's input ends, and the command itself may go on. */
  destroy(): void {
    this.#connection.destroy()
  }

  async #status(): Promise<number | undefined> {
    const { Running: runs, ExitCode: status } = (await this.#engine.require(`/exec/${this.#id}/json`)) as Inspected
    return runs ? undefined : (status ?? undefined)
  }
}

function longer(pauseMs: number): number {
  return Math.min(2 * pauseMs, lastPauseMs)
}

/** Returns the input of a connection. Not a `PassThrough`: the writer may use the memory of a written chunk again. */
function inputOf(connection: Duplex): Writable {
  return new Writable({
    write: (chunk, _encoding, done) => void connection.write(chunk, done),
    final: (done) => void connection.end(done),
  })
}

/** Copies the output of a command into two streams, at the pace of the reader. Both end, also after a failure. */
async function copyFrames(connection: Duplex, stdout: PassThrough, stderr: PassThrough): Promise<void> {
  const read = createFrameReader()
  try {
    for await (const chunk of connection)
      for (const { isError, bytes } of read(chunk as Buffer)) await write(isError ? stderr : stdout, bytes)
  } catch (thrown) {
    throw new ContainerError(`the connection to a command in a container was lost: ${asError(thrown).message}`)
  } finally {
    stdout.end()
    stderr.end()
  }
}

/** Resolves once the reader has made room, or has gone. */
function write(stream: PassThrough, bytes: Buffer): Promise<void> {
  return new Promise((resolve) => {
    stream.write(bytes, () => resolve())
  })
}
