import type { Checkpoints } from './checkpointing.ts'
import type { Connection } from './connection.ts'
import { createOverwriting, hasTellablePages } from './remains.ts'

/** The thread pauses so many times as long as it took to read the file. */
const PAUSE = 50

/**
 * Overwrites what is left of deleted texts. The function returns whether nothing is left, in the
 * file and in the log, of what was deleted before.
 */
export const createEraser = (connection: Connection, isClosed: () => boolean) => {
  const overwrite = createOverwriting(connection)
  let nextAt = Number.NEGATIVE_INFINITY
  return async ({ remains }: Checkpoints, empty: () => boolean): Promise<boolean> => {
    // The thread reads only the file, so the log has to be in it.
    if (!empty() || performance.now() < nextAt) return false
    if (!hasTellablePages(connection)) return true
    const began = performance.now()
    const pages = await remains()
    nextAt = performance.now() + PAUSE * (performance.now() - began)
    await overwrite(pages, isClosed)
    return !isClosed() && empty()
  }
}
