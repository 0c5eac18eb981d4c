import { LRUCache } from 'lru-cache'
import { type Database, perDatabase } from '../db/database.ts'

/** Characters of all names that are kept. */
const MAX_NAMES = 2 ** 20

/**
 * What is known of each database by name. Callers can make names long, so what is kept is a million
 * characters of those that were used last.
 */
export const knownByName = <T extends number | true>(): ((db: Database) => LRUCache<string, T>) =>
  perDatabase(
    () =>
      new LRUCache<string, T>({ maxSize: MAX_NAMES, sizeCalculation: (_, name) => name.length }),
  )
