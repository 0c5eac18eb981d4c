// The HTTP client that a bucket needs. The platform brings it.
import type { Content } from './bucket.ts'

export type TransportRequest = {
  readonly method: 'GET' | 'PUT' | 'DELETE'
  readonly url: URL
  readonly headers: Readonly<Record<string, string>>
  readonly body?: Uint8Array<ArrayBuffer> | Content
  /** Milliseconds until the whole response has to be there. */
  readonly total: number
  /**
   * Milliseconds without any byte of the response after which it is given up. Time in which bytes
   * wait to be read does not count.
   */
  readonly silence: number
  readonly signal?: AbortSignal | undefined
}

export type TransportResponse = {
  readonly status: number
  header(name: string): string | null
  /** Throws when the connection ends early. Has to be read or discarded. */
  readonly body: AsyncIterable<Uint8Array>
  discard(): void
}

/**
 * Sends one request, and follows no redirect. Rejects with the system's error, whose `code` is
 * `ETIMEDOUT` after one of the time limits.
 */
export type Transport = (request: TransportRequest) => Promise<TransportResponse>
