/**
 * The connections to a server, made by the runtime and not by the driver, so that dead ones can be
 * told from busy ones and be cut off: drivers wait for an answer on each for ever. A runtime that
 * has no sockets leaves them to the driver.
 */
export type Sockets = {
  /** A socket that is being connected, as node:net makes them. */
  connect(host: string, port: number): object
  /**
   * Cuts off every connection on which nothing has arrived for this many milliseconds: the next
   * caller makes a new one.
   */
  dropSilent(ms: number): void
}
