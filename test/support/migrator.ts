// A process that migrates the database at its first argument by the migrations in its second, once
// its parent says so.
import { once } from 'node:events'
import type { Migration } from '../../src/db/migrate.ts'
import { openFile } from '../../src/db/open/file.ts'
import { openServer } from '../../src/runtimes/node/database-server.ts'
import { findDatabaseTarget } from '../../src/runtimes/node/database-target.ts'

const [databaseUrl, migrations = '[]'] = process.argv.slice(2)
const place = findDatabaseTarget({ databaseUrl, dataDir: undefined, spaceId: undefined })
const db = place.kind === 'file' ? openFile(place.path) : await openServer(place, { poolSize: 2 })
process.send?.('ready')
await once(process, 'message')
const applied = await db.migrate(JSON.parse(migrations) as Migration[])
process.send?.({ applied, ledger: await db.migrated() })
await db.close()
process.disconnect()
