// Ends every wait for the bucket when a signal aborts: a process that has to end must not wait for
// a bucket.
import { createDeferred } from '../core/deferred.ts'
import type { Bucket } from './bucket.ts'
import type { Timer } from './retry.ts'
import type { Packer } from './snapshot-upload.ts'

class Aborted extends Error {}

/** What `run` resolves to. Rejects with Aborted when the signal aborts first, or has before. */
const abortable = <T>(signal: AbortSignal, run: () => Promise<T>): Promise<T> => {
  const aborted = () => new Aborted('the time to end was over')
  if (signal.aborted) return Promise.reject(aborted())
  const abort = createDeferred<never>()
  const onAbort = () => abort.reject(aborted())
  signal.addEventListener('abort', onAbort, { once: true })
  return Promise.race([run(), abort.promise]).finally(() =>
    signal.removeEventListener('abort', onAbort),
  )
}

type Waits = { readonly bucket: Bucket; readonly packer: Packer; readonly timer: Timer }

/**
 * The same, aborted by the signal. The packer gets the signal itself, and is waited for: it deletes
 * its files then.
 */
export const withAbort = ({ bucket, packer, timer }: Waits, signal: AbortSignal): Waits => ({
  bucket: {
    read: (...given) => abortable(signal, () => bucket.read(...given)),
    swap: (...given) => abortable(signal, () => bucket.swap(...given)),
    upload: (key, content) => abortable(signal, () => bucket.upload(key, content, signal)),
    download: (...given) => abortable(signal, () => bucket.download(...given)),
    list: () => abortable(signal, () => bucket.list()),
    remove: (...given) => abortable(signal, () => bucket.remove(...given)),
  },
  packer: {
    encrypted: packer.encrypted,
    pack: () => packer.pack(signal),
    check: () => packer.check(signal),
  },
  timer: { now: timer.now, sleep: (ms) => abortable(signal, () => timer.sleep(ms, signal)) },
})
