// How much room the database has, as it is shown to people and programs.
import type { Database } from '../db/database.ts'
import type { StorageState } from '../db/storage.ts'

const unknown: StorageState = { full: false, room: undefined }

export const storageNow = async ({ storage }: Pick<Database, 'storage'>) => {
  const { full, room } = (await storage?.()) ?? unknown
  return {
    state: full ? 'full' : 'ok',
    used_bytes: room?.used ?? null,
    free_bytes: room?.free ?? null,
    unused_bytes: room?.unused ?? null,
    reserve_bytes: room?.reserve ?? null,
    limit_bytes: room?.limit ?? null,
  } as const
}
