import type { WireError } from '../../kernel/wire-error.ts'
import type { SlotView } from '../slot/slot-view.ts'
import type { TestOutcome } from '../slot/test-outcome.ts'

/** Number of a request's slot, with the version of the worker's view. */
export interface InSlot {
  readonly slot: number
  /** Version of the view that the worker has. The answer carries the view if the slot's version differs. */
  readonly version: string
}

/** The answer to a request that may have changed the slot. */
export interface SlotAnswer<T = unknown> {
  readonly value?: T
  /** Present if the slot has changed since the worker's version. */
  readonly view?: SlotView
}

/** A slot that has been given to a worker. */
export interface Entered {
  readonly slot: number
  readonly view: SlotView
}

/** Requests of a worker to the main process. */
export interface SlotRequests {
  /** Called when a test file begins. Gives the worker its slot. */
  enter(what: { readonly stack: string; readonly poolId: number }): Promise<Entered>
  /** Called when a test file has ended. Another worker may get the slot. */
  leave(where: InSlot): Promise<void>
  /** Returns a further slot, for a concurrent test. */
  lease(what: { readonly stack: string }): Promise<Entered>
  release(where: InSlot): Promise<void>
  setUp(what: InSlot & { readonly name: string; readonly timeoutMs?: number | undefined }): Promise<SlotAnswer>
  begin(what: InSlot & { readonly test: string }): Promise<void>
  prepare(what: InSlot & { readonly test: string; readonly names: readonly string[] }): Promise<SlotAnswer>
  end(what: InSlot & { readonly test: string; readonly outcome: TestOutcome }): Promise<{
    readonly errors: readonly WireError[]
    readonly evidence: readonly string[]
  }>
  /** Arguments and result are packed by `packValue`. */
  call(
    what: InSlot & { readonly name: string; readonly method: string; readonly packed: string },
  ): Promise<SlotAnswer<string>>
}
