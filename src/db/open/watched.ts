import type { Database } from '../database.ts'
import { isStorageFull } from '../portable.ts'
import { createStorage, type StorageState } from '../storage.ts'

/**
 * A database on a server, whose storage cannot be measured: it is full from when the server says so
 * until something new is stored again. `tell` is called both times.
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
