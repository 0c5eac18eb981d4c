// What is deleted is not readable in the files any more: their bytes are searched for marks.
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { randomOf } from '../../bench/data/random.ts'
import { openConnection } from '../../src/db/open/file/connection.ts'
import { remainsOn } from '../../src/db/open/file/remains.ts'
import { openFile } from '../../src/db/open/file.ts'
import { rawQuery } from '../../src/db/statement.ts'
import { checkpointsOf } from '../../src/runtimes/node/checkpoints/thread.ts'
import { readMigrations } from '../../src/runtimes/node/migrations.ts'
import { maintainFor } from '../support/maintenance.ts'
import { seedFrom, sized } from '../support/size.ts'
import { createWorld, type User } from '../support/world.ts'

const DAY = 24 * 60 * 60 * 1000
const PEOPLE = 4
const TASKS = sized('ERASURE_TASKS', { full: 600, small: 150 })

/** A service on a file in a folder of its own. */
const service = async () => {
  const folder = mkdtempSync(join(tmpdir(), 'taskport-erasure-'))
  const path = join(folder, 'taskport.db')
  const world = await createWorld({
    open: async () => {
      const db = openFile(path, { checkpoints: checkpointsOf(path) })
      await db.migrate(readMigrations('sqlite'))
      return { db, close: db.close }
    },
  })
  onTestFinished(async () => {
    await world.close()
    rmSync(folder, { recursive: true })
  })
  /** Which of these texts are in the bytes of any file. */
  const found = (marks: readonly string[]): string[] => {
    const bytes = readdirSync(folder).map((name) => readFileSync(join(folder, name)))
    return marks.filter((mark) => bytes.some((text) => text.includes(mark)))
  }
  const { db } = world.deps
  return { world, db, path, found, tidy: async () => db.upkeep?.() }
}
const mark = (...parts: (string | number)[]) => `<<${parts.join('-')}>>`

test('of a deleted account, of a deleted task and of a changed description nothing is left, however pages were moved about', async () => {
  const { world, db, found, tidy } = await service()
  const random = randomOf(seedFrom('SEED'))
  const people: User[] = []
  for (let i = 0; i < PEOPLE; i++) people.push(await world.register(`person-${i}`))
  const tasks: { id: string; person: number; title: string; description: string }[] = []
  const replaced: string[] = []
  const long = (text: string) => text.repeat(1 + Math.floor(random() * (random() < 0.1 ? 500 : 20)))
  for (let n = 0; n < TASKS; n++) {
    const person = n % PEOPLE
    const [title, description] = [mark('title', person, n), mark('text', person, n)]
    const options = random() < 0.2 ? { 'Idempotency-Key': `key-${n}` } : {}
    const body = { title, description: long(description), labels: [mark('label', person, n % 7)] }
    const made = await people[person]?.post('/api/v1/tasks', body, options)
    expect(made?.status).toBe(201)
    tasks.push({ id: made?.body.id, person, title, description })
    // Texts become longer and shorter, and rows move to other pages with them.
    const changed = tasks[Math.floor(random() * tasks.length)] as (typeof tasks)[number]
    replaced.push(changed.description)
    changed.description = mark('text', changed.person, n, 'changed')
    expect(
      (
        await people[changed.person]?.patch(`/api/v1/tasks/${changed.id}`, {
          description: long(changed.description),
        })
      )?.status,
    ).toBe(200)
  }
  const [gone, ...rest] = people
  const ofGone = tasks
    .filter(({ person }) => person === 0)
    .flatMap(({ title, description }) => [title, description])
  const trashed = tasks.filter(({ person }, i) => person !== 0 && i % 3 === 0)
  for (const { id, person } of trashed)
    expect((await people[person]?.delete(`/api/v1/tasks/${id}`))?.status).toBe(204)
  expect(found([...ofGone, ...trashed.map(({ title }) => title)]).length, 'they were there').toBe(
    ofGone.length + trashed.length,
  )
  await gone?.send('DELETE', '/api/v1/me', { password: gone.password })
  world.clock.advance(31 * DAY)
  await maintainFor(world)

  await tidy()
  const still = new Set(tasks.map(({ description }) => description))
  expect(
    found([...ofGone, ...trashed.flatMap(({ title, description }) => [title, description])]),
  ).toEqual([])
  expect(found(replaced.filter((text) => !still.has(text)))).toEqual([])
  expect(found([mark('label', 0, 0), gone?.email ?? '', gone?.id ?? ''])).toEqual([])

  const alive = tasks
    .filter((task) => task.person !== 0 && !trashed.includes(task))
    .map(({ title }) => title)
  expect(found(alive)).toEqual(alive)
  expect(await db.all(rawQuery('pragma integrity_check', ['said']))).toEqual([{ said: 'ok' }])
  const { body } = await world.anonymous.post('/api/v1/auth/login', {
    email: rest[0]?.email,
    password: rest[0]?.password,
  })
  const page = await world.client(body.access_token).get('/api/v1/tasks?limit=200')
  expect(page.body.items).toHaveLength(
    Math.min(200, alive.filter((title) => title.startsWith('<<title-1-')).length),
  )
})

