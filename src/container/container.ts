import { ContainerError } from '../kernel/errors.ts'
import { type Engine, reasonIn } from './engine.ts'

/** Label of every container of ours. The value is the name of the run and the instance. */
const markLabel = 'test-services.instance'

/** Identifies a container of this package: by name and mark. */
export interface ContainerIdentity {
  /** Address of the engine. */
  readonly engine: string
  readonly name: string
  readonly mark: string
}

export interface Mount {
  readonly source: string
  readonly target: string
  readonly readOnly?: boolean
}

/** A port of the container, and the port of 127.0.0.1 forwarded there. */
export interface PublishedPort {
  readonly container: number
  readonly host: number
}

export interface ContainerPlan {
  readonly image: string
  /** The program and its arguments. Default: the command of the image. */
  readonly argv?: readonly string[] | undefined
  /** Arguments for the entry point of the image, if `argv` is not given. */
  readonly arguments?: readonly string[] | undefined
  readonly environment: Readonly<Record<string, string>>
  readonly ports: readonly PublishedPort[]
  readonly mounts: readonly Mount[]
  /** For example `1000:1000`. Default: as the image says. */
  readonly user?: string | undefined
  /** Working directory inside the container. Default: the directory of the image. */
  readonly directory?: string | undefined
  /** `host`: the network of the engine's machine. Default: a network of its own. */
  readonly network?: 'host' | undefined
  /** The engine removes the container when the main process ends. Default: false. */
  readonly removesItself?: boolean | undefined
}

export interface ContainerState {
  readonly id: string
  readonly isRunning: boolean
  readonly exitCode: number
}

interface Inspected {
  readonly Id: string
  readonly Config?: { readonly Labels?: Readonly<Record<string, string>> | null }
  readonly State: { readonly Running: boolean; readonly Paused?: boolean; readonly ExitCode: number }
}

const longLimitMs = 60_000
const notFound = 404
const notModified = 304

/** Makes a container, without starting the container. The caller has recorded the identity. @throws ERR_CONTAINER */
export async function createContainer(
  engine: Engine,
  { name, mark }: ContainerIdentity,
  plan: ContainerPlan,
): Promise<void> {
  const body = {
    Image: plan.image,
    ...(plan.argv && { Entrypoint: plan.argv.slice(0, 1), Cmd: plan.argv.slice(1) }),
    ...(plan.arguments && { Cmd: plan.arguments }),
    ...(plan.user !== undefined && { User: plan.user }),
    ...(plan.directory !== undefined && { WorkingDir: plan.directory }),
    Env: Object.entries(plan.environment).map(([key, value]) => `${key}=${value}`),
    Labels: { [markLabel]: mark },
    ExposedPorts: Object.fromEntries(plan.ports.map(({ container }) => [`${container}/tcp`, {}])),
    HostConfig: {
      ...(plan.network !== undefined && { NetworkMode: plan.network }),
      AutoRemove: plan.removesItself ?? false,
      PortBindings: Object.fromEntries(
        plan.ports.map(({ container, host }) => [
          `${container}/tcp`,
          [{ HostIp: '127.0.0.1', HostPort: String(host) }],
        ]),
      ),
      Mounts: plan.mounts.map(({ source, target, readOnly = false }) => ({
        Type: 'bind',
        Source: source,
        Target: target,
        ReadOnly: readOnly,
      })),
      // SELinux would keep the container from the mounted directories.
      SecurityOpt: ['label=disable'],
    },
  }
  await engine.require(`/containers/create?name=${name}`, { method: 'POST', body, limitMs: longLimitMs })
}

/** Starts a container. Has no effect on a running container. @throws ERR_CONTAINER; ERR_CANCELED */
export async function startContainer(engine: Engine, name: string, signal?: AbortSignal): Promise<void> {
  const request = { method: 'POST', limitMs: longLimitMs, signal } as const
  const { status, body } = await engine.ask(`/containers/${name}/start`, request)
  if (status >= 400)
    throw new ContainerError(`the container engine at ${engine.url} cannot start ${name}: ${reasonIn(body)}`)
}

/** Returns the state of a container of this package; `undefined` without a container of the name and mark. */
export async function inspectContainer(
  engine: Engine,
  { name, mark }: Omit<ContainerIdentity, 'engine'>,
  limitMs?: number,
): Promise<ContainerState | undefined> {
  const { status, body } = await engine.ask(`/containers/${name}/json`, { limitMs })
  if (status === notFound) return undefined
  if (status >= 400) throw new ContainerError(`the container engine at ${engine.url} refuses: ${reasonIn(body)}`)
  const { Id: id, Config: config, State: state } = body as Inspected
  if (config?.Labels?.[markLabel] !== mark) return undefined
  return { id, isRunning: state.Running || state.Paused === true, exitCode: state.ExitCode }
}

/** Kills the main process of a container, and waits until the engine has noticed the end. */
export async function killContainer(engine: Engine, name: string): Promise<void> {
  await signalContainer(engine, name, 'SIGKILL')
  await engine.ask(`/containers/${name}/wait`, { method: 'POST' })
}

/** Sends a signal to the main process of a container. Has no effect on a stopped container. */
export async function signalContainer(engine: Engine, name: string, signal: string): Promise<void> {
  await engine.ask(`/containers/${name}/kill?signal=${signal}`, { method: 'POST' })
}

/**
 * Kills a container of this package, and removes the container with unnamed volumes. Has no effect if the container is
 * gone, or if a foreign container has the name.
 *
 * @throws ERR_CONTAINER if the container may still exist
 */
export async function removeContainer(engine: Engine, identity: ContainerIdentity, limitMs?: number): Promise<boolean> {
  const found = await inspectContainer(engine, identity, limitMs)
  if (!found) return false
  // By id: only the inspected container can be meant.
  const path = `/containers/${found.id}?force=1&v=1`
  const { status, body } = await engine.ask(path, { method: 'DELETE', limitMs })
  if (status >= 400 && status !== notFound && status !== notModified)
    throw new ContainerError(`the container engine at ${engine.url} cannot remove ${identity.name}: ${reasonIn(body)}`)
  return true
}
