import type { Deadline } from '../../kernel/deadline.ts'
import type { FoundServer, ServerDescription } from '../server/server-description.ts'
import type { ServerOptions } from '../server/server-options.ts'

/** Origin of an instance: a new instance, the configured instance, or a tenant of a running instance. */
type InstanceMode = 'unique' | 'configured' | 'attached'

/** Progress of a start, as reported by the service. */
export interface Progress {
  /** Percentage. */
  readonly percent?: number
  readonly message?: string
  /** Whether the work takes seconds: the message is shown on a line of its own as well. */
  readonly isLong?: boolean
}

/** A resource for removal by a module of the fixture alone, such as a database in a running server. */
interface OwnedResource {
  readonly reclaim: {
    /**
     * Module that exports `reclaim(data, limitMs)`, as an absolute URL: `import.meta.resolve('./reclaim.js')`, or
     * `import.meta.url` for the module that calls. Imported by a process that cleans up for a killed holder. `reclaim`
     * throws while the resource may still exist; a refused connection counts as success.
     */
    readonly module: string | URL
    /** Plain data for `reclaim`, kept in a file readable for the present user alone. */
    readonly data: unknown
    /** Name of the resource for people. Default: names the module. */
    readonly label?: string
  }
  /** Removes the resource at the end of the set-up. Default: calls `reclaim` of the module, with a limit of 10,000 ms. */
  readonly remove?: () => Promise<void>
}

/** Context of one set-up: the request, and the resources. All resources are removed by the clean-up, in reverse order. */
export interface SetUpContext {
  readonly label: string
  readonly mode: InstanceMode
  /** Deadline of the whole start. */
  readonly deadline: Deadline
  /** Ends the graces when fired. */
  readonly forceSignal: AbortSignal
  /** The configs of the service's needs, by name. */
  readonly needs: Readonly<Record<string, object>>
  /** Settings of the chosen profile for a configured instance; empty for the remaining modes. */
  readonly profile: Readonly<Record<string, unknown>>
  /** Returns the value shared by the services of a stack under a name. The first service to ask makes the value. */
  sharedInStack<T>(name: string, make: () => T): T
  /** Number of clients expected to attach. */
  readonly expectedClients: number
  /** Private directory of the instance, mode 0700, removed at the end. */
  readonly directory: string
  readonly logFile: string
  /** Writes a file in `directory`, mode 0600, such as the config file of the server; returns the path. */
  writeFile(name: string, text: string): Promise<string>
  /** Reports the progress of the start. */
  emitProgress(progress: { readonly percent?: number; readonly message?: string; readonly isLong?: boolean }): void
  /** Registers a step of the clean-up. The steps run in reverse order. */
  addCleanUp(cleanUp: () => Promise<void> | void): void
  /**
   * Finds the server program for the options, by default the first program found. Asks a program for the version only
   * if the options demand a version.
   *
   * @throws ERR_MISSING_BINARY naming the searched places, and the commands to install the server; ERR_CONFIG for an
   * origin unknown to the server's description
   */
  findServer(description: ServerDescription, options: ServerOptions): Promise<FoundServer>
  /** Claims a port of 127.0.0.1 for the lifetime of the instance. */
  claimPort(): Promise<number>
  /** Creates a directory, mode 0700, with a path short enough for a socket name of the given number of bytes. */
  createSocketDirectory(longestSocketName: number): Promise<string>
  /** Creates a new directory at the given path, outside the instance's own directory. */
  createDirectory(path: string, mode?: number): Promise<string>
  /**
   * Creates a directory for throw-away data: in memory if there is room. On a disk, a server that waits for writes
   * takes several times as long to start. A later attempt of the start gets a new directory.
   */
  createDataDirectory(): Promise<string>
  /**
   * Records a resource outside the instance's directory, and registers the removal. Called before the resource is made,
   * and awaited, so that the resource of a killed holder is removed as well.
   *
   * @throws ERR_CONFIG if the module does not exist, or does not export `reclaim`
   */
  own(resource: OwnedResource): Promise<void>
}
