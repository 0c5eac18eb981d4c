// The database on which the command works: that of the service, or D1 of a Worker.

import type { Config } from '../../src/config.ts'
import type { Database } from '../../src/db/database.ts'
import { lacking, lastTag } from '../../src/db/migrate.ts'
import { openDatabase } from '../../src/runtimes/node/database.ts'
import { readMigrations } from '../../src/runtimes/node/migrations.ts'
import { Refusal } from '../../src/runtimes/node/refusal.ts'
import { expectDatabase, readSetting } from '../support/service.ts'
import { type D1Place, openBinding } from './d1.ts'

export type Opened = { readonly config: Config; readonly db: Database; close(): Promise<void> }
type Options = {
  readonly d1: D1Place | undefined
  /** Whether the command changes anything. */
  readonly changes: boolean
}

/** Throws ConfigError and Refusal. A command that changes nothing migrates nothing. */
export const openForUsers = async ({ d1, changes }: Options): Promise<Opened> => {
  if (d1 !== undefined) return openD1(d1)
  const { config, target } = readSetting({ make: false })
  expectDatabase(target)
  const policy = changes ? config.migrate : 'off'
  const { db, missing } = await openDatabase(target, { ...config, migrate: policy })
  if (missing.length > 0) {
    await db.close()
    throw new Refusal(
      `the database lacks ${missing.join(', ')}: run npm run db:migrate, or start the service`,
    )
  }
  return { config, db, close: () => db.close() }
}

const openD1 = async (place: D1Place): Promise<Opened> => {
  const { config } = readSetting({ make: false })
  const { binding, close } = await openBinding(place)
  try {
    const migrations = readMigrations('sqlite')
    const { onD1 } = await import('../../src/db/open/d1.ts')
    const db = onD1(binding, { lastMigration: lastTag(migrations) })
    if ((await lacking(db, migrations)).length > 0)
      throw new Refusal(
        'the database of the Worker is not migrated: send it one request, which makes the tables',
      )
    return { config, db, close }
  } catch (error) {
    await close()
    throw error
  }
}
