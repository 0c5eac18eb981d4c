import type { Database } from '../database.ts'
import { isStorageFull } from '../portable.ts'
import { createStorage, type StorageState } from '../storage.ts'

/**
 * Tells when the storage of a server is full. It cannot be measured, so it counts as full from the
 * first batch that the server refuses until the next batch that grows succeeds. `tell` is called
 * both times.
 */
export const watched = (db: Database, tell: (state: StorageState) => void): Database => {
  const storage = createStorage({ tell })
  return {
    ...db,
    atomic: async (writes, options) => {
      try {
        const outcome = await db.atomic(writes, options)
        if (options?.grows && outcome !== 'stale') storage.grew()
        return outcome
      } catch (error) {
        if (isStorageFull(error)) storage.refused()
        throw error
      }
    },
    storage: async () => storage.state(),
  }
}
