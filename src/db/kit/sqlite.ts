import {
  customType,
  index,
  integer,
  primaryKey,
  sqliteTable,
  text,
  uniqueIndex,
} from 'drizzle-orm/sqlite-core'
import { type Instant, instantOf } from '../instant.ts'
import type { Kit, KitShape } from './mysql.ts'

const instant = customType<{ data: Instant; driverData: number }>({
  dataType: () => 'integer',
  fromDriver: instantOf,
  toDriver: (value) => Date.parse(value),
})

/**
 * The kit in SQLite's types (libSQL, D1). The cast is safe, because every column decodes to what
 * MySQL's does.
 */
export const kit = {
  table: sqliteTable,
  id: (name: string) => text(name),
  str: (name: string, _length: number) => text(name),
  text: (name: string) => text(name),
  int: (name: string) => integer(name),
  long: (name: string) => integer(name),
  bool: (name: string) => integer(name, { mode: 'boolean' }),
  instant: (name: string) => instant(name),
  json: <T>(name: string) => text(name, { mode: 'json' }).$type<T>(),
  index,
  uniqueIndex,
  primaryKey,
} satisfies KitShape as KitShape as Kit
