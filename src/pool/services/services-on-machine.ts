import { hostname } from 'node:os'
import * as v from 'valibot'
import { type Config, type ConfigInput, checkConfig } from '../../config/define-config.ts'
import { findStack, hasConfigFile, type Stack } from '../../config/stack.ts'
import { ConfigError } from '../../kernel/errors.ts'
import { lazy } from '../../kernel/lazy.ts'
import type { ResultSink } from '../../results/result-sink.ts'
import { isServiceDefinition } from '../../service/definition.ts'
import { defaultPrefix } from '../../service/instance/variables.ts'
import { parseOptions } from '../../service/options/parse-options.ts'
import type { Definitions } from '../../session/service-registry.ts'
import type { Machine } from '../machines/machine.ts'
import { ExposedServices } from './exposed-services.ts'
import { HeldServices } from './held-services.ts'
import type { MachineServices, ServicesFor } from './machine-services.ts'
import { placeProgram } from './package-on-machine.ts'
import { RemoteServices } from './remote-services.ts'
import { SharedServices } from './shared-services.ts'

/** Options of `servicesOnMachine`. */
export interface ServicesOnMachineOptions {
  /** Names of the services; needs are started, too. Default: all services of the config. */
  readonly only?: readonly string[] | undefined
  /**
   * `true`: the services run in this process, and each machine gets a tenant of each service. A remote machine reaches
   * the services through forwarded ports. Default: `false`, separate instances run on each machine.
   */
  readonly shared?: boolean | undefined
  /** Base of relative paths. Default: the directory of the config file, else the present directory. */
  readonly directory?: string | undefined
  /** Takes a row for the start of each service: the results of the pool. Default: none. */
  readonly results?: Pick<ResultSink, 'service'> | undefined
  /** Limit for each start, and for each reset, in milliseconds. Default: 60,000. */
  readonly timeoutMs?: number | undefined
}

const optionsSchema = v.strictObject({
  only: v.optional(v.array(v.string())),
  shared: v.optional(v.boolean()),
  directory: v.optional(v.string()),
  results: v.optional(v.looseObject({})),
  timeoutMs: v.optional(v.number()),
})

/**
 * Returns how a pool brings services up for machines.
 *
 * @param what path of a config file, a config, or services by name: `{ db: postgres() }`
 * @throws ERR_CONFIG for an invalid option or config
 */
export function servicesOnMachine(
  what: string | ConfigInput<Definitions> | Definitions,
  options: ServicesOnMachineOptions = {},
): ServicesFor {
  parseOptions(optionsSchema, options, 'servicesOnMachine()')
  const find = typeof what === 'string' ? undefined : stackOf(what, options)
  const stack = lazy(async () => withNames(find ?? (await findStack(requestFor(what as string, options))), options))
  const { close, ...parts } = options.shared ? sharedBy(stack, options) : ownBy(stack, options)
  const bringUp: ServicesFor = async (machine, signal) => {
    const services = await parts.bringUp(machine, signal)
    await record(services, machine.name, options)
    return services
  }
  return Object.assign(bringUp, close && { close })
}

type Find = () => Promise<Stack>

interface Parts {
  readonly bringUp: (machine: Machine, signal: AbortSignal) => Promise<MachineServices>
  readonly close?: () => Promise<void>
}

/** Each machine gets a tenant of the services in this process. */
function sharedBy(stack: Find, options: ServicesOnMachineOptions): Parts {
  const { timeoutMs } = options
  let shared: SharedServices | undefined
  let isOnRecord = false
  const bringUp = async (machine: Machine, signal: AbortSignal): Promise<MachineServices> => {
    const found = await stack()
    shared ??= new SharedServices(found, { timeoutMs })
    const opened = await shared.open(signal)
    if (!isOnRecord) {
      isOnRecord = true
      await record(opened, null, options)
    }
    const tenant = await shared.tenant(signal)
    return isHere(machine) ? tenant : ExposedServices.open(tenant, machine.transport, found.config)
  }
  return { bringUp, close: async () => shared?.close() }
}

/** Gives each machine separate instances. */
function ownBy(stack: Find, { timeoutMs, only = [] }: ServicesOnMachineOptions): Parts {
  const bringUp = async (machine: Machine, signal: AbortSignal): Promise<MachineServices> => {
    const found = await stack()
    if (isHere(machine)) return HeldServices.open(found, { timeoutMs, signal })
    if (!hasConfigFile(found)) throw noFile(machine)
    const placed = { configFile: found.project, directory: found.directory }
    const program = await placeProgram(machine, placed, signal)
    return RemoteServices.open(machine, { ...program, request: { ...program.request, names: only, timeoutMs } }, signal)
  }
  return { bringUp }
}

/** Puts the starts of services on record. A failure closes the services again. */
async function record(
  services: MachineServices,
  machine: string | null,
  { results }: ServicesOnMachineOptions,
): Promise<void> {
  try {
    for (const start of services.starts ?? [])
      await results?.service?.({ ...start, host: hostname(), machine, note: null })
  } catch (thrown) {
    await services.close()
    throw thrown
  }
}

function noFile({ name }: Machine): ConfigError {
  return new ConfigError(
    `servicesOnMachine(): the services of ${name} run on that machine, and their config has to come from a file: ` +
      'give the path of the config file instead, or let the machines share services of this process, with "shared: true"',
  )
}

function isHere({ transport }: Machine): boolean {
  return transport.name === 'local'
}

function requestFor(configFile: string, { directory = process.cwd(), only = [] }: ServicesOnMachineOptions) {
  return { directory, configFile, names: only }
}

function stackOf(
  what: ConfigInput<Definitions> | Definitions,
  { directory = process.cwd() }: ServicesOnMachineOptions,
): Stack {
  const config = checkConfig(isConfig(what) ? what : { services: what }, 'servicesOnMachine()')
  return { config, prefix: config.prefix ?? defaultPrefix, directory, project: directory, names: [] }
}

function isConfig(what: ConfigInput<Definitions> | Definitions): what is Config {
  return 'services' in what && !isServiceDefinition(what.services)
}

/** Names the services: all of the config, if none is named. */
function withNames(stack: Stack, { directory, only }: ServicesOnMachineOptions): Stack {
  const names = only ?? Object.keys(stack.config.services)
  return { ...stack, names, ...(directory !== undefined && { directory }) }
}
