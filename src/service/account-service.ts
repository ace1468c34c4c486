import type { Credentials, ServerSettings } from '../host/account-server.ts'
import { askControl, type ControlChannel, type ControlRequest, discardContent } from '../host/control-request.ts'
import { moduleUrl, serverProgram } from '../host/modules/package-program.ts'
import type { PackageModule } from '../kernel/package-modules.ts'
import { applicationLadder } from '../process/stop-ladder.ts'
import type { SetUpContext } from './instance/set-up-context.ts'
import { ProcessService } from './process-service.ts'
import type { ProcessStart } from './process-start.ts'

/** A service with an `AccountServer` in a process of its own. Each client has an account of its own. */
export abstract class AccountService<Config extends object, Options extends object> extends ProcessService<
  Config,
  Options
> {
  /** Returns the account of a config. */
  protected abstract accountOf(config: Config): Credentials

  /** Returns the address of the control channel. */
  protected abstract controlUrlOf(config: Config): string

  /** Returns the config of a new client, with an account still unknown to the server. */
  protected abstract tenantOf(existing: Config, context: SetUpContext): Promise<Config>

  /** Writes the settings of the server program; returns how to start the program. */
  protected async programStart(
    { directory }: SetUpContext,
    program: PackageModule,
    settings: ServerSettings,
  ): Promise<Pick<ProcessStart<Config>, 'argv' | 'environment' | 'ladder' | 'startsAlone'>> {
    const argv = await serverProgram(program, directory, settings)
    // Time to save the content, for the next start of the instance.
    return { argv, environment: {}, ladder: applicationLadder, startsAlone: true }
  }

  protected override async onAttach(existing: Config, context: SetUpContext): Promise<Config> {
    const config = await this.tenantOf(existing, context)
    const account = this.accountOf(config)
    const data = { ...this.#channelOf(config), call: 'DELETE /accounts/own' }
    await context.own({
      reclaim: { module: moduleUrl('control-reclaim'), data, label: `account "${account.user}" of ${context.label}` },
    })
    await this.control(existing, { call: 'POST /accounts', body: account })
    return config
  }

  protected async onCheck(config: Config): Promise<void> {
    await this.control(config, { call: 'GET /accounts' })
  }

  protected async onReset(config: Config): Promise<void> {
    await this.control(config, { call: 'POST /reset' })
  }

  /** Discards the content, unless the server belongs to a different client. */
  protected override async onStop(config: Config): Promise<void> {
    if (this.pid !== undefined) await discardContent(this.#channelOf(config))
  }

  /** Sends a command to the server program. */
  protected control<T>(config: Config, asked: ControlRequest): Promise<T> {
    return askControl<T>(this.#channelOf(config), asked)
  }

  #channelOf(config: Config): ControlChannel {
    const { user, password } = this.accountOf(config)
    return { url: this.controlUrlOf(config), user, password }
  }
}
