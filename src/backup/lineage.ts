// The lineage of a database that is backed up: which database it is, and which writer it last had.
// It is a row of the database itself, and so it is in every backup.
import { eq } from 'drizzle-orm'
import { type Database, perDialect } from '../db/database.ts'
import { compile, everyColumn, query, value, write } from '../db/statement.ts'

/** `id` is the same in all backups of one database. `epoch` counts its writers. */
export type Lineage = { readonly id: string; readonly epoch: number }

const NAME = 'backup_stamp'
/** The value of the row. Earlier versions read it too. */
type Stored = { readonly lineage: string; readonly epoch: number }

const statements = perDialect(({ q, t: { settings } }) => {
  const hasName = eq(settings.name, value(settings.name, 'name'))
  return {
    find: query<{ value: string }>(
      q.select({ value: settings.value }).from(settings).where(hasName),
    ),
    drop: compile<{ name: string }>(q.delete(settings).where(hasName)),
    add: compile<{ name: string; value: string }>(q.insert(settings).values(everyColumn(settings))),
  }
})

/** The lineage of a migrated database. Undefined if the database was never backed up. */
export const readLineage = async (db: Database): Promise<Lineage | undefined> => {
  const row = await db.one(statements(db).find, { name: NAME })
  if (row === undefined) return undefined
  const { lineage, epoch } = JSON.parse(row.value) as Stored
  return { id: lineage, epoch }
}

export const writeLineage = async (db: Database, { id, epoch }: Lineage): Promise<void> => {
  const { drop, add } = statements(db)
  const stored: Stored = { lineage: id, epoch }
  await db.atomic([
    write(drop, { name: NAME }),
    write(add, { name: NAME, value: JSON.stringify(stored) }),
  ])
}