test('while another connection reads from the log it stays, and goes with the next minute, also if nothing is written any more', async () => {
  const { world, db, path, found, tidy } = await service()
  const ann = await world.register('ann')
  const { body: task } = await ann.post('/api/v1/tasks', {
    title: 'x',
    description: mark('before'),
  })
  const reader = openConnection(path)
  onTestFinished(() => reader.close())
  reader.exec('begin')
  reader.prepare('select count(*) from tasks').raw(true).all([])
  await ann.patch(`/api/v1/tasks/${task.id}`, { description: mark('after') })
  await tidy()
  expect(found([mark('before')])).toEqual([mark('before')])
  reader.exec('rollback')
  await tidy()
  expect(found([mark('before')])).toEqual([])
  expect(await db.one(rawQuery('select description from tasks', ['description']))).toEqual({
    description: mark('after'),
  })
})

/** Opens the file, reads and closes it, as a command of an operator does. */
const readElsewhere = `
  const database = new (require('libsql'))(process.argv[1])
  database.prepare('select count(*) from tasks').all()
  database.close()
`

test('a process that closes the file leaves the log to the one that erases: what it commits then is not lost with it', async () => {
  const { world, path, tidy } = await service()
  const ann = await world.register('ann')
  const { body: task } = await ann.post('/api/v1/tasks', {
    title: 'x',
    description: 'long '.repeat(9),
  })
  await ann.patch(`/api/v1/tasks/${task.id}`, { description: 'short' })
  await tidy()
  execFileSync(process.execPath, ['--eval', readElsewhere, path])
  await ann.post('/api/v1/tasks', { title: 'behind it' })
  const titles = `process.stdout.write(JSON.stringify(new (require('libsql'))(process.argv[1]).prepare('select title from tasks order by id').all()))`
  expect(
    JSON.parse(execFileSync(process.execPath, ['--eval', titles, path], { encoding: 'utf8' })),
  ).toEqual([{ title: 'x' }, { title: 'behind it' }])
})

test('the unallocated space of a page lies between the pointers to its cells and the first cell', () => {
  const page = new Uint8Array(4_096)
  const leaf = (number: number, cells: number, first: number) => {
    const start = number === 1 ? 100 : 0
    page.fill(0)
    page.set([13, 0, 0, 0, cells, first >> 8, first & 255, 0], start)
  }
  leaf(2, 3, 4_000)
  expect(remainsOn(page, 2)).toBeUndefined()
  page[13] = 1 // a pointer
  page[4_000] = 1 // a cell
  expect(remainsOn(page, 2)).toBeUndefined()
  page[14] = 1
  expect(remainsOn(page, 2)).toEqual({ from: 14, to: 4_000 })
  leaf(1, 3, 4_000)
  page[3_999] = 1
  expect(remainsOn(page, 1)).toEqual({ from: 114, to: 4_000 })
  page[100] = 5 // inner pages have longer headers
  expect(remainsOn(page, 1)).toEqual({ from: 118, to: 4_000 })
  page[100] = 0 // not of a b-tree
  expect(remainsOn(page, 1)).toBeUndefined()
})
