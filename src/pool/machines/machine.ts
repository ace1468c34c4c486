import type { Transport } from '../../transport/transport.ts'

/** Where a test runs: reserved from a provisioner, and given back. */
export interface Machine extends AsyncDisposable {
  /** Unique in a pool: `local-1`, `user@host/2`. */
  readonly name: string
  /** Any string that names the environment of the results: `node20@x86_64`. */
  readonly platform: string
  readonly transport: Transport
  /** A directory on the machine, empty when reserved, and removed when given back. */
  readonly directory: string
  /** Ends all processes on the machine, and gives the machine back. Further calls wait for the first. */
  release(): Promise<void>
}

/** Hands machines out, at most `slots` at a time. A slot counts from the beginning of the reservation. */
export interface Provisioner extends AsyncDisposable {
  /** For messages: `local`, `ssh://host`. */
  readonly name: string
  /** Fewer after a permanent failure that leaves other machines: 0 if none is left. */
  readonly slots: number
  /**
   * Returns a machine, or waits for a free slot.
   *
   * @throws ERR_TRANSPORT if no machine can be had; ERR_CANCELED; ERR_STATE once the provisioner is closed
   */
  reserve(options?: { readonly signal?: AbortSignal | undefined }): Promise<Machine>
  /** Releases all machines, and ends pending reservations. */
  close(): Promise<void>
}
