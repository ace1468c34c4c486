import type { ExternalService } from '../../service/external-service.ts'
import type { TestEnding, TestOutcome } from '../slot/test-outcome.ts'

/** The services of a config for sequential tests, in this process or in the main process. */
export interface TestSlot {
  /** The names of the running services, as far as the worker knows. */
  readonly up: readonly string[]
  /** Returns the same object for every caller in this worker, whether the service is up or down. */
  service(name: string): ExternalService<object>
  /** Takes a share: when the last share of a slot of this worker is given back, its services are cleaned up. */
  join(): Leave
  /** @param timeoutMs limit for each start, in milliseconds */
  setUp(name: string, timeoutMs?: number): Promise<void>
  /** Whether a quick look finds every process alive. If so, the slot is not told of a test that uses no service. */
  seemsAlive(): boolean
  begin(test: string): Promise<void>
  /** Brings services up, and resets the services and their needs, once for the test. */
  prepare(test: string, names: readonly string[]): Promise<void>
  end(test: string, outcome: TestOutcome): Promise<TestEnding>
  /** Returns a further slot, for a concurrent test. */
  lease(): Promise<LeasedSlot>
}

export interface LeasedSlot extends TestSlot {
  release(): Promise<void>
}

/** Gives up a share; harmless when repeated. */
export type Leave = () => Promise<void>
