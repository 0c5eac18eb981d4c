import {
  bigint,
  boolean,
  customType,
  index,
  integer,
  jsonb,
  pgTable,
  primaryKey,
  text,
  uniqueIndex,
  uuid,
} from 'drizzle-orm/pg-core'
import { fromPostgresTimestamp, type Instant } from '../instant.ts'
import type { Kit, KitShape } from './mysql.ts'

const exact = customType<{ data: string; config: { length: number } }>({
  dataType: (config) => `varchar(${config?.length ?? 191}) COLLATE "C"`,
})
const instant = customType<{ data: Instant; driverData: string }>({
  dataType: () => 'timestamp (3) with time zone',
  fromDriver: fromPostgresTimestamp,
})

/**
 * The kit in Postgres' types. The cast is safe, because every column decodes to what MySQL's does.
 */
export const kit = {
  table: pgTable,
  id: (name: string) => uuid(name),
  str: (name: string, length: number) => exact(name, { length }),
  text: (name: string) => text(name),
  int: (name: string) => integer(name),
  long: (name: string) => bigint(name, { mode: 'number' }),
  bool: (name: string) => boolean(name),
  instant: (name: string) => instant(name),
  json: <T>(name: string) => jsonb(name).$type<T>(),
  index,
  uniqueIndex,
  primaryKey,
} satisfies KitShape as KitShape as Kit
