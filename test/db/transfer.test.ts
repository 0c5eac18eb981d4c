import { execFile } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { getTableConfig } from 'drizzle-orm/mysql-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { emailOf, PASSWORD, seed } from '../../bench/seed.ts'
import type { Database } from '../../src/db/database.ts'
import { mysql } from '../../src/db/dialect/mysql.ts'
import { openFile } from '../../src/db/open/file.ts'
import { rawQuery } from '../../src/db/statement.ts'
import { isUnfinishedCopy } from '../../src/db/transfer/mark.ts'
import { keyNames, tableNames } from '../../src/db/transfer/tables.ts'
import { CopyMismatch, CopyRefused, copyDatabase, type Progress } from '../../src/db/transfer.ts'
import { describeEachDatabase, type Opened, openDefault } from '../support/databases.ts'
import { bundleOf } from '../support/process.ts'
import { type Client, createWorld, testClock } from '../support/world.ts'

const TASKS = 2_000
const FILLED =
  'settings users sessions refreshTokens apiKeys signingKeys projects tasks labels taskLabels changes receipts'.split(
    ' ',
  )
const clock = testClock(Date.now())
let folder: string
let path: string
let source: Database
let token: string
let shown: string

const worldOn = (db: Database) =>
  createWorld({ clock, open: async () => ({ db, close: async () => {} }) })
const run = (db: Database, text: string) =>
  db.atomic([{ statement: { text, bind: () => [] }, values: {} }])

/**
 * What a year of use leaves besides tasks: emoji, subtasks, the trash, a deleted project, sessions,
 * a key, a receipt, tombstones.
 */
const live = async (ann: Client) => {
  const { body: project } = await ann.post('/api/v1/projects', {
    name: 'Garten 🌻',
    color: '#00ff00',
  })
  const { body: task } = await ann.post(
    '/api/v1/tasks',
    {
      title: 'Gießen 👩‍🌾 "früh"',
      description: 'a\\b\n\t☃',
      project_id: project.id,
      labels: ['ünïcode 🏷'],
      due: { date: '2027-02-28' },
    },
    { 'Idempotency-Key': 'watering' },
  )
  await ann.post('/api/v1/tasks', {
    title: 'below',
    parent_id: task.id,
    start: { datetime: '2027-03-28T02:30:00', time_zone: 'Europe/Berlin' },
  })
  const { body: gone } = await ann.post('/api/v1/projects', { name: 'gone' })
  const { body: trash } = await ann.post('/api/v1/tasks', { title: 'trash', project_id: gone.id })
  await ann.delete(`/api/v1/projects/${gone.id}`)
  await ann.delete(`/api/v1/tasks/${trash.id}`)
  await ann.post('/api/v1/api-keys', { name: 'robot 🤖', scopes: ['tasks:read', 'tasks:write'] })
  return `/api/v1/tasks/${task.id}`
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'taskport-copy-'))
  path = join(folder, 'source.db')
  await seed(path, { people: { ann: TASKS, bob: 10 } })
  source = openFile(path)
  const world = await worldOn(source)
  const signIn = async () =>
    (
      await world.anonymous.post('/api/v1/auth/login', {
        email: emailOf('ann'),
        password: PASSWORD,
      })
    ).body
  await world.anonymous.post('/api/v1/auth/refresh', {
    refresh_token: (await signIn()).refresh_token,
  })
  token = (await signIn()).access_token
  shown = await live(world.client(token))
})
afterAll(async () => {
  await source.close()
  await rm(folder, { recursive: true })
})

/**
 * Every cell of every table as SQLite holds it: what a copy there and back must leave as it was.
 */
