import type { ServiceHealth } from './instance/health-check.ts'
import type { LogEntries } from './instance/log-excerpt.ts'
import type { InstanceMode, SetUpContext } from './instance/set-up-context.ts'

/** Methods that a service implements or overrides. `ExternalService` calls the methods at the right time. */
export abstract class ServiceHooks<Config extends object> {
  /**
   * Called at the beginning of a set-up. May begin slow work without side effects; code that needs the result asks
   * again.
   */
  protected warmUp(_mode: InstanceMode): void {}

  /** Starts the service in this instance, waits until ready, and returns the config. */
  protected abstract start(instance: SetUpContext): Promise<Config>

  /**
   * Makes a tenant of a running instance and returns the tenant's config. Default: no tenant, the whole instance is
   * shared.
   */
  protected async attach(existing: Config, _instance: SetUpContext): Promise<Config> {
    return existing
  }

  /** Makes a config from variables set by hand, the only source for such an instance. */
  protected abstract configFromVariables(scalars: Readonly<Record<string, string>>): Config

  /** Throws unless the service runs and answers; the error says which service died, when and how. */
  protected abstract verify(config: Config): Promise<void>

  /**
   * Called before `makePristine`. Default: `verify`. A service whose `makePristine` itself reports a server that is dead
   * or does not answer can do less here.
   */
  protected verifyBeforeReset(config: Config): Promise<void> {
    return this.verify(config)
  }

  /** Restores the state after `setUp`, of the service or tenant. Called right after `verifyBeforeReset`. */
  protected abstract makePristine(config: Config): Promise<void>

  /**
   * Client errors that this service may cause, and advice for each. Keys: the `code` of an error, or the message of an
   * error without a code after an error with a code.
   */
  readonly clientErrors: Readonly<Record<string, string>> = {}

  /** The pid of the main process, as in the file `LP_<LABEL>_PIDFILE`; `undefined` without a process of ours. */
  get pid(): number | undefined {
    return undefined
  }

  /** Called before a needed service is reset, with the label of the needed service. */
  noteReset(_needed: string): void {}

  /** Whether `reset` only checks the service, since no way to restore its state is defined. */
  get keepsState(): boolean {
    return false
  }

  /** Resolves after any end of the instance's main process; `undefined` without a process of ours. */
  get ended(): Promise<unknown> | undefined {
    return undefined
  }

  /** State of a watched service, such as a script with an `onRun`; `undefined` for unwatched services. */
  get health(): ServiceHealth | undefined {
    return undefined
  }

  /**
   * Selects the log entries concerning this client of the instance, for `logSince`. Default: all entries, including
   * entries caused by different clients.
   */
  get ownEntries(): LogEntries | undefined {
    return undefined
  }

  /** Returns whether data was written since the last reset, without a reset; `undefined` if unknown. */
  async hasChanges(): Promise<boolean | undefined> {
    return undefined
  }

  /** Throws ERR_SERVICE_DIED if the process has ended, without asking the service. Default: no process to check. */
  async checkLiving(): Promise<void> {}

  /**
   * Keeps the data of a failed test for inspection. Default: keeps no data.
   *
   * @param _test the full name of the test, for people
   * @returns a line for people with the place of the data and the time until removal
   */
  async keepFailure(_test: string): Promise<string | undefined> {
    return undefined
  }

  /**
   * Called at the end of a test with the service, so that the guilty test fails, not the next test.
   *
   * @throws ERR_STATE naming resources left open, such as a connection, if a reset would refuse them. Default: never
   * throws
   */
  async checkLeftOpen(): Promise<void> {}
}
