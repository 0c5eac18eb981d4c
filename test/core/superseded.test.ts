// Beside a newer version that has migrated the database, or is about to, a process writes nothing.
import { expect, onTestFinished, test } from 'vitest'
import type { Database, DialectName } from '../../src/db/database.ts'
import { isSuperseded } from '../../src/db/portable.ts'
import { rawQuery, type Write, write } from '../../src/db/statement.ts'
import { readMigrations } from '../../src/runtimes/node/migrations.ts'
import { describeEachDatabase, type Opened } from '../support/databases.ts'
import { until } from '../support/size.ts'
import { createWorld } from '../support/world.ts'

const setting = ({ dialect }: Pick<Database, 'dialect'>, name: string): Write => {
  const [settings, column] =
    dialect.name === 'mysql' ? ['`settings`', '`name`, `value`'] : ['settings', 'name, value']
  return write(rawQuery(`insert into ${settings} (${column}) values ('${name}', 'x')`, []), {})
}
const settings = rawQuery<{ n: unknown }>('select count(*) from settings', ['n'])
const seen = rawQuery<{ n: unknown }>('select n from seen', ['n'])

/** Notes how much it found, as a migration does that fills a column from what is there. */
const next = {
  tag: '9000_next',
  statements: [
    'create table seen (n integer not null)',
    'alter table settings add column note integer',
    'insert into seen (n) select count(*) from settings',
  ],
}
/**
 * Between its look at the ledger and what it writes, where other batches can come in between at
 * all.
 */
const pause: Record<DialectName, string | undefined> = {
  sqlite: undefined,
  postgres: 'select pg_sleep(0.3)',
  mysql: 'do sleep(0.3)',
}
const migrateFurther = (db: Database) => db.migrate([...readMigrations(db.dialect.name), next])
const countOf = async (db: Database, query: typeof settings): Promise<number> =>
  Number((await db.one(query))?.n)

describeEachDatabase('a process beside a newer version', (open) => {
  const opened = async (): Promise<Database> => {
    const { db, close }: Opened = await open()
    onTestFinished(close)
    return db
  }
  test('writes nothing any more, reads on, and sees the migration in the ledger', async () => {
    const db = await opened()
    await db.atomic([setting(db, 'before')])
    const before = await countOf(db, settings)
    await migrateFurther(db)
    const refused = await db.atomic([setting(db, 'behind')]).catch((error: unknown) => error)
    expect(isSuperseded(refused), String(refused)).toBe(true)
    const several = await Promise.allSettled(
      ['a', 'b'].map((name) => db.atomic([setting(db, name)], { mustTouch: [0] })),
    )
    expect(
      several.map((result) => result.status === 'rejected' && isSuperseded(result.reason)),
    ).toEqual([true, true])
    expect(await countOf(db, settings)).toBe(before)
    expect(await db.migrated()).toContain(next.tag)
  })

  test('writes under load until it is refused: the migration has seen everything that was acknowledged', async () => {
    const db = await opened()
    const before = await countOf(db, settings)
    let acknowledged = 0
    const refusals: unknown[] = []
    const paused = pause[db.dialect.name]
    const writer = async (of: number) => {
      const between = of % 2 === 0 && paused !== undefined ? [write(rawQuery(paused, []), {})] : []
      for (let i = 0; ; i++)
        try {
          await db.atomic([...between, setting(db, `${of} ${i}`), setting(db, `${of} ${i} again`)])
          acknowledged++
        } catch (error) {
          refusals.push(error)
          return
        }
    }
    const writers = Array.from({ length: 8 }, (_, of) => writer(of))
    while (acknowledged < 20)
      await Promise.race([new Promise((resolve) => setImmediate(resolve)), ...writers])
    await migrateFurther(db)
    await Promise.all(writers)
    expect(refusals.filter((error) => !isSuperseded(error))).toEqual([])
    expect(await countOf(db, seen)).toBe(before + 2 * acknowledged)
    expect(await countOf(db, settings)).toBe(before + 2 * acknowledged)
  })
})

test('the service reads on, refuses writes, is not ready, and says why once', async () => {
  const said: string[] = []
  const note = (message: string) => void said.push(message)
  const world = await createWorld({
    log: { debug: () => {}, info: () => {}, warning: note, error: note },
  })
  onTestFinished(world.close)
  const ann = await world.register('Ann')
  const { body: task } = await ann.post('/api/v1/tasks', { title: 'before', labels: ['home'] })
  const { body: key } = await ann.post('/api/v1/api-keys', { name: 'k', scopes: ['tasks:read'] })
  await migrateFurther(world.deps.db)

  const refusals = [
    await ann.post('/api/v1/tasks', { title: 'behind' }),
    await ann.patch(`/api/v1/tasks/${task.id}`, { title: 'behind' }),
    await ann.delete(`/api/v1/tasks/${task.id}`),
    await world.anonymous.post('/api/v1/auth/login', { email: ann.email, password: ann.password }),
  ]
  for (const { status, body, headers } of refusals)
    expect([status, body.code, headers.get('Retry-After')], body.instance).toEqual([
      503,
      'superseded',
      '2',
    ])
  expect((await ann.get(`/api/v1/tasks/${task.id}`)).body).toEqual(task)
  expect((await world.client(key.key).get('/api/v1/tasks')).body.items).toEqual([task])
  for (let i = 0; i < 2; i++) expect((await world.fetch('/ready')).status).toBe(503)
  expect((await world.fetch('/health')).status).toBe(200)
  await until(() => said.length > 0)
  expect(said).toEqual(['a newer version has migrated the database: this process no longer writes'])
})
