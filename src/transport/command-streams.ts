import type { Readable, Writable } from 'node:stream'
import { onAbort } from '../kernel/on-abort.ts'
import { feedInput, type Pacing } from './feed-input.ts'
import type { Interruption } from './interruption.ts'
import { OutputReading } from './output-reading.ts'
import type { Outputs, RunPlan } from './run-plan.ts'
import type { Sink } from './transport.ts'

/** Streams of a command from the machine: merged output is in `stdout`, the control descriptor too. */
export interface CommandStreams {
  readonly stdin: Writable | null
  readonly stdout: Readable | null
  readonly stderr: Readable | null
  /** Ends the reading of the control descriptor: the command's writing fails. Default: destroys `stdout`. */
  readonly closeControl?: () => void
  readonly pacing?: Pacing
}

/** The streams of a running command, connected to its caller. Errors of the caller's sinks and input interrupt. */
export class ConnectedStreams {
  readonly #streams: CommandStreams
  readonly #readings: readonly OutputReading[]
  readonly #closing: Disposable

  constructor(streams: CommandStreams, { input, outputs }: RunPlan, interruption: Interruption) {
    const [onStdout, onStderr] = sinksOf(outputs)
    const pairs = [[streams.stdout, onStdout] as const, [streams.stderr, onStderr] as const]
    this.#streams = streams
    this.#readings = pairs.flatMap(([stream, sink]) => (stream ? [new OutputReading(stream, sink ?? discard)] : []))
    for (const { done } of this.#readings) done.catch(interruption.report)
    const { closed } = outputs.kind === 'control' ? outputs.control : {}
    this.#closing = onAbort(closed, () => (streams.closeControl ? streams.closeControl() : streams.stdout?.destroy()))
    if (streams.stdin && input !== undefined) feedInput(input, streams.stdin, streams.pacing).catch(interruption.report)
  }

  /** Settles when all outputs have ended. */
  get ended(): Promise<unknown> {
    return Promise.allSettled(this.#readings.map(({ done }) => done))
  }

  /** Reads the rest of the outputs, and ends the input. Errors of sinks have interrupted the command already. */
  async finish(): Promise<void> {
    this.#closing[Symbol.dispose]()
    await Promise.allSettled(this.#readings.map((reading) => reading.finish()))
    this.#streams.stdin?.destroy()
  }
}

/** Returns the readers of the machine's standard output and standard error. */
function sinksOf(outputs: Outputs): readonly [Sink | undefined, Sink | undefined] {
  switch (outputs.kind) {
    case 'merged':
      return [outputs.output, undefined]
    case 'control':
      return [outputs.control.onData, outputs.output]
    case 'separate':
      return [outputs.stdout, outputs.stderr]
  }
}

function discard(): void {}
