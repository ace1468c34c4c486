/** How commands of a workflow reach a machine. */
export type TransportOptions = LocalOptions | SshTransportOptions | RunningContainerOptions | NewContainerOptions

/** This machine. */
interface LocalOptions {
  readonly type: 'local'
}

/** The options of `ssh()`. Relative paths begin in the directory of the config file, `~/` is the home directory. */
interface SshTransportOptions {
  readonly type: 'ssh'
  /** Name or address of the machine. */
  readonly host: string
  /** Default: 22. */
  readonly port?: number | undefined
  /** Default: the present user. */
  readonly user?: string | undefined
  /** Paths of private keys. Default: those in `~/.ssh`. */
  readonly key?: string | readonly string[] | undefined
  /** Passphrase of the private keys. */
  readonly passphrase?: string | undefined
  /** Socket of an agent; `false` for none. Default: `SSH_AUTH_SOCK`. */
  readonly agent?: string | false | undefined
  readonly password?: string | undefined
  /** Files with known host keys; `false` accepts any key. */
  readonly knownHosts?: string | readonly string[] | false | undefined
}

/** A running container. */
interface RunningContainerOptions {
  readonly type: 'container'
  readonly name: string
  /** Address of the engine: `unix:///run/podman/podman.sock`. Default: as for services. */
  readonly engine?: string | undefined
  /** Default: as the image says. */
  readonly user?: string | undefined
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
