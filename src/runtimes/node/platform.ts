import type { App } from '../../app.ts'
import type { PeerOf } from '../../http/address.ts'
import type { Deps } from '../../http/deps.ts'

/** What serving needs of a platform that has files, sockets and signals: Node, Bun and Deno differ in nothing else. */
export type Platform = {
  /** Its name and version, for people. */
  readonly name: string
  /** For the requests that its `listen` hands over. */
  readonly peerOf: PeerOf
  /** Listens, and hands every request to the app. Throws what the system says. */
  listen(app: App, at: { readonly host: string; readonly port: number; readonly log: Deps['log'] }): Promise<Listening>
}

export type Listening = {
  /** The real one where 0 was asked for. */
  readonly port: number
  /** Accepts nothing any more, and answers when what runs is done; what is not done after `graceMs` is cut off. */
  drain(graceMs: number): Promise<void>
}
