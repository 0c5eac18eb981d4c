// Logs the storage: one line when it becomes full, and one when there is space again.
import type { StorageState } from '../db/storage.ts'
import type { Log } from './log.ts'

const mib = (bytes: number): number => Math.round(bytes / 2 ** 18) / 4

/** `remedy`: what the operator can do. */
export const tellStorage =
  (log: Log, remedy: string) =>
  ({ full, room }: StorageState): void => {
    const sizes = room && {
      free_mib: mib(room.free),
      unused_mib: mib(room.unused),
      reserve_mib: mib(room.reserve),
      used_mib: mib(room.used),
      ...(room.limit !== undefined && { limit_mib: mib(room.limit) }),
    }
    if (full)
      log.error(
        'the storage is full: nothing new is stored, and reading, deleting and signing in go on',
        { ...sizes, remedy },
      )
    else log.info('the storage has room again', { ...sizes })
  }
