import { engineVariables } from '../../container/addresses.ts'
import {
  type ContainerIdentity,
  type ContainerPlan,
  createContainer,
  killContainer,
  type Mount,
  removeContainer,
  startContainer,
} from '../../container/container.ts'
import type { Engine } from '../../container/engine.ts'
import { findEngine } from '../../container/find-engine.ts'
import { requireImage } from '../../container/image.ts'
import { userInContainer } from '../../container/user.ts'
import { moduleUrl, packageProgram } from '../../host/modules/package-program.ts'
import { asError, ContainerError, hasCode, ServiceError } from '../../kernel/errors.ts'
import type { UserIds } from '../../kernel/user-ids.ts'
import type { ContainerLaunch, Launch } from './launch.ts'
import { describePortTaken } from './port-taken.ts'
import type { SetUpContext } from './set-up-context.ts'

/** Facts about the instance of a container. */
export interface ContainerOwner extends Pick<SetUpContext, 'label' | 'own'> {
  /** Name of the instance, unique on this machine. */
  readonly instanceName: string
  /** Directories mounted in the container under the same paths. */
  readonly directories: readonly string[]
  /** Variables with the mark of the instance's processes. */
  readonly markVariables: Readonly<Record<string, string>>
}

interface Made {
  /** Whether the engine has made the container. */
  exists: boolean
  readonly engine: Engine
  readonly identity: ContainerIdentity
}

/** The container of an instance: made at the first launch, started again by later launches. */
export class InstanceContainer {
  readonly #owner: ContainerOwner
  #made: Made | undefined
  #count = 0

  constructor(owner: ContainerOwner) {
    this.#owner = owner
  }

  /**
   * Returns the launch of a process in place of the container. The container starts before the process begins.
   *
   * @throws ERR_CONTAINER without an engine, or without the image
   */
  async launchOf(launch: Launch, container: ContainerLaunch): Promise<Launch> {
    const made = this.#made ?? (await this.#record(container.image))
    this.#made = made
    const before = async (): Promise<void> => {
      await launch.before?.()
      if (!made.exists)
        await createContainer(made.engine, made.identity, await this.#planOf(made.engine, launch, container))
      made.exists = true
      await startContainer(made.engine, made.identity.name).catch((thrown) => {
        throw this.#startFailure(asError(thrown), container)
      })
    }
    const { server: _server, container: _container, user: _user, startsAlone: _alone, ...rest } = launch
    return {
      ...rest,
      argv: [...packageProgram('container-follow'), JSON.stringify(made.identity)],
      shown: launch.shown ?? [`(${container.image})`, ...launch.argv],
      environment: { PATH: process.env.PATH ?? '', ...engineVariables() },
      before,
    }
  }

  /** Kills a running container, and waits until the engine has noticed the end. */
  async kill(): Promise<void> {
    if (this.#made) await killContainer(this.#made.engine, this.#made.identity.name)
  }

  /** Removes the container; the next launch makes a new container. */
  async discard(): Promise<void> {
    if (!this.#made) return
    await removeContainer(this.#made.engine, this.#made.identity)
    this.#made.exists = false
  }

  /** Records the container, before making the container. */
  async #record(image: string): Promise<Made> {
    const { instanceName } = this.#owner
    const engine = await findEngine()
    await requireImage(engine, image)
    const name = `test-services-${instanceName}-${++this.#count}`
    const identity = { engine: engine.url, name, mark: name }
    await this.#owner.own({
      reclaim: { module: moduleUrl('container-reclaim'), data: identity, label: `container ${name}` },
      remove: async () => {
        await removeContainer(engine, identity)
        this.#made = undefined
      },
    })
    return { engine, identity, exists: false }
  }

  async #planOf(engine: Engine, launch: Launch, container: ContainerLaunch): Promise<ContainerPlan> {
    const { argv, directory, environment = {}, user = ownIds() } = launch
    const { directories, markVariables } = this.#owner
    const [ownDirectory = ''] = directories
    const { PATH: _ours, ...variables } = environment
    const { asOurUser = true, arguments: words } = container
    const mounts = directories.map((path): Mount => ({ source: path, target: path }))
    return {
      image: container.image,
      ...(argv.length > 0 && { argv }),
      ...(words && { arguments: words }),
      environment: { ...variables, ...markVariables },
      ports: container.ports,
      mounts: [...(asOurUser ? mounts : []), ...(container.mounts ?? [])],
      ...(asOurUser && { user: await userInContainer(engine, user), directory: directory ?? ownDirectory }),
      ...(container.user !== undefined && { user: container.user }),
    }
  }

  #startFailure(error: Error, { image, ports }: ContainerLaunch): Error {
    if (!hasCode(error, 'ERR_CONTAINER')) return error
    if (!/address already in use|port is already allocated/.test(error.message))
      return new ContainerError(`${error.message}; the image is ${image}`, { cause: error })
    const taken = ports.find(({ host }) => error.message.includes(`:${host}`)) ?? ports[0]
    const { label } = this.#owner
    return new ServiceError('ERR_PORT_TAKEN', describePortTaken(label, taken?.host ?? 0), { label }, { cause: error })
  }
}

function ownIds(): UserIds {
  return { uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0 }
}
