import type { ContainerOptions } from '../transport/container-options.ts'
import type { SshOptions } from '../transport/ssh/ssh-options.ts'

/** How commands of a workflow reach a machine. */
export type TransportOptions = LocalOptions | SshTransportOptions | RunningContainerOptions | NewContainerOptions

/** This machine. */
interface LocalOptions {
  readonly type: 'local'
}

/** The options of `ssh()`. Relative paths begin in the directory of the config file, `~/` is the home directory. */
interface SshTransportOptions extends SshOptions {
  readonly type: 'ssh'
}

/** A running container. */
interface RunningContainerOptions extends ContainerOptions {
  readonly type: 'container'
}

/** A container that is made for the workflow, and removed at its end. */
interface NewContainerOptions {
  readonly type: 'container'
  /** An image of the engine, with `sh` and coreutils; `tar` for files. No image is pulled. */
  readonly image: string
  /** Default: as the image says. */
  readonly user?: string | undefined
  /** Variables of all commands. */
  readonly environment?: Readonly<Record<string, string>> | undefined
  /** `own`: a private network of the container. Default: `host`. */
  readonly network?: 'host' | 'own' | undefined
  /** Longest life of the container, in milliseconds. Default: 12 hours. */
  readonly longestLifeMs?: number | undefined
}
