import { createDeferred, type Deferred } from '../kernel/deferred.ts'
import { asError } from '../kernel/errors.ts'

/** Sends events to a listener and to any number of readers. A reader gets all events from its creation on. */
export class EventChannel<Event> {
  readonly #listener: ((event: Event) => void) | undefined
  readonly #readers = new Set<Reader<Event>>()
  #isClosed = false

  constructor(listener: ((event: Event) => void) | undefined) {
    this.#listener = listener
  }

  /** Whether the channel has a listener or reader. */
  get hasListener(): boolean {
    return this.#listener !== undefined || this.#readers.size > 0
  }

  /** Sends an event. An error of the listener becomes a warning. */
  emit(event: Event): void {
    for (const reader of this.#readers) reader.add(event)
    try {
      this.#listener?.(event)
    } catch (thrown) {
      process.emitWarning(asError(thrown))
    }
  }

  /** Ends all readers. */
  close(): void {
    this.#isClosed = true
    for (const reader of this.#readers) reader.close()
  }

  /** Creates a reader, registered at once instead of at the first `next`, so that no event is missed. */
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

  /** Waits for new events; returns an empty list after the end. */
  async take(): Promise<Event[]> {
    if (!this.#isClosed) await this.#more.promise
    const events = this.#events
    this.#events = []
    this.#more = createDeferred()
    if (events.length === 0 && !this.#isClosed) return this.take()
    return events
  }
}
