import type { ServiceHealth } from './health-check.ts'
import type { Instance, InstanceMode } from './instance.ts'
import type { LogEntries } from './log-slice.ts'

/** What a service says of itself, for `ExternalService` to call at the right time. */
export abstract class ServiceHooks<Config extends object> {
  /** Begins, as soon as it is to come up, what takes its time and leaves no trace. Whoever needs it asks again. */
  protected anticipate(_mode: InstanceMode): void {}

  /** Starts the service in this instance, waits until it is ready, and gives its config. */
  protected abstract start(instance: Instance): Promise<Config>

  /** Makes a slice of a running instance, and gives the slice's config. Default: no slice, the instance is shared whole. */
  protected async attach(existing: Config, _instance: Instance): Promise<Config> {
    return existing
  }

  /** The config of an instance that is known only by variables set by hand. */
  protected abstract configFromVariables(scalars: Readonly<Record<string, string>>): Config

  /** Throws, naming what died, when and how, unless the service is running and answers. */
  protected abstract verify(config: Config): Promise<void>

  /** Makes the service, or the slice, as it was after `setUp`. It has been verified just before. */
  protected abstract makePristine(config: Config): Promise<void>

  /**
   * What errors of its clients mean that this service may cause, and what to do about them: by their `code`; by the
   * message of an error without a code that follows one with a code.
   */
  readonly clientErrors: Readonly<Record<string, string>> = {}

  /** The main process, whose pid `LP_<LABEL>_PIDFILE` holds; `undefined` where there is none of ours. */
  get pid(): number | undefined {
    return undefined
  }

  /** Called before a service that this one needs is reset, with its label. */
  noteReset(_needed: string): void {}

  /** Whether `reset` only checks it, since nothing says how it is made as it was. */
  get keepsState(): boolean {
    return false
  }

  /** Resolves when the main process of this instance has ended, in whatever way; `undefined` where there is none of ours. */
  get ended(): Promise<unknown> | undefined {
    return undefined
  }

  /** State of a service that is watched, such as a script with an `onRun`; `undefined` for the others. */
  get health(): ServiceHealth | undefined {
    return undefined
  }

  /**
   * Tells which entries of the instance's log concern this client of it, for `logSince`. Default: all, of which other
   * clients may have caused some.
   */
  get ownEntries(): LogEntries | undefined {
    return undefined
  }

  /** Tells whether anything was written since the last reset, without putting it back; `undefined`: nobody knows. */
  async hasChanges(): Promise<boolean | undefined> {
    return undefined
  }

  /** Throws ERR_SERVICE_DIED if the process has ended; asks it nothing. By default there is no process. */
  async checkLiving(): Promise<void> {}

  /**
   * Keeps what a failed test left, for a look at it; a service may have none of it, which is the default.
   *
   * @param _test the full name of the test, for people
   * @returns a line that says where it is and how long it stays
   */
  async keepFailure(_test: string): Promise<string | undefined> {
    return undefined
  }

  /**
   * Asked when a test that used the service has ended, so that this one fails and not the next.
   *
   * @throws ERR_STATE naming what it has left open that a reset would refuse; by default there is nothing of the kind
   */
  async checkLeftOpen(): Promise<void> {}
}
