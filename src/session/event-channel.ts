import { createDeferred, type Deferred } from '../kernel/deferred.ts'
import { asError } from '../kernel/errors.ts'

/** Tells events to a listener and to any number of readers, each of whom gets all that come after it began. */
export class EventChannel<Event> {
  readonly #listener: ((event: Event) => void) | undefined
  readonly #readers = new Set<Reader<Event>>()
  #isClosed = false

  constructor(listener: ((event: Event) => void) | undefined) {
    this.#listener = listener
  }

  /** Whether anybody hears it. */
  get isHeard(): boolean {
    return this.#listener !== undefined || this.#readers.size > 0
  }

  /** A listener that throws stops nothing. */
  tell(event: Event): void {
    for (const reader of this.#readers) reader.add(event)
    try {
      this.#listener?.(event)
    } catch (thrown) {
      process.emitWarning(asError(thrown))
    }
  }

  /** The readers come to their end. */
  close(): void {
    this.#isClosed = true
    for (const reader of this.#readers) reader.close()
  }

  /** Registered at once, not with the first `next`: nothing that follows is missed. */
  read(): AsyncIterableIterator<Event> {
    const reader = new Reader<Event>()
    this.#readers.add(reader)
    if (this.#isClosed) reader.close()
    return this.#drain(reader)
  }

  async *#drain(reader: Reader<Event>): AsyncGenerator<Event> {
    try {
      for (;;) {
        const events = await reader.take()
        if (events.length === 0) return
        yield* events
      }
    } finally {
      this.#readers.delete(reader)
    }
  }
}

class Reader<Event> {
  #events: Event[] = []
  #isClosed = false
  #more: Deferred<void> = createDeferred()

  add(event: Event): void {
    this.#events.push(event)
    this.#more.resolve()
  }

  close(): void {
    this.#isClosed = true
    this.#more.resolve()
  }

  /** What has come since; empty when nothing will come any more. */
  async take(): Promise<Event[]> {
    if (!this.#isClosed) await this.#more.promise
    const events = this.#events
    this.#events = []
    this.#more = createDeferred()
    if (events.length === 0 && !this.#isClosed) return this.take()
    return events
  }
}
