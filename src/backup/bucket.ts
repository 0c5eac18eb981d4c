/**
 * Why a bucket failed, by what can be done about it:
 * - `unavailable`: it may work again later (network, time limit, 5xx, 429)
 * - `forbidden`, `no_bucket`: the operator has to correct something
 * - `conflict`: another process was faster; only from `swap`
 * - `unexpected`: its answer is not that of such a store
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

/** A small text, and its tag (ETag), which differs with each change. */
type Tagged = { readonly text: string; readonly tag: string }
/** A file on this machine that is sent piece by piece. `sha256` is in hexadecimal. */
export type Content = { readonly path: string; readonly bytes: number; readonly sha256: string }

/** Stores objects under keys. Every method rejects with BucketError. */
export interface Bucket {
  /** Undefined only if the bucket itself says that there is no such object. */
  read(key: string): Promise<Tagged | undefined>
  /**
   * Replaces the text that has this tag, and returns the new tag. Without a tag it makes the object,
   * if there is none under the key. Rejects with `conflict` otherwise.
   */
  swap(key: string, text: string, tag: string | undefined): Promise<string>
  /** `signal` aborts it. */
  upload(key: string, content: Content, signal?: AbortSignal): Promise<void>
  /** The bytes behind the first `from`. Throws BucketError when the connection ends early. */
  download(key: string, from?: number): Promise<AsyncIterable<Uint8Array>>
  /** All keys. */
  list(): Promise<string[]>
  /** Resolves also when there is no such object. */
  remove(key: string): Promise<void>
}
