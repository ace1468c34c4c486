import type { Mount, PublishedPort } from '../../container/container.ts'
import type { UserIds } from '../../kernel/user-ids.ts'
import type { StopLadder } from '../../process/stop-ladder.ts'
import type { FoundServer } from '../server/server-description.ts'
import type { Notice } from './notice.ts'

/** The container in which a process runs. */
export interface ContainerLaunch {
  readonly image: string
  readonly ports: readonly PublishedPort[]
  /** Mounts besides the directories of the instance. */
  readonly mounts?: readonly Mount[]
  /** Arguments for the entry point of the image, if `argv` is empty. */
  readonly arguments?: readonly string[] | undefined
  /** Runs as our user, in the directories of the instance. Default: true. */
  readonly asOurUser?: boolean
  readonly user?: string | undefined
}

/** How to start a process of an instance. */
export interface Launch {
  readonly argv: readonly string[]
  /** The command line shown in messages, without programs around the command. Default: `argv`. */
  readonly shown?: readonly string[] | undefined
  /** Variables besides the marks; no other variable of this process is passed on. Default: `PATH` alone. */
  readonly environment?: Readonly<Record<string, string>>
  /** The working directory. Default: the instance's own. */
  readonly directory?: string | undefined
  readonly ladder: StopLadder
  /** The server from `context.findServer`, if `argv` runs a server. A server of an image runs in a container. */
  readonly server?: FoundServer | undefined
  /** The port on which the service was told to listen. The owner of the listening socket is checked. */
  readonly port?: number | undefined
  /** Ports on which a server listens besides `port`; needed in a container. */
  readonly furtherPorts?: readonly number[] | undefined
  /** Runs `argv` in a container. Default: only for a server of an image. @internal */
  readonly container?: ContainerLaunch | undefined
  /** Command that installs the program, for the error of a missing program. Default: from the server. */
  readonly install?: string | undefined
  /** Slow preparation, to be done before the process begins. Runs while the process waits at the gate. */
  readonly before?: (() => Promise<void>) | undefined
  /**
   * Whether the program starts no other process in its first 50 ms. It then begins while the kernel still moves it into
   * its control group, which takes some 10 ms. Default: false.
   */
  readonly startsAlone?: boolean | undefined
  /** Notice given before the ladder. @internal */
  readonly notice?: Notice | undefined
  /** Values to hide from people, in the log and in the command line. */
  readonly secrets?: readonly string[]
  /** The user of the process. Default: the present user. @internal */
  readonly user?: UserIds | undefined
}

/** Returns the container in which a launch runs; `undefined` for a process of this machine. */
export function containerOf(launch: Launch): ContainerLaunch | undefined {
  const { container, server, port, furtherPorts = [] } = launch
  if (container || server?.image === undefined) return container
  const ports = [port, ...furtherPorts].filter((each) => each !== undefined)
  return { image: server.image, ports: ports.map((each) => ({ container: each, host: each })) }
}
