/** The network between clients and a service, for faults. Each call has taken effect when its promise is fulfilled. */
export interface Network {
  /**
   * Lets nothing pass, as behind a cable that was pulled: open connections stay open, new ones are accepted, and all of
   * them are silent. `restore` delivers what was sent meanwhile.
   */
  cut(): Promise<void>
  /**
   * Makes each round trip take this much longer, half of it in each direction. 0 for none.
   *
   * @throws ERR_CONFIG for a value that is no number of milliseconds, 0 or more
   */
  latency(ms: number): Promise<void>
  /**
   * Limits the rate of each connection in each direction, in units of 1,000 bytes a second.
   *
   * @throws ERR_CONFIG for a value that is not above 0
   */
  bandwidth(kBps: number): Promise<void>
  /** Breaks all present connections off: clients see ECONNRESET. New connections are served. */
  resetConnections(): Promise<void>
  /** Ends `cut`, `latency` and `bandwidth`. A reset of the service does that, too. */
  restore(): Promise<void>
}
