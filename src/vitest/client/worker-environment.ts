import type { Config } from '../../config/define-config.ts'
import type { ExternalService } from '../../service/external-service.ts'
import { labelOf } from '../../service/options/label.ts'
import { environmentFrom, type Variables } from '../../session/environment.ts'
import { declaredConfigs } from '../slot/declared-configs.ts'
import { signatureOf } from '../slot/run-context.ts'

interface Owner {
  readonly prefix: string
  /** Config that has the service. The config's `environment` may use the service. */
  readonly config: Config | undefined
}

interface Shown extends Owner {
  readonly label: string
  readonly serviceConfig: object
  readonly variables: Variables
}

/** The part of a slot for `process.env`. */
interface ShownSlot {
  readonly variables: Variables
  /** Configs of the services that are up, by name. */
  readonly configs: Readonly<Record<string, object>>
}

interface State {
  /** Slots of the worker, by the signatures of the configs. */
  readonly slots: Map<string, ShownSlot>
  /** Dedicated services, in the order of the set-ups: of several with equal labels, the last is shown. */
  readonly shown: Map<ExternalService<object>, Shown>
  /** The variables set by this file, each with the present value and the value before. */
  readonly replaced: Map<string, { readonly value: string; readonly before: string | undefined }>
}

/** Key of the state on `process`, where `process.env` is: in a VM pool both outlive the modules of a test file. */
const key = Symbol.for('test-services.worker-environment')
const holder = process as typeof process & { [key]?: State }
holder[key] ??= { slots: new Map(), shown: new Map(), replaced: new Map() }
const { slots, shown, replaced } = holder[key]

/** Returns the environment as the main process made it, without the worker's services. */
export function declaredEnvironment(): NodeJS.ProcessEnv {
  const before = [...replaced].map(([name, { before }]) => [name, before] as const)
  const all = Object.entries({ ...process.env, ...Object.fromEntries(before) })
  return Object.fromEntries(all.filter(([, value]) => value !== undefined))
}

/** Puts the variables of a slot into `process.env`. */
export function showSlot(signature: string, slot: ShownSlot): void {
  slots.set(signature, slot)
  apply(wantedFor(shown))
}

export function hideSlot(signature: string): void {
  if (slots.delete(signature)) apply(wantedFor(shown))
}

/**
 * Puts the variables of a dedicated service, which is up, into `process.env` in place of the slot's service. Harmless
 * when repeated; after a further set-up, shows the new variables.
 *
 * @throws ERR_CONFIG when the config's `environment` throws
 */
export function showService(service: ExternalService<object>, owner: Owner): void {
  const { label, serviceConfig, variables } = service
  if (shown.get(service)?.serviceConfig === serviceConfig) return
  const wanted = wantedFor(new Map([...shown, [service, { ...owner, label, serviceConfig, variables }]]))
  shown.set(service, { ...owner, label, serviceConfig, variables })
  apply(wanted)
}

/** Removes a dedicated service from `process.env`, and restores the values before. */
export function hideService(service: ExternalService<object>): void {
  if (shown.delete(service)) apply(wantedFor(shown))
}

/** Returns the dedicated service of a config that `process.env` shows under a label. */
export function shownService(config: Config, label: string): ExternalService<object> | undefined {
  return [...shown].findLast(([, one]) => one.config === config && one.label === label)?.[0]
}

/** Sets and restores variables. A variable that a test has changed is left alone until the wanted value changes. */
function apply(wanted: Variables): void {
  for (const [name, { before }] of replaced) {
    if (name in wanted) continue
    replaced.delete(name)
    if (before === undefined) delete process.env[name]
    else process.env[name] = before
  }
  for (const [name, value] of Object.entries(wanted)) {
    const present = replaced.get(name)
    if (present?.value === value) continue
    replaced.set(name, { value, before: present ? present.before : process.env[name] })
    process.env[name] = value
  }
}

function wantedFor(services: ReadonlyMap<unknown, Shown>): Variables {
  const all = [...services.values()]
  const prefixes = new Map(all.flatMap(({ config, prefix }) => (config ? [[config, prefix]] : [])))
  const made = [...prefixes].map(([config, prefix]) => madeBy(config, prefix, all))
  const ofSlots = [...slots.values()].map(({ variables }) => variables)
  return Object.assign({}, ...ofSlots, ...all.map(({ variables }) => variables), ...made)
}

/** Returns the variables of a config's `environment` that dedicated services change. */
function madeBy(config: Config, prefix: string, all: readonly Shown[]): Variables {
  const environment = declaredEnvironment()
  const declared = declaredConfigs(config, prefix, environment)
  const present = { ...declared, ...slots.get(signatureOf(config))?.configs }
  const own = Object.keys(config.services).flatMap((name) => {
    const last = all.findLast((one) => one.config && one.prefix === prefix && one.label === labelOf(name))
    return last ? [[name, last.serviceConfig] as const] : []
  })
  const made = variablesFrom(config, { ...present, ...Object.fromEntries(own) })
  return Object.fromEntries(Object.entries(made).filter(([name, value]) => environment[name] !== value))
}

/** Returns no variables if `environment` throws while a service is absent, since the absence may be the cause. */
function variablesFrom({ services, environment }: Config, configs: Readonly<Record<string, object>>): Variables {
  try {
    return environmentFrom(environment, configs)
  } catch (thrown) {
    if (Object.keys(services).every((name) => name in configs)) throw thrown
    return {}
  }
}
