// A pooler in front of Postgres, such as PgBouncer, refuses settings that it cannot keep apart for
// each of its clients.
import { once } from 'node:events'
import { connect, createServer } from 'node:net'
import { expect, test } from 'vitest'
import { openDatabase } from '../../../src/runtimes/node/database.ts'
import { findDatabaseTarget } from '../../../src/runtimes/node/database-target.ts'
import { freshDatabases } from '../../support/fresh.ts'

/** An ErrorResponse of Postgres' protocol: FATAL, SQLSTATE 08P01. */
const errorResponse = (message: string): Buffer => {
  const fields = Buffer.from(`SFATAL\0C08P01\0M${message}\0\0`)
  const head = Buffer.from('E\0\0\0\0')
  head.writeInt32BE(fields.length + 4, 1)
  return Buffer.concat([head, fields])
}

const make = freshDatabases().Postgres
test.skipIf(make === undefined)('a pooler that refuses settings is used without them', async () => {
  const fresh = await make?.()
  if (!fresh) throw new Error('no server')
  const { hostname, port } = new URL(fresh.url)
  let [refused, passed] = [0, 0]
  const pooler = createServer((client) => {
    client.on('error', () => {})
    client.once('data', (startup) => {
      const unknown = /statement_timeout|idle_in_transaction_session_timeout/.exec(
        startup.toString('latin1'),
      )?.[0]
      if (unknown !== undefined) {
        refused++
        client.end(errorResponse(`unsupported startup parameter: ${unknown}`))
        return
      }
      passed++
      const upstream = connect(Number(port), hostname)
      upstream.on('error', () => {}).write(startup)
      client.pipe(upstream).pipe(client)
    })
  }).listen(0, '127.0.0.1')
  await once(pooler, 'listening')
  const { port: pooled } = pooler.address() as { port: number }
  const databaseUrl = `${Object.assign(new URL(fresh.url), { hostname: '127.0.0.1', port: String(pooled) }).href}?sslmode=disable`
  const place = findDatabaseTarget({ databaseUrl, dataDir: undefined, spaceId: undefined })
  const { db, migrations } = await openDatabase(place, { databasePoolSize: 2, migrate: 'auto' })
  expect(await db.migrated()).toEqual(migrations.map(({ tag }) => tag))
  expect(refused).toBe(1)
  expect(passed).toBeGreaterThan(0)
  await db.close()
  pooler.close()
  await fresh.drop()
})
