import type { App } from '../../app.ts'
import type { Config } from '../../config.ts'
import type { PeerOf } from '../../http/address.ts'
import type { ReceiveBody } from '../../http/body.ts'
import type { Deps } from '../../http/deps.ts'

/** What Node, Bun and Deno do differently. */
export type Platform = {
  /** Name and version, as the log and `/status` show it. */
  readonly name: string
  /** The peer of a request that `listen` hands over. */
  readonly peerOf: PeerOf
  /** Reads bodies faster than the Fetch standard does. */
  readonly receiveBody?: ReceiveBody
  /** Listens, and hands every request to the app. Throws the system's error. */
  listen(app: App, at: ListenOptions): Promise<Listening>
}

type ListenOptions = ServerOptions & { readonly host: string; readonly port: number }
/** What a server needs besides the app. */
export type ServerOptions = Pick<Config, 'connections'> & Pick<Deps, 'log'>

export type Listening = {
  /** The real port, also when 0 was configured. */
  readonly port: number
  /**
   * Accepts no more connections. Resolves when running requests are done. Those that run after
   * `graceMs` are cut off.
   */
  drain(graceMs: number): Promise<void>
}
