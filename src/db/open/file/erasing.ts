import type { Checkpoints } from './checkpointing.ts'
import type { Connection } from './connection.ts'
import { createOverwriting, hasTellablePages } from './remains.ts'

/** The thread pauses so many times as long as it took to read the file. */
const PAUSE = 50

type Parts = Pick<Checkpoints, 'remains'> & {
  /** Empties the log. Returns whether it did. */
  empty(): Promise<boolean>
  /** Called between two parts of the file: looking through a large one takes long. */
  meanwhile(): Promise<void>
}

/**
 * Overwrites what is left of deleted texts. The function returns whether nothing is left, in the
 * file and in the log, of what was deleted before.
 */
export const createEraser = (connection: Connection, isClosed: () => boolean) => {
  const overwrite = createOverwriting(connection)
  let nextAt = Number.NEGATIVE_INFINITY
  return async ({ remains, empty, meanwhile }: Parts): Promise<boolean> => {
    // The thread reads only the file, so the log has to be in it.
    if (!(await empty()) || performance.now() < nextAt) return false
    if (!hasTellablePages(connection)) return true
    let taken = 0
    try {
      for (let from: number | undefined = 1; from !== undefined && !isClosed(); ) {
        const began = performance.now()
        const { pages, next } = await remains(from).finally(() => {
          taken += performance.now() - began
        })
        await overwrite(pages, isClosed)
        if (next !== undefined) await meanwhile()
        from = next
      }
    } finally {
      nextAt = performance.now() + PAUSE * taken
    }
    return !isClosed() && empty()
  }
}
