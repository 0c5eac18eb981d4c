// The stamp of a database that is copied: which one it is, and which writer it last had. It lies in
// the database itself, and so in every copy.
import { eq } from 'drizzle-orm'
import { type Database, perDialect } from '../db/database.ts'
import { compile, everyColumn, query, value, write } from '../db/statement.ts'

/** `lineage` is the same for all copies of one database; `epoch` counts its writers. */
export type Stamp = { readonly lineage: string; readonly epoch: number }

const NAME = 'backup_stamp'

const statements = perDialect(({ q, t: { settings } }) => {
  const isIt = eq(settings.name, value(settings.name, 'name'))
  return {
    find: query<{ value: string }>(q.select({ value: settings.value }).from(settings).where(isIt)),
    drop: compile<{ name: string }>(q.delete(settings).where(isIt)),
    add: compile<{ name: string; value: string }>(q.insert(settings).values(everyColumn(settings))),
  }
})

/** The stamp of a database, which has to be migrated; undefined where it was never copied. */
export const stampOf = async (db: Database): Promise<Stamp | undefined> => {
  const row = await db.one(statements(db).find, { name: NAME })
  return row && (JSON.parse(row.value) as Stamp)
}

export const setStamp = async (db: Database, { lineage, epoch }: Stamp): Promise<void> => {
  const { drop, add } = statements(db)
  await db.atomic([
    write(drop, { name: NAME }),
    write(add, { name: NAME, value: JSON.stringify({ lineage, epoch }) }),
  ])
}
