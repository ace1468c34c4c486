import { resolve } from 'node:path'
import { mergeLayers } from '../../action/workspace/variable-changes.ts'
import { asError, ConfigError } from '../../kernel/errors.ts'
import { ownEnvironment } from '../../process/own-environment.ts'
import { applicationLadder, type StopLadder } from '../../process/stop-ladder.ts'
import { probe } from '../../readiness/probe.ts'
import type { Readiness } from '../../readiness/readiness.ts'
import { tcp } from '../../readiness/tcp.ts'
import { defineService, type ServiceDefinition } from '../definition.ts'
import type { Notice } from '../instance/notice.ts'
import type { SetUpContext } from '../instance/set-up-context.ts'
import { findMissingKey, textsOf, type VariableValues } from '../options/made-variables.ts'
import { ProcessService } from '../process-service.ts'
import type { ProcessStart } from '../process-start.ts'
import type { ServiceOptions } from '../service-options.ts'
import { filesOf } from './command-files.ts'
import { commandSchema, profileSchema } from './command-schema.ts'

/** Config of a needed service of unknown exact type. */
interface NeededConfig {
  readonly url: string
  readonly [key: string]: string | number
}

export interface CommandConfig {
  /** `http://127.0.0.1:<port>`, or `http://[::1]:<port>` if the server listens on `::1` only; empty without a port. */
  readonly url: string
  readonly host: string
  /** 0 for a command without a port. */
  readonly port: number
}

/** Configs of the needed services, for unknown types. */
export type NeededConfigs<Need extends string> = Readonly<Record<Need, NeededConfig>>

export interface CommandOptions<Need extends string = string, Needed = NeededConfigs<Need>> {
  /** The program and its arguments; no shell is involved. */
  readonly command: readonly [string, ...string[]]
  /** The working directory, relative to the config's directory. Default: the config's directory. */
  readonly directory?: string
  /** Services to be ready first. */
  readonly needs?: readonly Need[]
  /**
   * How many instances of a command with `needs` a test run has. `slot`: an instance per worker, on the worker's own
   * database. `run`: a single instance for all tests. Default: `slot`.
   */
  readonly scope?: ServiceDefinition['scope']
  /**
   * Globs of the command's source files, besides its arguments, relative to the working directory. In watch mode a
   * changed file restarts the command.
   */
  readonly files?: readonly string[]
  /**
   * Variables of the command besides the present environment and `PORT`: fixed values, or a function of the configs of
   * the `needs`. The function may name the type of its parameter: `({ db }: { db: PostgresConfig }) => …`.
   */
  readonly environment?: VariableValues | ((needs: Needed) => VariableValues)
  /**
   * Port on which the command listens; `false` for a command without a port. Default: a free port, passed in
   * `PORT`.
   */
  readonly port?: number | false
  /**
   * Process expected to listen on the port. `own`: the command. `any`: any process, such as a container engine on
   * behalf of the command. Default: `own`.
   */
  readonly listener?: 'own' | 'any'
  /** When the command is ready. Default: when the port accepts connections; without a port, at once. */
  readonly ready?: Readiness
  /**
   * How the command is stopped before the kill: by signals to its process group, or by a notice, a SIGTERM to its main
   * process with the end of the grace in `$OPENJD_SESSION_WORKING_DIR/cancel_info.json`. Default: SIGTERM, 5,000 ms.
   */
  readonly stop?: StopLadder | Notice
  /** Restores the state at the time of becoming ready. Default: none, the command keeps its state. */
  readonly reset?: (config: CommandConfig) => Promise<void> | void
}

/**
 * Defines a service from any program. The program gets a free port in `PORT` and is stopped by SIGTERM.
 *
 * @throws ERR_CONFIG for an invalid option
 */
export function command<const Need extends string = never, Needed = NeededConfigs<Need>>(
  options: CommandOptions<Need, Needed>,
): ServiceDefinition<CommandConfig, Need> {
  return defineService({
    kind: 'command',
    needs: options.needs,
    scope: options.scope,
    get files() {
      return filesOf(options)
    },
    restartsOnChange: true,
    options,
    schemas: { options: commandSchema, profile: profileSchema },
    create: (init) => new CommandService(init),
  })
}

const pingTimeoutMs = 5_000
const itsStart: Readiness = probe('its start', async () => true)

