import type { ExternalService } from '../../service/external-service.ts'
import { declaredPid, type InstanceFiles } from '../../service/instance/instance-files.ts'
import type { LogEntries } from '../../service/instance/log-excerpt.ts'
import type { Variables } from '../../session/environment.ts'

/** A worker's knowledge of a service that the main process holds. */
export interface ServiceView {
  readonly label: string
  /** The names of the methods that can be called from the worker. */
  readonly methods: readonly string[]
  /** The names of the service's further properties, which stay in the main process. */
  readonly others: readonly string[]
  /** Absent while the service is not up. */
  readonly up: ServiceState | undefined
}

/** A worker's knowledge of a service that is up. */
export interface ServiceState {
  /** Number of the set-up; differs for each set-up. */
  readonly id: number
  readonly config: object
  readonly variables: Variables
  readonly files: InstanceFiles
  readonly pid: number | undefined
  /** Pid of the instance's main process, even if another process holds the instance. */
  readonly instancePid: number | undefined
  readonly keepsState: boolean
  readonly clientErrors: Readonly<Record<string, string>>
  readonly entries: LogEntries | undefined
}

/** A worker's knowledge of its slot. The main process sends a new view when a service has come up or gone. */
export interface SlotView {
  readonly version: string
  /** Variables of the services that are up, and variables of the config's `environment`. */
  readonly variables: Variables
  readonly services: Readonly<Record<string, ServiceView>>
}

export function viewOf(service: ExternalService<object>, isUp: boolean): ServiceView {
  const { label } = service
  return { label, methods: methodsOf(service), others: othersOf(service), up: isUp ? stateOf(service) : undefined }
}

function stateOf(service: ExternalService<object>): ServiceState {
  const { serviceConfig, variables, files, pid, keepsState, clientErrors, ownEntries } = service
  const id = idOf(serviceConfig)
  const instancePid = pid ?? declaredPid(files)
  const config = serviceConfig
  return { id, config, variables, files, pid, instancePid, keepsState, clientErrors, entries: ownEntries }
}

let lastId = 0
const ids = new WeakMap<object, number>()

/** Returns a number for a config object. Each set-up makes a new object, and so gets a new number. */
export function idOf(config: object): number {
  const id = ids.get(config) ?? ++lastId
  ids.set(config, id)
  return id
}

/** Returns the names of a service's methods, including the methods of base classes. */
export function methodsOf(service: object): string[] {
  const methods = membersOf(service).filter(([, { value }]) => typeof value === 'function')
  return [...new Set(methods.map(([name]) => name))]
}

function othersOf(service: object): string[] {
  const accessors = membersOf(service).filter(([, { get }]) => get !== undefined)
  return [...new Set([...Object.keys(service), ...accessors.map(([name]) => name)])]
}

/** Returns the members of a service's class and base classes. */
function membersOf(service: object): [string, PropertyDescriptor][] {
  const members: [string, PropertyDescriptor][] = []
  for (let owner = Object.getPrototypeOf(service); owner !== Object.prototype; owner = Object.getPrototypeOf(owner))
    members.push(...Object.entries(Object.getOwnPropertyDescriptors(owner)))
  return members.filter(([name]) => name !== 'constructor')
}
