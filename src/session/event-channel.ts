import { EventEmitter, on } from 'node:events'
import { asError } from '../kernel/errors.ts'

/** Sends events to a listener and to any number of readers. A reader gets all events from its creation on. */
export class EventChannel<Event> {
  readonly #emitter = new EventEmitter().setMaxListeners(0)
  #isClosed = false

  /** @param listener called with every event; an error becomes a warning */
  constructor(listener: ((event: Event) => void) | undefined) {
    if (!listener) return
    this.#emitter.on('event', (event: Event) => {
      try {
        listener(event)
      } catch (thrown) {
        process.emitWarning(asError(thrown))
      }
    })
  }

  /** Whether the channel has a listener or reader. */
  get hasListener(): boolean {
    return this.#emitter.listenerCount('event') > 0
  }

  emit(event: Event): void {
    this.#emitter.emit('event', event)
  }

  /** Ends all readers. */
  close(): void {
    this.#isClosed = true
    this.#emitter.emit('close')
  }

  /** Creates a reader, registered at once instead of at the first `next`, so that no event is missed. */
  read(): AsyncIterableIterator<Event> {
    const events = on(this.#emitter, 'event', { close: ['close'] })
    // After the end, the emitter emits no second `close`.
    if (this.#isClosed) void events.return?.()
    return eachOf<Event>(events)
  }
}

async function* eachOf<Event>(calls: AsyncIterable<unknown[]>): AsyncGenerator<Event> {
  for await (const [event] of calls) yield event as Event
}
