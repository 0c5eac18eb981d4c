// The database of the service, into which tasks are brought.
import type { Config } from '../../src/config.ts'
import type { Database } from '../../src/db/database.ts'
import { lackingOfOurs } from '../../src/db/other-tables.ts'
import { refusalOf } from '../../src/runtimes/node/connection-errors.ts'
import { openDatabase } from '../../src/runtimes/node/database.ts'
import { readMigrations } from '../../src/runtimes/node/migrations.ts'
import { Refusal } from '../../src/runtimes/node/refusal.ts'
import { isAbsent, readSetting } from '../support/service.ts'

export type Target = {
  readonly config: Config
  /** Undefined in a dry run, where it is not there yet or has no tables. */
  readonly db: Database | undefined
  close(): Promise<void>
}

/** Opens it, and makes it where it is missing, as the service does. Throws ConfigError, Refusal. */
export const openTarget = async (dry: boolean): Promise<Target> => {
  const { config, target } = readSetting({ make: !dry })
  if (dry && isAbsent(target)) return { config, db: undefined, close: async () => {} }
  const { db, missing } = await openDatabase(target, {
    ...config,
    migrate: dry ? 'off' : config.migrate,
  })
  const close = () => db.close()
  try {
    const migrations = readMigrations(db.dialect.name)
    if (dry && (await lackingOfOurs(db, migrations)).length === migrations.length)
      return { config, db: undefined, close }
    if (missing.length === 0) return { config, db, close }
    throw new Refusal(
      `the database lacks ${missing.join(', ')}: run npm run db:migrate, or start the service`,
    )
  } catch (error) {
    await close()
    throw error instanceof Refusal ? error : refusalOf(target, error)
  }
}
