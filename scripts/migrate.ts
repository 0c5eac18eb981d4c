// Brings the database of the service up to date, without starting it: npm run db:migrate.
// Configured as the service is.
import { ConfigError, parseConfig } from '../src/config.ts'
import { openDatabase } from '../src/runtimes/node/database.ts'
import { findDatabaseTarget } from '../src/runtimes/node/database-target.ts'
import { makePrivately } from '../src/runtimes/node/filesystem.ts'
import { Refusal } from '../src/runtimes/node/refusal.ts'

try {
  makePrivately()
  const config = parseConfig(process.env)
  const { db, applied } = await openDatabase(findDatabaseTarget(config), {
    ...config,
    migrate: 'auto',
  })
  await db.close()
  console.log(applied.length > 0 ? `applied: ${applied.join(', ')}` : 'nothing was missing')
} catch (error) {
  if (!(error instanceof ConfigError || error instanceof Refusal)) throw error
  for (const line of error.message.split('\n')) console.error(`taskport: ${line}`)
  process.exitCode = 1
}
