/**
 * What a bucket refused or failed at, by what can be done about it:
 * - `unavailable`: it may work again later (network, time limit, 5xx, 429)
 * - `forbidden`, `no_bucket`: the operator has to correct something
 * - `conflict`: another process was faster; only from `swap`
 * - `unexpected`: it answers, but not as such a store does
 */
export type BucketFault = 'unavailable' | 'forbidden' | 'no_bucket' | 'conflict' | 'unexpected'

/** The message names neither keys of the account nor addresses. */
export class BucketError extends Error {
  readonly fault: BucketFault
  constructor(fault: BucketFault, message: string) {
    super(message)
    this.fault = fault
  }
}

/** A small text, and the tag (ETag) of this state of it. */
type Tagged = { readonly text: string; readonly tag: string }
/** A file on this machine to send, so that it need not be in memory. `sha256` is in hexadecimal. */
export type Content = { readonly path: string; readonly bytes: number; readonly sha256: string }

/** A place for objects, each under its key. Everything rejects with BucketError. */
export interface Bucket {
  /** Undefined only where the bucket itself says that there is no such object. */
  read(key: string): Promise<Tagged | undefined>
  /**
   * Replaces the text that has this tag (undefined: makes it, where there is none), and answers its
   * new tag.
   */
  swap(key: string, text: string, tag: string | undefined): Promise<string>
  /** `signal` gives it up. */
  upload(key: string, content: Content, signal?: AbortSignal): Promise<void>
  /**
   * The bytes as they come, without the first `from`. A connection that ends early throws
   * BucketError.
   */
  download(key: string, from?: number): Promise<AsyncIterable<Uint8Array>>
  /** Every key there is. */
  list(): Promise<string[]>
  /** Does not mind when there is no such object. */
  remove(key: string): Promise<void>
}
