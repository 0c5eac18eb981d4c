import type { App } from '../../app.ts'
import type { Config } from '../../config.ts'
import type { PeerOf } from '../../http/address.ts'
import type { ReceiveBody } from '../../http/body.ts'
import type { Deps } from '../../http/deps.ts'

/**
 * What serving needs of a platform that has files, sockets and signals: Node, Bun and Deno differ
 * in nothing else.
 */
export type Platform = {
  /** Its name and version, for people. */
  readonly name: string
  /** For the requests that its `listen` hands over. */
  readonly peerOf: PeerOf
  /** Reads their bodies, where that is better than what the Fetch standard has. */
  readonly receiveBody?: ReceiveBody
  /** Listens, and hands every request to the app. Throws what the system says. */
  listen(app: App, at: ListenOptions): Promise<Listening>
}

type ListenOptions = ServerOptions & { readonly host: string; readonly port: number }
/** What a server needs beside its app. */
export type ServerOptions = Pick<Config, 'connections'> & Pick<Deps, 'log'>

export type Listening = {
  /** The real one where 0 was asked for. */
  readonly port: number
  /**
   * Accepts nothing any more, and answers when what runs is done; what is not done after `graceMs`
   * is cut off.
   */
  drain(graceMs: number): Promise<void>
}
