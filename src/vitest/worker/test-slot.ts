import type { ExternalService } from '../../service/external-service.ts'
import type { TestEnding, TestOutcome } from '../slot/test-outcome.ts'

/** The services of one config for tests that run one after the other, in this process or in the main process. */
export interface TestSlot {
  /** The names of what is up, as far as this worker knows. */
  readonly up: readonly string[]
  /** Returns the same object for everybody in this worker, whether the service is up or not. */
  service(name: string): ExternalService<object>
  /** Takes a share: when the last share of a slot of this worker is given back, its services are cleaned up. */
  join(): Leave
  /** @param timeoutMs for each start */
  setUp(name: string, timeoutMs?: number): Promise<void>
  /** Whether a quick look finds every process alive. If so, the slot is not told of a test that uses no service. */
  seemsAlive(): boolean
  begin(test: string): Promise<void>
  /** Brings services up, and resets them and what they need, once for the test. */
  prepare(test: string, names: readonly string[]): Promise<void>
  end(test: string, outcome: TestOutcome): Promise<TestEnding>
  /** Returns another slot, for one of several tests that run at the same time. */
  lease(): Promise<LeasedSlot>
}

export interface LeasedSlot extends TestSlot {
  release(): Promise<void>
}

/** Gives up a share; harmless when repeated. */
export type Leave = () => Promise<void>
