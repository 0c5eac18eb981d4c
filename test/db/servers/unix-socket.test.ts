// Servers on a Unix socket, and settings that a URL asks for.
import { dirname } from 'node:path'
import postgres from 'postgres'
import { expect, test } from 'vitest'
import { type Fresh, freshDatabases } from '../../support/fresh.ts'
import { holdSession, openAt } from './session.ts'

const databases = freshDatabases()

/** A fresh database, and the folder and port of the server's socket. */
const onPostgres = async (
  run: (at: { fresh: Fresh; name: string; folder: string; port: string }) => Promise<void>,
) => {
  const fresh = await databases.Postgres?.()
  if (!fresh) throw new Error('no server')
  const { pathname, port } = new URL(fresh.url)
  try {
    await run({ fresh, name: pathname.slice(1), folder: dirname(String(fresh.socket)), port })
  } finally {
    await fresh.drop()
  }
}

test.skipIf(databases.Postgres === undefined)('Postgres on a Unix socket', () =>
  onPostgres(async ({ name, folder, port }) => {
    await holdSession(`postgres://taskport@:${port}/${name}?host=${folder}`)
    for (const url of [
      `postgres://taskport@${encodeURIComponent(folder)}:${port}/${name}?sslmode=verify-full`,
      `postgres:///${name}?host=${folder}&port=${port}&user=taskport`,
    ]) {
      const { db, close } = await openAt(url)
      expect((await db.migrated()).length).toBeGreaterThan(0)
      await close()
    }
    // The user is the one that the process runs as, as in other clients.
    await expect(openAt(`postgres:///${name}?host=${folder}&port=${port}`)).rejects.toThrow(
      new RegExp(
        `^DATABASE_URL leads to postgres at ${folder}/.s.PGSQL.${port}, which does not let this user in`,
      ),
    )
    await expect(openAt(`postgres:///${name}?host=${folder}/none`)).rejects.toThrow(
      /which cannot be reached \(ENOENT\)/,
    )
  }),
)

test.skipIf(databases.Postgres === undefined)(
  'a URL names schema, application and connections',
  () =>
    onPostgres(async ({ fresh, name }) => {
      const sql = postgres(fresh.url, { max: 1, onnotice: () => {} })
      await sql`create schema "My App"`
      const { db, close } = await openAt(
        `${fresh.url}?schema=My%20App&application_name=mine&connection_limit=1&connect_timeout=9&options=-c%20jit%3Doff`,
        10,
      )
      await Promise.all(Array.from({ length: 8 }, () => db.migrated()))
      const sessions =
        await sql`select application_name from pg_stat_activity where datname = ${name} and pid <> pg_backend_pid()`
      expect(sessions.map((row) => row['application_name'])).toEqual(['mine'])
      const [row] =
        await sql`select table_schema from information_schema.tables where table_name = 'tasks'`
      expect(row?.['table_schema']).toBe('My App')
      await close()
      await sql.end()
    }),
)

test.skipIf(databases.MariaDB === undefined)('MySQL and MariaDB on a Unix socket', async () => {
  const fresh = await databases.MariaDB?.()
  if (!fresh) throw new Error('no server')
  const name = new URL(fresh.url).pathname.slice(1)
  await holdSession(`mysql://root@localhost/${name}?socketPath=${fresh.socket}`)
  const { db, close } = await openAt(`mysql:///${name}?unix_socket=${fresh.socket}`)
  expect((await db.migrated()).length).toBeGreaterThan(0)
  await close()
  await expect(openAt(`mysql://root@localhost/${name}?socketPath=/nowhere/x`)).rejects.toThrow(
    /^DATABASE_URL leads to mysql at \/nowhere\/x, which cannot be reached \(ENOENT\)/,
  )
  await fresh.drop()
})
