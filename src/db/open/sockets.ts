/** Where a server listens: at a port, or on a Unix socket. */
type Address = { readonly host: string; readonly port: number } | { readonly path: string }

/**
 * Makes the connections to a server instead of the driver, so that dead ones can be told from busy
 * ones and cut off: drivers wait for a response without a limit. On a runtime without sockets the
 * driver makes them.
 */
export type Sockets = {
  /** A connecting socket, as node:net makes it. */
  connect(address: Address): object
  /**
   * Cuts off every connection on which nothing has arrived for so many milliseconds. The driver
   * then makes new ones.
   */
  dropSilent(ms: number): void
}