const dump = async (db: Database) => {
  const names = await db.all(
    rawQuery<{ name: string }>(
      "select name from sqlite_master where type = 'table' order by name",
      ['name'],
    ),
  )
  const tables = names.map(async ({ name }) => {
    const columns = (
      await db.all(
        rawQuery<{ name: string }>(`select name from pragma_table_info('${name}')`, ['name']),
      )
    ).map((c) => c.name)
    return [
      name,
      await db.all(rawQuery(`select ${columns} from ${name} order by ${columns}`, columns)),
    ] as const
  })
  return Object.fromEntries(await Promise.all(tables))
}
/** Cells that are JSON text, which Postgres and MySQL write in a form of their own. */
const parsed = (tables: Awaited<ReturnType<typeof dump>>) =>
  JSON.parse(JSON.stringify(tables), (_, cell) =>
    typeof cell === 'string' && /^[[{].*[\]}]$/s.test(cell) ? JSON.parse(cell) : cell,
  )

/** Copies until `stop` says so, as a kill would end it. */
const interrupt = async (to: Database, stop: (progress: Progress) => boolean) => {
  const onProgress = (progress: Progress) => {
    if (stop(progress)) throw new Error('interrupted')
  }
  await expect(copyDatabase(source, to, { batch: 100, onProgress })).rejects.toThrow('interrupted')
  expect(await isUnfinishedCopy(to)).toBe(true)
}

describeEachDatabase('a copy', (open) => {
  let there: Opened
  beforeAll(async () => {
    there = await open()
  })
  afterAll(() => there.close())

  test('continues wherever it was interrupted, and what comes back is what went', async () => {
    const seen: Progress[] = []
    for (const table of ['users', 'tasks', 'taskLabels', 'changes'] as const) {
      let pages = 0
      await interrupt(
        there.db,
        (progress) => progress.table === table && ++pages === (table === 'users' ? 1 : 3),
      )
    }
    const first = await copyDatabase(source, there.db, {
      batch: 150,
      onProgress: (progress) => void seen.push(progress),
    })
    expect(seen[0]?.done, 'what was there is not copied again').toBeGreaterThan(first.rows / 2)
    expect(seen.at(-1)).toMatchObject({ phase: 'verify', done: first.rows, total: first.rows })
    expect(await isUnfinishedCopy(there.db)).toBe(false)

    const home = await openDefault()
    const back = await copyDatabase(there.db, home.db)
    expect(back).toEqual(first)
    expect(back.tables.find(({ table }) => table === 'tasks')?.rows).toBe(TASKS + 13)
    const filled = back.tables.filter(({ rows }) => rows > 0).map(({ table }) => table)
    expect(filled).toEqual(expect.arrayContaining(FILLED))
    expect(parsed(await dump(home.db))).toEqual(parsed(await dump(source)))
    await home.close()
  })

  test('a token of the old database is good in the new one, and shows the same', async () => {
    const answers = await Promise.all(
      [source, there.db].map(async (db) => {
        const client = (await worldOn(db)).client(token)
        return [
          (await client.get(shown)).body,
          (await client.get('/api/v1/tasks?limit=200&sort=title')).body,
        ]
      }),
    )
    expect(answers[0]?.[0].title).toContain('👩‍🌾')
    expect(answers[1]).toEqual(answers[0])
  })
})

describe('the verification of a copy', () => {
  test.each([
    ['a changed cell', "update tasks set title = 'Below' where title = 'below'", /^tasks differs/],
    [
      'a lost row',
      'delete from changes where seq = 1',
      /^changes has \d+ rows in the source and \d+ in the target/,
    ],
  ])('finds %s', async (_, damage, message) => {
    const { db, close } = await openDefault()
    await interrupt(db, ({ phase }) => phase === 'verify')
    await run(db, damage)
    const again = copyDatabase(source, db)
    await expect(again).rejects.toThrow(CopyMismatch)
    await expect(again).rejects.toThrow(message)
    expect(await isUnfinishedCopy(db), 'nobody is served from it').toBe(true)
    await close()
  })
})

