import type { SlotView } from './slot-view.ts'
import type { TestOutcome } from './test-outcome.ts'
import type { WireError } from './wire-error.ts'

/** The slot that a request is about. */
export interface InSlot {
  readonly slot: number
  /** Version that the worker knows: the answer has the view if there is a newer one. */
  readonly version: string
}

/** The answer to a request that may have changed the slot. */
export interface SlotAnswer<T = unknown> {
  readonly value?: T
  /** Present if the worker knows an older one. */
  readonly view?: SlotView
}

/** A slot that has been given to a worker. */
export interface Entered {
  readonly slot: number
  readonly view: SlotView
}

/** What a worker asks of the main process. */
export interface SlotRequests {
  /** A test file begins: gives the worker its slot. */
  enter(what: { readonly stack: string; readonly poolId: number }): Promise<Entered>
  /** A test file has ended: another worker may get its slot. */
  leave(where: InSlot): Promise<void>
  /** Returns another slot, for one of several tests that run at the same time. */
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
