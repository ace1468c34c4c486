/** Describes a server program: the names, the usual places, and how to install the server. */
export interface ServerDescription {
  /** Name for people: `Redis`. */
  readonly name: string
  /** Names of the server program; the first program found is used. */
  readonly programs?: readonly string[]
  /** Further programs run by the fixture, all required: `['slapadd']`. */
  readonly tools?: readonly string[]
  /**
   * Directories to search after PATH and the usual places, such as `/opt/homebrew/opt/mysql@*\/bin`. A `*` stands for
   * any text within a name; the highest number comes first.
   */
  readonly places?: readonly string[]
  /** How to learn the version: the first group of the pattern. */
  readonly version?: {
    /** Arguments to make the program print the version. Without arguments, the pattern is matched with the path. */
    readonly argv?: readonly string[]
    readonly pattern: RegExp
  }
  /** Name of the npm package with the server. */
  readonly npm?: string
  /** Why this platform has no npm package with the server, for the error of a user who demands the package. @internal */
  readonly noNpm?: string
  /** Image with the server and the tools, on the PATH of the image: `docker.io/library/redis:8`. */
  readonly image?: string
  /** Sources of the server: names of packages, and the page with archives of the server for any system. */
  readonly install?: { readonly apt?: string; readonly brew?: string; readonly apk?: string; readonly archive?: string }
  /** Returns the commands that install a version. Default: made from `install` and `npm`. @internal */
  readonly installVersion?: (version: string | number) => string
  /** The order of the search. Default: the npm package, an installed program, an image. */
  readonly order?: readonly FoundServer['origin'][]
}

/** A server found by a search. */
export interface FoundServer {
  /** Where the server program comes from. */
  readonly origin: 'installed' | 'npm' | 'container'
  /** Absolute path of the server program; the directory of an npm package; the name of the program in an image. */
  readonly program: string
  /** Changes when the program or its image changes: part of the key of data prepared once for many starts. */
  readonly identity: string
  /** The address on which the server must listen: `127.0.0.1`, in a container `0.0.0.0`. */
  readonly listenAddress: string
  /** The image in which the server runs, for a server from a container. */
  readonly image: string | undefined
  /** The version, if the option `version` is set. */
  readonly version: string | undefined
  /** Commands to install the server, for messages. */
  readonly install: string
  /** Returns the absolute path of a tool in the description's `tools`. */
  tool(name: string): string
}

export type ServerOrigin = FoundServer['origin']
