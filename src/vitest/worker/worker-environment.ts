import type { Config } from '../../config/define-config.ts'
import type { ExternalService } from '../../service/external-service.ts'
import { labelOf } from '../../service/label.ts'
import { environmentFrom, type Variables } from '../../session/environment.ts'
import { declaredConfigs } from '../slot/declared-configs.ts'
import { signatureOf } from '../slot/run-context.ts'

interface Owner {
  readonly prefix: string
  /** The config that the service stands in, whose `environment` may tell of it. */
  readonly config: Config | undefined
}

interface Shown extends Owner {
  readonly label: string
  readonly serviceConfig: object
  readonly variables: Variables
}

/** What a slot shows. */
interface ShownSlot {
  readonly variables: Variables
  /** Of what is up, by name. */
  readonly configs: Readonly<Record<string, object>>
}

interface State {
  /** The slots of this worker, by the signatures of their configs. */
  readonly slots: Map<string, ShownSlot>
  /** The services of single files, in the order of their set-ups: of two with one label the last one is shown. */
  readonly shown: Map<ExternalService<object>, Shown>
  /** For each variable that we set: what we set, and what was there before. */
  readonly replaced: Map<string, { readonly value: string; readonly before: string | undefined }>
}

/** Kept where `process.env` is: in a VM pool both outlive the modules of a test file. */
const key = Symbol.for('test-services.worker-environment')
const holder = process as typeof process & { [key]?: State }
holder[key] ??= { slots: new Map(), shown: new Map(), replaced: new Map() }
const { slots, shown, replaced } = holder[key]

/** The environment as it was before this process put its own services in it: what the run declares. */
export function declaredEnvironment(): NodeJS.ProcessEnv {
  const before = [...replaced].map(([name, { before }]) => [name, before] as const)
  const all = Object.entries({ ...process.env, ...Object.fromEntries(before) })
  return Object.fromEntries(all.filter(([, value]) => value !== undefined))
}

/** Makes `process.env` name what is up in the slot of this worker. */
export function showSlot(signature: string, slot: ShownSlot): void {
  slots.set(signature, slot)
  apply(wantedFor(shown))
}

export function hideSlot(signature: string): void {
  if (slots.delete(signature)) apply(wantedFor(shown))
}

/**
 * Makes `process.env` name this service, which is up, instead of that of the slot. Harmless when repeated; after
 * another set-up it tells of that.
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

/** Restores what was there before `showService`. */
export function hideService(service: ExternalService<object>): void {
  if (shown.delete(service)) apply(wantedFor(shown))
}

/** The last service of this label that a file has for itself, if it stands in this config. */
export function shownService(config: Config, label: string): ExternalService<object> | undefined {
  return [...shown].findLast(([, one]) => one.config === config && one.label === label)?.[0]
}

/** What a test has set itself since stays, unless it is to be replaced by another value, or ends with our own. */
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

/** What a config's `environment` makes otherwise of the services of single files than of the slot's. */
function madeBy(config: Config, prefix: string, all: readonly Shown[]): Variables {
  const declared = declaredConfigs(config, prefix, declaredEnvironment())
  const present = { ...declared, ...slots.get(signatureOf(config))?.configs }
  const own = Object.keys(config.services).flatMap((name) => {
    const last = all.findLast((one) => one.config && one.prefix === prefix && one.label === labelOf(name))
    return last ? [[name, last.serviceConfig] as const] : []
  })
  const before = make(config, present)
  const after = make(config, { ...present, ...Object.fromEntries(own) })
  return Object.fromEntries(Object.entries(after).filter(([name, value]) => before[name] !== value))
}

/** Where it fails for want of one that is absent, nothing can be told. */
function make({ services, environment }: Config, configs: Readonly<Record<string, object>>): Variables {
  try {
    return environmentFrom(environment, configs)
  } catch (thrown) {
    if (Object.keys(services).every((name) => name in configs)) throw thrown
    return {}
  }
}
