import { sleep } from '../../kernel/deadline.ts'
import { asError, combineErrors, DeadlineError, hasCode, TransportError } from '../../kernel/errors.ts'
import { describeEnd, type Ended } from '../../process/ended.ts'
import type { RunOptions, Sink } from '../../transport/transport.ts'
import { AttemptResults } from './attempt-results.ts'
import { ControlChannel } from './control-channel.ts'
import { LastLine } from './last-line.ts'
import type { AttemptEnd, RunningAttempt } from './pool-test.ts'

export interface ControlledRunOptions {
  /** Name of the test, for `TEST_SERVICES_TEST`. */
  readonly test: string
  /**
   * Variables of the test, beside the attempt's variables. `restarts` says how often the test has been started again.
   */
  readonly environment?: ((restarts: number) => Readonly<Record<string, string>>) | undefined
  /** Working directory on the machine. Default: the machine's directory. */
  readonly directory?: string | undefined
  readonly input?: string | Uint8Array | undefined
}

/** Name of the variable with the number of the test's control descriptor. */
const controlVariable = 'ATEX_TEST_CONTROL'
/** Time between two looks for a restarting machine. */
const reconnectMs = 500

/**
 * Runs the command of a test, executes the commands on the control descriptor, and reports the results. Without a
 * result for the whole test, reports a result from the exit code, with the output.
 *
 * @throws ERR_CONTROL if the test breaks the protocol; ERR_TRANSPORT if the machine is lost; ERR_CANCELED
 */
export async function runControlled(
  attempt: RunningAttempt,
  argv: readonly string[],
  options: ControlledRunOptions,
): Promise<AttemptEnd> {
  return new ControlledRun(attempt, argv, options).run()
}

/** How the last start of the test ended; `late` if the test was ended at the limit. */
type Outcome = { readonly ended: Ended; readonly late?: undefined } | { readonly late: DeadlineError }

class ControlledRun {
  readonly #attempt: RunningAttempt
  readonly #argv: readonly string[]
  readonly #options: ControlledRunOptions
  readonly #results: AttemptResults
  readonly #lastLine = new LastLine()
  #restarts = 0

  constructor(attempt: RunningAttempt, argv: readonly string[], options: ControlledRunOptions) {
    this.#attempt = attempt
    this.#argv = argv
    this.#options = options
    this.#results = new AttemptResults(attempt)
  }

  async run(): Promise<AttemptEnd> {
    const outcome = await this.#untilItEnds().catch((thrown) => this.#failed(asError(thrown)))
    await this.#results.close()
    await this.#reportEnd(outcome)
    const { exitCode, signal } = outcome.late ? { exitCode: null, signal: null } : outcome.ended
    return {
      exitCode: exitCode ?? undefined,
      ...(signal && { signal }),
      passed: !this.#results.hasFailed,
      ...(this.#restarts > 0 && { restarts: this.#restarts }),
    }
  }

  /** Closes the results of a test that could not be run to the end. @throws the error */
  async #failed(error: Error): Promise<never> {
    const closed = await this.#results.close().catch(asError)
    throw closed ? combineErrors([error, closed]) : error
  }

  async #reportEnd(outcome: Outcome): Promise<void> {
    const results = this.#results
    if (outcome.late) return results.reportOwn('error', outcome.late.message)
    const note = describeEnd(outcome.ended)
    if (!results.hasOwn) {
      const { failedParts } = results
      if (outcome.ended.exitCode === 0) return results.reportOwn('pass', failedParts)
      return results.reportOwn('fail', `${note}${this.#describeWhy(outcome.ended)}`)
    }
    // A test killed after the result has not done all the work.
    if (outcome.ended.signal && !results.hasFailed) await results.reportOwn('error', note)
  }

  /** Returns the failed parts of the test, or the last words of the test. */
  #describeWhy({ signal }: Ended): string {
    const { failedParts } = this.#results
    if (failedParts !== undefined) return `; ${failedParts}`
    // A killed test had no last words.
    return signal || this.#lastLine.text === '' ? '' : `: ${this.#lastLine.text}`
  }

  /** Starts the test, and again after each announced restart of the machine. */
  async #untilItEnds(): Promise<Outcome> {
    // Stays set if the test ends before the machine goes down: the next loss is the announced restart.
    let isAnnounced = false
    for (;;) {
      const channel = new ControlChannel(this.#attempt, this.#results)
      const outcome = await this.#once(channel).catch((thrown) => {
        const isExpected = isAnnounced || channel.closed.aborted
        if (!isExpected || !hasCode(thrown, 'ERR_TRANSPORT')) throw thrown
      })
      if (outcome && (outcome.late || !channel.closed.aborted)) return outcome
      isAnnounced = outcome !== undefined
      if (channel.closed.aborted) this.#restarts++
      await this.#reconnect()
    }
  }

  /** Runs the test from a start to the end. */
  async #once(channel: ControlChannel): Promise<Outcome> {
    const broken = new AbortController()
    const options = this.#runOptions(channel, broken)
    const ended = await this.#attempt.machine.transport.run(this.#argv, options).catch(asError)
    if (!(ended instanceof Error) && !broken.signal.aborted) {
      await channel.end()
      return { ended: channel.exitCode === undefined ? ended : { exitCode: channel.exitCode, signal: null } }
    }
    await channel.abandon()
    return this.#afterFailure(broken.signal.aborted ? broken.signal.reason : ended)
  }

  #afterFailure(error: Error): Outcome {
    const late = this.#attempt.signal.reason
    if (late instanceof DeadlineError && hasCode(error, 'ERR_CANCELED')) return { late }
    throw error
  }

  #runOptions(channel: ControlChannel, broken: AbortController): RunOptions {
    const { directory = this.#attempt.machine.directory, input } = this.#options
    return {
      environment: this.#environment(),
      directory,
      input,
      signal: AbortSignal.any([this.#attempt.signal, broken.signal]),
      onOutput: until(broken, (chunk) => {
        this.#lastLine.add(chunk)
        return this.#attempt.output(chunk)
      }),
      control: {
        variable: controlVariable,
        onData: until(broken, (chunk) => channel.read(chunk)),
        closed: channel.closed,
      },
    }
  }

  #environment(): Record<string, string> {
    return {
      ...this.#attempt.environment,
      TEST_SERVICES_TEST: this.#options.test,
      TEST_SERVICES_ATTEMPT: String(this.#attempt.number),
      TEST_SERVICES_RESTARTS: String(this.#restarts),
      ...this.#options.environment?.(this.#restarts),
    }
  }

  /** Waits until the machine answers again. @throws ERR_TRANSPORT at the limit of the attempt */
  async #reconnect(): Promise<void> {
    const { machine, signal } = this.#attempt
    for (;;) {
      const failure = await machine.transport.run(['sh', '-c', ':'], { signal }).then(() => undefined, asError)
      if (!failure) return
      if (!signal.aborted && !hasCode(failure, 'ERR_TRANSPORT')) throw failure
      await sleep(reconnectMs, signal).catch((reason) => {
        if (!(reason instanceof DeadlineError)) throw failure
        const message = `${machine.transport.name} did not come back after the "disconnect" of the test`
        throw new TransportError(`${message}: ${reason.message}`, { cause: failure })
      })
    }
  }
}

/** Ends the command at the first error of a sink, and reads no further. */
function until(broken: AbortController, sink: Sink): Sink {
  return async (chunk) => {
    if (broken.signal.aborted) return
    try {
      await sink(chunk)
    } catch (thrown) {
      broken.abort(asError(thrown))
    }
  }
}
