import { FaultControls } from './faults/fault-controls.ts'
import type { InstanceResources } from './instance/instance-resources.ts'
import type { SetUpContext } from './instance/set-up-context.ts'
import type { ProcessStart } from './process-start.ts'

/** The hooks of a fixture, with the defaults. `ExternalService` calls the hooks. */
export abstract class FixtureHooks<Config extends object> extends FaultControls {
  /** Called at the beginning of a set-up. May begin slow work without side effects; later code asks again. */
  protected onSetUp(_mode: SetUpContext['mode']): void {}

  /** Starts the service, waits until ready, and returns the config. A `ProcessService` returns how to start instead. */
  protected abstract onStart(context: SetUpContext): Promise<Config | ProcessStart<Config>>

  /** Makes a tenant of a running instance; returns its config. Default: no tenant, the whole instance is shared. */
  protected async onAttach(existing: Config, _context: SetUpContext): Promise<Config> {
    return existing
  }

  /** Throws unless the service runs and answers. */
  protected abstract onCheck(config: Config): Promise<void>

  /** Restores the state after `setUp`, of the service or tenant. Called right after `verifyBeforeReset`. */
  protected abstract onReset(config: Config): Promise<void>

  /** Called first in the clean-up of a running service, before the removal of resources. */
  protected async onStop(_config: Config): Promise<void> {}

  /** Called before a needed service is reset, with the label of the needed service. */
  noteReset(_needed: string): void {}

  /** Returns whether data was written since the last reset, without a reset; `undefined` if unknown. */
  async hasChanges(): Promise<boolean | undefined> {
    return undefined
  }

  /** Keeps the data of a failed test; returns a line for people: where the data is, and until when. Default: none. */
  async keepFailure(_test: string): Promise<string | undefined> {
    return undefined
  }

  /** Called at the end of a test. @throws ERR_STATE naming the leftovers of the test, if a reset would refuse these */
  async checkLeftOpen(): Promise<void> {}

  /** Makes a config from variables set by hand, the only source for an instance declared by hand. */
  protected abstract configFromVariables(scalars: Readonly<Record<string, string>>): Config

  /** @internal */
  protected async startIn(context: InstanceResources): Promise<Config> {
    return (await this.onStart(context)) as Config
  }

  /** @internal */
  protected verify(config: Config): Promise<void> {
    return this.onCheck(config)
  }

  /** Called before `onReset`. A service with an `onReset` that reports a dead server can do less here. @internal */
  protected verifyBeforeReset(config: Config): Promise<void> {
    return this.verify(config)
  }
}
