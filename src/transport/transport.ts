import type { Ended } from '../process/ended.ts'

/** Receives output. The command's output is not read further until a returned promise is settled. */
export type Sink = (chunk: Uint8Array) => void | Promise<void>

export interface RunOptions {
  /** Variables added to the machine's own variables for a command. */
  readonly environment?: Readonly<Record<string, string>> | undefined
  /** Working directory on the machine. Default: the directory in which the transport begins. */
  readonly directory?: string | undefined
  /** Standard input of the command. Default: none. */
  readonly input?: string | Uint8Array | AsyncIterable<Uint8Array> | undefined
  /** Cancels the command: SIGTERM to all processes of the command, and SIGKILL after `graceMs`. */
  readonly signal?: AbortSignal | undefined
  /** Time between SIGTERM and SIGKILL, in milliseconds. Default: 5,000. */
  readonly graceMs?: number | undefined
  /** Receives standard output and standard error together, in their order. Excludes `onStdout` and `onStderr`. */
  readonly onOutput?: Sink | undefined
  readonly onStdout?: Sink | undefined
  readonly onStderr?: Sink | undefined
  /** Gives the command a further descriptor, and receives the data written to the descriptor. Needs `onOutput`. */
  readonly control?: ControlDescriptor | undefined
}

/** A descriptor for messages from a command to its caller. */
export interface ControlDescriptor {
  /** Name of the variable with the number of the descriptor: `ATEX_TEST_CONTROL`. */
  readonly variable: string
  readonly onData: Sink
  /** Ends the reading of the descriptor: the command's writing fails with EPIPE. The command goes on. */
  readonly closed?: AbortSignal | undefined
}

/** A port of the machine, connected with a service on this side. */
export interface Exposed {
  /** Port of 127.0.0.1 on the machine. */
  readonly port: number
  close(): Promise<void>
}

export interface TransferOptions {
  readonly signal?: AbortSignal | undefined
}

/**
 * How commands and files reach a machine. A failure of the transport throws `ERR_TRANSPORT`; a failure of a command is
 * a result.
 */
export interface Transport extends AsyncDisposable {
  /** For messages: `local`, `ssh://user@host:22`, `container:name`. */
  readonly name: string

  /**
   * Runs a command. Arguments arrive unchanged, with any content. Once the command has ended, or the connection is
   * lost, all processes of the command are ended too, within 5 seconds.
   *
   * @throws ERR_TRANSPORT if the machine cannot be reached or is lost; ERR_CANCELED once all processes have ended after
   *   `signal`; ERR_MISSING_BINARY if the program does not exist
   */
  run(argv: readonly string[], options?: RunOptions): Promise<Ended>

  /**
   * Copies a file or a directory to the machine, with modes and links. `to` is the path on the machine; missing parents
   * are made. Content is added to an existing directory; a file is replaced once its copy is complete.
   *
   * @throws ERR_COMMAND if a file or directory cannot be read or written; ERR_TRANSPORT; ERR_CANCELED
   */
  put(from: string, to: string, options?: TransferOptions): Promise<void>

  /** Copies a file or a directory from the machine, like `put`. @throws ERR_COMMAND; ERR_TRANSPORT; ERR_CANCELED */
  get(from: string, to: string, options?: TransferOptions): Promise<void>

  /** Connects a port of the machine with a host and port reached by this process. @throws ERR_TRANSPORT */
  expose(target: { readonly host: string; readonly port: number }): Promise<Exposed>

  /** Ends running commands and the connection. A closed transport throws ERR_STATE. */
  close(): Promise<void>
}
