// A large database on its way through Postgres and back: TASKS=1000000 npm run test:soak -- copy
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { seed } from '../../bench/seed.ts'
import type { Database } from '../../src/db/database.ts'
import { openFile } from '../../src/db/open/file.ts'
import { openPostgres } from '../../src/db/open/postgres.ts'
import { copyDatabase } from '../../src/db/transfer.ts'
import { readMigrations } from '../../src/runtimes/node/migrations.ts'
import { startPostgres } from '../support/servers/postgres.ts'
import { sized } from '../support/size.ts'

const TASKS = sized('TASKS', { full: 100_000, small: 2_000 })

const timed = async (name: string, from: Database, to: Database) => {
  await to.migrate(readMigrations(to.dialect.name))
  const began = performance.now()
  let copied = began
  const answer = await copyDatabase(from, to, {
    onProgress: ({ phase }) => {
      if (phase === 'copy') copied = performance.now()
    },
  })
  const [copying, verifying] = [(copied - began) / 1000, (performance.now() - copied) / 1000]
  const speed = (seconds: number) =>
    `${Math.round(answer.rows / seconds).toLocaleString('en')} rows/s`
  const memory = `${Math.round(process.memoryUsage.rss() / 2 ** 20)} MiB`
  console.log(
    `${name}: ${answer.rows} rows, copied at ${speed(copying)}, verified at ${speed(verifying)}, resident ${memory}`,
  )
  return answer
}

test(`${TASKS} tasks from a file to Postgres and back are the same`, async () => {
  const folder = await mkdtemp(join(tmpdir(), 'taskport-copy-'))
  const server = await startPostgres()
  const path = join(folder, 'source.db')
  await seed(path, { people: { ann: Math.ceil(TASKS / 2) }, others: Math.floor(TASKS / 2) })
  const [source, postgres, back] = [
    openFile(path),
    openPostgres({ url: server.url }),
    openFile(join(folder, 'back.db')),
  ]
  const there = await timed('file to Postgres', source, postgres)
  const home = await timed('Postgres to file', postgres, back)
  expect(home).toEqual(there)
  expect(home.tables.find(({ table }) => table === 'tasks')?.rows).toBeGreaterThanOrEqual(TASKS)
  for (const db of [source, postgres, back]) await db.close()
  await server.stop()
  await rm(folder, { recursive: true })
})
