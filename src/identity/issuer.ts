import { eq } from 'drizzle-orm'
import { type Database, perDialect } from '../db/database.ts'
import { insertIfFree } from '../db/portable.ts'
import { compile, everyColumn, query, value, write } from '../db/statement.ts'

const statements = perDialect((dialect) => {
  const { q, t } = dialect
  const { settings } = t
  return {
    find: query<{ value: string }>(
      q
        .select({ value: settings.value })
        .from(settings)
        .where(eq(settings.name, value(settings.name, 'name'))),
    ),
    keep: compile(insertIfFree(dialect, q.insert(settings).values(everyColumn(settings)), { name: settings.name })),
  }
})

const NAME = 'issuer'

/**
 * The `iss` of our tokens, decided at the first boot and kept: `proposed`, else a URN of a random UUID. A later change
 * of address must not end every session.
 */
export const fixedIssuer = async (db: Database, proposed: string | undefined): Promise<string> => {
  const { find, keep } = statements(db)
  const known = await db.one(find, { name: NAME })
  if (known) return known.value
  await db.atomic([write(keep, { name: NAME, value: proposed ?? `urn:taskport:${crypto.randomUUID()}` })])
  const kept = await db.one(find, { name: NAME })
  if (!kept) throw new Error('the database did not keep the issuer')
  return kept.value
}
