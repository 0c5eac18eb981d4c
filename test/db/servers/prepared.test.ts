// Filters of lists combine freely: however many texts are asked, a connection has a bounded number of
// prepared statements.
import { describe, expect, test } from 'vitest'
import { type Query, rawQuery } from '../../../src/db/statement.ts'
import { openServer } from '../../../src/runtimes/node/database-server.ts'
import { findDatabaseTarget } from '../../../src/runtimes/node/database-target.ts'
import { freshDatabases } from '../../support/fresh.ts'

const databases = freshDatabases()
const TEXTS = 600

describe.each([
  ['Postgres', '$1', 500, 'select count(*), 0 from pg_prepared_statements'],
  [
    'MariaDB',
    '?',
    300,
    `select sum(if(variable_name = 'COM_STMT_PREPARE', variable_value, 0)), sum(if(variable_name = 'COM_STMT_CLOSE', variable_value, 0))
       from information_schema.session_status`,
  ],
] as const)('on %s', (name, slot, most, counting) => {
  const make = databases[name]
  test.skipIf(make === undefined)(`${most} at most`, async () => {
    if (make === undefined) return
    const { url, drop } = await make()
    const place = findDatabaseTarget({ databaseUrl: url, dataDir: undefined, spaceId: undefined })
    if (place.kind === 'file') throw new Error('not a server')
    const db = await openServer(place, { poolSize: 1 })
    const count = rawQuery<{ prepared: unknown; closed: unknown }>(counting, ['prepared', 'closed'])
    const now = async () => {
      const row = await db.one(count)
      return Number(row?.prepared) - Number(row?.closed)
    }
    const numbered: Query<number> = { text: '', bind: () => ['a'], row: ([n]) => Number(n) }
    expect(await now()).toBeLessThan(most)
    for (let n = 0; n < TEXTS; n++)
      expect(await db.one({ ...numbered, text: `select ${n} where ${slot} = 'a'` })).toBe(n)
    expect(await now()).toBeGreaterThan(most / 2)
    expect(await now()).toBeLessThanOrEqual(most)
    await db.close()
    await drop()
  })
})
