import type { Deadline } from '../../kernel/deadline.ts'
import type { FoundServer, ServerDescription } from '../server/server-description.ts'
import type { ServerOptions } from '../server/server-options.ts'

/** Origin of an instance: a new one, the configured one, or a tenant of a running instance. */
type InstanceMode = 'unique' | 'configured' | 'attached'

/** Progress of a start, as reported by the service. */
export interface Progress {
  /** Percentage. */
  readonly percent?: number
  readonly message?: string
  /** Whether the work takes seconds, so that the message is shown on a line of its own as well. */
  readonly isLong?: boolean
}

/** A resource that only a module of the fixture can remove, such as a database in a running server. */
interface OwnedResource {
  readonly reclaim: {
    /**
     * Module that exports `reclaim(data, limitMs)`, as an absolute URL: `import.meta.resolve('./reclaim.js')`, or
     * `import.meta.url` for the module that calls. Imported by a process that cleans up for a killed holder. `reclaim`
     * throws while the resource may still exist; a refused connection counts as success.
     */
    readonly module: string | URL
    /** Plain data for `reclaim`, kept in a file that only the present user can read. */
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
  /** Settings of the chosen profile for a configured instance; empty for other modes. */
  readonly profile: Readonly<Record<string, unknown>>
  /** Returns the value that the services of one stack share under a name. The first service to ask makes the value. */
  sharedInStack<T>(name: string, make: () => T): T
  /** Number of clients expected to attach. */
  readonly expectedClients: number
  /** Private directory of the instance, mode 0700, removed at the end. */
  readonly directory: string
  readonly logFile: string
  /** Reports the progress of the start. */
  emitProgress(progress: { readonly percent?: number; readonly message?: string; readonly isLong?: boolean }): void
  /** Registers a step of the clean-up. The steps run in reverse order. */
  addCleanUp(cleanUp: () => Promise<void> | void): void
  /**
   * Finds the server program that the options ask for, by default the first one that is there. Asks a program for its
   * version only if the options demand a version.
   *
   * @throws ERR_MISSING_BINARY naming the searched places, and the commands that install the server; ERR_CONFIG for an
   * origin that the server does not have
   */
  findServer(description: ServerDescription, options: ServerOptions): Promise<FoundServer>
  /** Claims a port of 127.0.0.1 for the lifetime of the instance. */
  claimPort(): Promise<number>
  /** Creates a directory, mode 0700, with a path short enough for a socket name of the given number of bytes. */
  createSocketDirectory(longestSocketName: number): Promise<string>
  /** Creates a new directory at the given path, outside the instance's own directory. */
  createDirectory(path: string, mode?: number): Promise<string>
  /**
   * Creates a directory for throw-away data: in memory if there is room. On a disk, a server that waits for its writes
   * takes several times as long to start. A later attempt of the start gets another one.
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
