// SQLite begins the write-ahead log anew only at a moment in which no connection reads from it. Long
// reads that follow each other in several processes leave no such moment: the log of a busy service
// grew by gigabytes. So each waits a little where the log has become too long.
import { statSync } from 'node:fs'
import { TOO_LONG_LOG_BYTES } from '../../../db/open/file/connection.ts'

/** Milliseconds. A read waits no longer than that, and looks so often. */
const MOST_MS = 1_000
const BETWEEN_MS = 5
/** Milliseconds after the last write in which the writer is expected to bring the log in soon. */
const RECENT_MS = 500

export type LogLook = { readonly bytes: number; readonly writtenAgo: number }

const look = (path: string): LogLook => {
  const found = statSync(path, { throwIfNoEntry: false })
  return { bytes: found?.size ?? 0, writtenAgo: Date.now() - (found?.mtimeMs ?? 0) }
}

/** Without writes nothing brings the log in, and nothing makes it longer. */
export const isTooLong = ({ bytes, writtenAgo }: LogLook): boolean =>
  bytes > TOO_LONG_LOG_BYTES && writtenAgo < RECENT_MS

/** Makes a function that blocks this thread while the log at `path` is too long, for a second at most. */
export const createLogWait = (path: string): (() => void) => {
  const never = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT))
  return () => {
    for (let waited = 0; waited < MOST_MS && isTooLong(look(path)); waited += BETWEEN_MS)
      Atomics.wait(never, 0, 0, BETWEEN_MS)
  }
}
