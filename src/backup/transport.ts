// How a bucket is spoken to by HTTP: what the platform has to bring.
import type { Content } from './bucket.ts'

export type Asked = {
  readonly method: 'GET' | 'PUT' | 'DELETE'
  readonly url: URL
  readonly headers: Readonly<Record<string, string>>
  readonly body?: Uint8Array<ArrayBuffer> | Content
  /** Milliseconds, with the body of the answer. */
  readonly total: number
  /**
   * Milliseconds without any byte of the answer, from the request on; what has come and is not
   * taken yet does not count.
   */
  readonly silence: number
  readonly signal?: AbortSignal | undefined
}

export type Answer = {
  readonly status: number
  header(name: string): string | null
  /** Throws where it ends before its end; has to be read, or discarded. */
  readonly body: AsyncIterable<Uint8Array>
  discard(): void
}

/**
 * Sends one request and follows no redirect. Rejects with what the system says as `code`; that is
 * `ETIMEDOUT` where time is over.
 */
export type Ask = (asked: Asked) => Promise<Answer>