describe('a copy is refused', () => {
  let target: Opened
  let other: Opened
  beforeAll(async () => {
    ;[target, other] = [await openDefault(), await openDefault()]
  })
  afterAll(() => Promise.all([target.close(), other.close()]))

  test('into a database that somebody has used, which stays as it was', async () => {
    const world = await worldOn(other.db)
    await world.register('Zoe')
    const before = await dump(other.db)
    await expect(copyDatabase(source, other.db)).rejects.toThrow(
      /^the target is not empty \(settings: 2, users: 1, /,
    )
    expect(await dump(other.db)).toEqual(before)
  })

  test('into the unfinished copy of another database, or of the same one as it was before, and out of one', async () => {
    await interrupt(target.db, ({ table }) => table === 'tasks')
    const before = await dump(target.db)
    await expect(copyDatabase(other.db, target.db)).rejects.toThrow(CopyRefused)
    await expect(copyDatabase(target.db, other.db)).rejects.toThrow(
      'the source is itself an unfinished copy',
    )
    await run(source, 'update users set seq = seq + 1')
    await expect(copyDatabase(source, target.db)).rejects.toThrow('before it changed')
    expect(await dump(target.db)).toEqual(before)
  })
})

test('tables come behind those that their foreign keys name, and each has a key', () => {
  for (const [i, name] of tableNames.entries()) {
    expect(keyNames(name), name).not.toEqual([])
    const before = tableNames.slice(0, i).map((other) => getTableConfig(mysql.t[other]).name)
    for (const { reference } of getTableConfig(mysql.t[name]).foreignKeys)
      expect(before, name).toContain(getTableConfig(reference().foreignTable as never).name)
  }
})

describe('npm run db:copy', () => {
  const command = (...args: string[]) =>
    new Promise<{ code: number; out: string; error: string }>((resolve) => {
      const script = join(import.meta.dirname, '../..', bundleOf('db:copy'))
      execFile(process.execPath, [script, ...args], { cwd: folder }, (failure, out, error) =>
        resolve({ code: Number(failure?.code ?? 0), out, error }),
      )
    })

  test('copies, tells how far it is, and says what it verified; it does not copy over what is there', async () => {
    const args = ['--from', `file:${path}`, '--to', 'file:copy.db']
    const { code, out, error } = await command(...args)
    expect(error.split('\n')).toEqual(
      expect.arrayContaining([expect.stringMatching(/^copy 50 %, [\d,]+ of [\d,]+ rows$/)]),
    )
    expect(error).toContain('verify 100 %')
    expect(out).toMatch(/^[\d,]+ rows copied and verified, SHA-256 [0-9a-f]{64}\n$/)
    expect(code).toBe(0)
    const again = await command(...args)
    expect(again).toMatchObject({ code: 1, out: '' })
    expect(again.error).toMatch(/^db:copy: the target is not empty \(.*\): name an empty one\n$/)
  })

  test('says how it is used to who asks', async () => {
    expect(await command('--help')).toEqual({
      code: 0,
      out: expect.stringMatching(/^usage: npm run db:copy/),
      error: '',
    })
  })

  test.each([
    [
      ['--from', 'file:missing.db', '--to', 'file:x.db'],
      1,
      /^db:copy: --from names .*missing.db, which does not exist\n$/,
    ],
    [
      ['--from', 'file:copy.db', '--to', 'ftp://me:s3cret@host/x'],
      1,
      /^db:copy: --to names a ftp database, which is not supported.*\n$/,
    ],
    [
      ['--from', 'file:copy.db', '--to', 'mysql://me:s3cret@127.0.0.1:1/x'],
      1,
      /^db:copy: --to leads to mysql at 127.0.0.1:1, which .*\n$/,
    ],
    [
      ['--from', 'file:copy.db'],
      2,
      /^db:copy: --from and --to each need the URL of a database\nusage: /,
    ],
    [
      ['--form', 'postgres://me:s3cret@host/x'],
      2,
      /^db:copy: --form is not an option\nusage: npm run db:copy/,
    ],
  ])('%j ends with %i and a line without passwords', async (args, code, message) => {
    const ended = await command(...args)
    expect(ended.error).toMatch(message)
    expect(ended.error).not.toContain('s3cret')
    expect(ended).toMatchObject({ code, out: '' })
  })
})
