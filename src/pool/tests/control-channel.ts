import { hasCode } from '../../kernel/errors.ts'
import type { ControlCommand } from '../control/control-command.ts'
import { malformed } from '../control/control-command.ts'
import { type ControlEvent, ControlParser } from '../control/control-parser.ts'
import type { AttemptResults } from './attempt-results.ts'
import type { AttemptLimit, RunningAttempt } from './pool-test.ts'
import { StoredFile } from './stored-file.ts'

type DurationChange = ControlCommand & { readonly word: 'duration' }

/** Executes the commands on the control descriptor of a test, from a start of the test to the end. */
export class ControlChannel {
  readonly #attempt: RunningAttempt
  readonly #results: AttemptResults
  readonly #parser = new ControlParser()
  readonly #closing = new AbortController()
  #file: StoredFile | undefined
  /** The exit code given by the test on the descriptor. */
  exitCode: number | undefined

  constructor(attempt: RunningAttempt, results: AttemptResults) {
    this.#attempt = attempt
    this.#results = results
  }

  /** Fires after the command `disconnect`: no further command is read. */
  get closed(): AbortSignal {
    return this.#closing.signal
  }

  /** @throws ERR_CONTROL if the test breaks the protocol; errors of the results */
  async read(chunk: Uint8Array): Promise<void> {
    if (this.closed.aborted) return
    for (const event of this.#parser.push(chunk)) {
      await this.#act(event)
      if (this.closed.aborted) return
    }
  }

  /** Takes note of the end of the test. @throws ERR_CONTROL if the test has ended in the middle of a result */
  async end(): Promise<void> {
    await this.#file?.end()
    if (!this.closed.aborted) this.#parser.end()
  }

  /** Ends the open file, if any, when the test could not be run to the end. */
  async abandon(): Promise<void> {
    // Only the first error is reported: the cause of the test's end.
    await this.#file?.end().catch(() => {})
  }

  async #act(event: ControlEvent): Promise<void> {
    switch (event.word) {
      case 'file':
        this.#file = new StoredFile(this.#attempt, event.file.name, event.result.name || undefined)
        return
      case 'data':
        return this.#file?.write(event.chunk)
      case 'file-end':
        await this.#file?.end()
        this.#file = undefined
        return
      case 'result':
        return this.#results.add(event.result)
      case 'service':
        return this.#attempt.service(event.start)
      case 'duration':
        return changeLimit(this.#attempt.limit, event)
      case 'exitcode':
        this.exitCode = event.exitCode
        return
      case 'disconnect':
        return this.#closing.abort()
      case 'noop':
        return
    }
  }
}

function changeLimit(limit: AttemptLimit, command: DurationChange): void {
  if (command.change === 'restart') limit.restart(command.ms)
  else if (command.change === 'extend') limit.extend(command.ms)
  else if (command.change === 'save') limit.save()
  else restoreLimit(limit)
}

function restoreLimit(limit: AttemptLimit): void {
  try {
    limit.restore()
  } catch (thrown) {
    throw hasCode(thrown, 'ERR_STATE') ? malformed('duration restore', 'no duration is saved') : thrown
  }
}
