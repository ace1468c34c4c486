import type { ExternalService } from '../../service/external-service.ts'
import type { TestEnding, TestOutcome } from '../slot/test-outcome.ts'

/** The services of one config for tests that run one after the other, wherever they are held. */
export interface TestSlot {
  /** The names of what is up, as far as this worker knows. */
  readonly up: readonly string[]
  /** The same object for everybody in this worker, be the service up or not. */
  service(name: string): ExternalService<object>
  /** Takes a share: when the last share of a slot of this worker is given back, its services are cleaned up. */
  join(): Leave
  /** @param timeoutMs for each start */
  setUp(name: string, timeoutMs?: number): Promise<void>
  /** Whether a quick look finds everything alive that is up: then it need not be told of a test that uses nothing. */
  seemsAlive(): boolean
  begin(test: string): Promise<void>
  /** Brings services up, and resets them and what they need, once for the test. */
  prepare(test: string, names: readonly string[]): Promise<void>
  end(test: string, outcome: TestOutcome): Promise<TestEnding>
  /** Gives a further slot, for one test among others that run at the same time. */
  lease(): Promise<LeasedSlot>
}

export interface LeasedSlot extends TestSlot {
  release(): Promise<void>
}

/** Gives up a share; harmless when repeated. */
export type Leave = () => Promise<void>
