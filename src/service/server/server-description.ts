/** Describes a server program: its names, the usual places, and how to install it. */
export interface ServerDescription {
  /** Name for people: `Redis`. */
  readonly name: string
  /** Names of the server program; the first one that is found is used. */
  readonly programs?: readonly string[]
  /** Other programs that the fixture runs, all of them required: `['slapadd']`. */
  readonly tools?: readonly string[]
  /**
   * Directories to search after PATH and the usual places, such as `/opt/homebrew/opt/mysql@*\/bin`. A `*` stands for any
   * text within one name; the highest number comes first.
   */
  readonly places?: readonly string[]
  /** How to learn the version: the first group of the pattern. */
  readonly version?: {
    /** Arguments for the program, which then prints its version. Without them, the pattern is matched with the path. */
    readonly argv?: readonly string[]
    readonly pattern: RegExp
  }
  /** Name of the npm package that contains the server. */
  readonly npm?: string
  /** Image that contains the server and its tools, on the PATH of the image: `docker.io/library/redis:8`. */
  readonly image?: string
  /** What installs the server: names of packages, and the page that has archives of the server for any system. */
  readonly install?: { readonly apt?: string; readonly brew?: string; readonly archive?: string }
  /** The order of the search. Default: the npm package, an installed program, an image. */
  readonly order?: readonly FoundServer['origin'][]
}

/** A server that was found. */
export interface FoundServer {
  /** Where the server program comes from. */
  readonly origin: 'installed' | 'npm' | 'container'
  /** Absolute path of the server program; for an npm package, its directory; for an image, the name of the program. */
  readonly program: string
  /** Changes when the program or its image changes: part of the key of data that is prepared once for many starts. */
  readonly identity: string
  /** The address that the server must listen on: `127.0.0.1`, in a container `0.0.0.0`. */
  readonly listenAddress: string
  /** The image in which the server runs, for a server from a container. */
  readonly image: string | undefined
  /** The version, if the option `version` is set. */
  readonly version: string | undefined
  /** Commands that install the server, for messages. */
  readonly install: string
  /** Returns the absolute path of one of the description's `tools`. */
  tool(name: string): string
}

export type ServerOrigin = FoundServer['origin']