function listening(port: number): Readiness {
  return {
    ...tcp(),
    description: `a connection to port ${port}, which the command gets in PORT`,
    advice:
      "if it listens on no port, say port: false; if something else shows that it is ready, say so, such as ready: ready.log('started')",
  }
}

class CommandService extends ProcessService<CommandConfig, CommandOptions> {
  /** Base environment: the variables of this process, changed by the environments entered in the session. */
  readonly #surroundings: Readonly<Record<string, string>>
  readonly #secrets: readonly string[]
  #environment: Readonly<Record<string, string>>

  constructor(init: ServiceOptions) {
    super(init)
    this.#surroundings = mergeLayers(ownEnvironment(), init.surroundings ?? {})
    this.#environment = this.#surroundings
    this.#secrets = init.secrets ?? []
  }

  override get keepsState(): boolean {
    return this.options.reset === undefined
  }

  protected override get secrets(): string[] {
    return [...super.secrets, ...this.#secrets]
  }

  protected async onStart(context: SetUpContext): Promise<ProcessStart<CommandConfig>> {
    const { command: argv, stop = applicationLadder } = this.options
    const { needs = [] } = this.options
    // Postgres drivers pass this name to the server: server messages name the service.
    const applicationName = needs.length > 0 ? { PGAPPNAME: `test-services ${this.label}` } : {}
    const noticePlace = 'mode' in stop ? { OPENJD_SESSION_WORKING_DIR: context.directory } : {}
    const port = await this.#port(context)
    this.#environment = {
      ...applicationName,
      ...this.#surroundings,
      ...noticePlace,
      ...(port && { PORT: String(port) }),
      ...this.#ownEnvironment(context),
    }
    const config = configAt('127.0.0.1', port ?? 0)
    const readiness = this.#readiness(config)
    return {
      argv,
      ...stopOf(stop),
      port,
      readiness,
      identityProof: this.options.listener === 'any' ? 'readiness' : 'listener',
      config,
      directory: this.#workingDirectory,
      environment: this.#environment,
    }
  }

  protected override async onReady({ port }: CommandConfig): Promise<CommandConfig> {
    return configAt(this.listener === '::1' ? '::1' : '127.0.0.1', port)
  }

  protected async onCheck(config: CommandConfig): Promise<void> {
    const readiness = this.#readiness(config)
    const target = {
      log: this.log,
      port: config.port || undefined,
      directory: this.#workingDirectory,
      environment: this.#environment,
    }
    const answered = await readiness.probe(target, AbortSignal.timeout(pingTimeoutMs))
    if (!answered) throw new Error(`no ${readiness.description}`)
  }

  protected async onReset(config: CommandConfig): Promise<void> {
    await this.options.reset?.(config)
  }

  protected configFromVariables({
    url = '',
    host = '127.0.0.1',
    port,
  }: Readonly<Record<string, string>>): CommandConfig {
    return { url, host, port: Number(port ?? (url ? new URL(url).port : 0)) }
  }

  get #workingDirectory(): string {
    return resolve(this.directory, this.options.directory ?? '.')
  }

  #readiness({ port }: CommandConfig): Readiness {
    return this.options.ready ?? (port ? listening(port) : itsStart)
  }

  async #port(context: SetUpContext): Promise<number | undefined> {
    const { port } = this.options
    if (port === false) return undefined
    return port ?? context.claimPort()
  }

  #ownEnvironment(context: SetUpContext): Readonly<Record<string, string>> {
    const { environment = {}, needs = [] } = this.options
    const where = `${this.label}'s "environment"`
    if (typeof environment !== 'function') return textsOf(environment, where)
    const make = environment as (configs: object) => VariableValues
    try {
      return textsOf(make(context.needs), where, () => findMissingKey(context.needs, make))
    } catch (thrown) {
      if (thrown instanceof ConfigError) throw thrown
      const known = needs.length > 0 ? needs.join(', ') : 'none'
      const message = `${where} threw: ${asError(thrown).message}; it gets the configs of its "needs", which are ${known}`
      throw new ConfigError(message, { cause: thrown })
    }
  }
}

function configAt(host: '127.0.0.1' | '::1', port: number): CommandConfig {
  const authority = host === '::1' ? '[::1]' : host
  return { url: port ? `http://${authority}:${port}` : '', host, port }
}

function stopOf(stop: StopLadder | Notice): { ladder: StopLadder; notice?: Notice } {
  return 'mode' in stop ? { ladder: [], notice: stop } : { ladder: stop }
}
