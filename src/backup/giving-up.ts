// Waiting that ends at once when a signal says so: a process that has to end does not wait for a
// bucket.
import type { Bucket } from './bucket.ts'
import type { Timer } from './retry.ts'
import type { Packer } from './snapshot-upload.ts'

/** It was not waited for any longer. */
class GivenUp extends Error {}

/**
 * What `ask` answers; rejects with GivenUp when the signal comes first, and asks nothing after it.
 */
const unlessOver = <T>(signal: AbortSignal, ask: () => Promise<T>): Promise<T> => {
  const givenUp = () => new GivenUp('the time to end was over')
  if (signal.aborted) return Promise.reject(givenUp())
  const over = Promise.withResolvers<never>()
  const giveUp = () => over.reject(givenUp())
  signal.addEventListener('abort', giveUp, { once: true })
  return Promise.race([ask(), over.promise]).finally(() =>
    signal.removeEventListener('abort', giveUp),
  )
}

type Waited = { readonly bucket: Bucket; readonly packer: Packer; readonly timer: Timer }

/**
 * The same, given up when the signal says so. Of a packer its end is waited for: it leaves nothing
 * behind then.
 */
export const untilOver = ({ bucket, packer, timer }: Waited, signal: AbortSignal): Waited => ({
  bucket: {
    read: (...given) => unlessOver(signal, () => bucket.read(...given)),
    swap: (...given) => unlessOver(signal, () => bucket.swap(...given)),
    upload: (key, content) => unlessOver(signal, () => bucket.upload(key, content, signal)),
    download: (...given) => unlessOver(signal, () => bucket.download(...given)),
    list: () => unlessOver(signal, () => bucket.list()),
    remove: (...given) => unlessOver(signal, () => bucket.remove(...given)),
  },
  packer: {
    encrypted: packer.encrypted,
    pack: () => packer.pack(signal),
    check: () => packer.check(signal),
  },
  timer: { now: timer.now, sleep: (ms) => unlessOver(signal, () => timer.sleep(ms)) },
})
