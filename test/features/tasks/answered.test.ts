// A page that is asked for again is made of the tasks that were answered before, as far as their
// revisions are those in the database. It has to be what a first answer would be.
import { afterAll, beforeAll, expect, test } from 'vitest'
import { randomOf } from '../../../bench/data/random.ts'
import { FEW_TASKS } from '../../../src/core/long-work.ts'
import { rawQuery, write } from '../../../src/db/statement.ts'
import { describeEachDatabase } from '../../support/databases.ts'
import { type Recording, recorded } from '../../support/recording.ts'
import { seedFrom, sized, until } from '../../support/size.ts'
import { createWriter } from '../../support/sync/random-writes.ts'
import { createWorld, type User, type World } from '../../support/world.ts'

const seed = seedFrom('SEED')
const STEPS = sized('STEPS', { full: 140, small: 60 })
const tasks = '/api/v1/tasks'

/** Is no import at work, which goes on behind its answer? */
const isQuiet = async (client: User): Promise<boolean> =>
  (await client.get('/api/v1/imports?limit=1')).body.items.every(
    ({ finished_at }: { finished_at: string | null }) => finished_at !== null,
  )

describeEachDatabase('a page that is asked for again', (open) => {
  let world: World
  let ann: User
  let bob: User
  let take: () => Recording
  beforeAll(async () => {
    const opened = await open()
    const recording = recorded(opened.db)
    take = recording.take
    world = await createWorld({ open: async () => ({ ...opened, db: recording.db }) })
    ann = await world.register('Ann')
    bob = await world.register('Bob')
  })
  afterAll(() => world.close())

  /** A page, and the statements that read tasks for it. */
  const page = async (client: User, query: string) => {
    take()
    const { status, body, text } = await client.get(`${tasks}${query}`)
    expect(status, text).toBe(200)
    expect(text).toBe(JSON.stringify(body))
    const reads = take().reads.filter(({ text }) => /from [`"]tasks[`"]/.test(text))
    const columns = reads.map(({ text }) => (text.includes('title') ? 'rows' : 'revisions'))
    const both = reads.map(({ text }) => text.includes('union all'))
    const long = reads.map(({ long }) => long)
    return { items: body.items as { id: string; title: string }[], columns, both, long }
  }
  const titles = ({ items }: { readonly items: readonly { title: string }[] }) =>
    items.map(({ title }) => title)

  test('reads revisions, and the rows of what has changed', async () => {
    const { body: one } = await ann.post(tasks, { title: 'One', labels: ['a'] })
    await ann.post(tasks, { title: 'Two', labels: ['b'] })
    const query = '?limit=10&sort=created_at'
    expect((await page(ann, query)).columns).toEqual(['rows'])
    expect((await page(ann, query)).columns).toEqual(['revisions', 'rows'])
    expect((await page(ann, query)).columns).toEqual(['revisions'])
    await ann.patch(`${tasks}/${one.id}`, { title: 'Uno' })
    const changed = await page(ann, query)
    expect(titles(changed)).toEqual(['Uno', 'Two'])
    expect(changed.columns).toEqual(['revisions', 'rows'])
    expect(await page(ann, query)).toMatchObject({ items: changed.items, columns: ['revisions'] })
  })

  test('is the page of its caller', async () => {
    const query = '?limit=11'
    await bob.post(tasks, { title: 'Bob’s' })
    for (let i = 0; i < 3; i++) {
      expect(titles(await page(bob, query))).toEqual(['Bob’s'])
      expect(titles(await page(ann, query))).not.toContain('Bob’s')
    }
  })

  test('by due is read by one statement where it ended among tasks without one', async () => {
    const eve = await world.register('Eve')
    const due = { date: '2026-12-24' }
    const made: { id: string }[] = []
    for (const title of ['a', 'b', 'c', 'd'])
      made.push((await eve.post(tasks, { title, ...('ab'.includes(title) && { due }) })).body)
    const patch = (i: number, fields: object) => eve.patch(`${tasks}/${made[i]?.id}`, fields)
    const query = '?limit=2&sort=due&priority=none'
    // One more than the limit is read, to know whether there is a next page.
    expect((await page(eve, query)).both).toEqual([false, true])
    for (let i = 0; i < 2; i++) await page(eve, query)
    expect(await page(eve, query)).toMatchObject({ columns: ['revisions'], both: [true] })
    await patch(0, { due: null })
    for (let i = 0; i < 3; i++) expect(titles(await page(eve, query))).toEqual(['b', 'a'])
    for (const i of [2, 3]) await patch(i, { due: { date: '2026-12-20' } })
    for (let i = 0; i < 3; i++) expect(titles(await page(eve, query))).toEqual(['c', 'd'])
    expect((await page(eve, query)).both, 'those with a due are enough now').toEqual([false])
    await patch(2, { due: null })
    for (let i = 0; i < 3; i++) expect(titles(await page(eve, query))).toEqual(['d', 'b'])
    expect((await page(eve, query)).both).toEqual([true])
  })

  test('reads all rows where many have changed', async () => {
    for (let i = 0; i < 12; i++) await bob.post(tasks, { title: `b${i}`, labels: ['bulk'] })
    const query = '?limit=50&label=bulk'
    for (let i = 0; i < 3; i++) await page(bob, query)
    const { body } = await bob.get('/api/v1/labels')
    await bob.patch(`/api/v1/labels/${body.items[0].id}`, { name: 'renamed' })
    expect((await page(bob, query)).items).toEqual([])
    for (let i = 0; i < 3; i++) await page(bob, '?limit=50&label=renamed')
    await bob.post(`${tasks}/bulk`, {
      filter: { label: ['renamed'] },
      change: { action: 'set_priority', priority: 'high' },
    })
    const { items, columns } = await page(bob, '?limit=50&label=renamed')
    expect(columns).toEqual(['revisions', 'rows'])
    expect(items).toHaveLength(12)
    for (const item of items) expect(item).toMatchObject({ labels: ['renamed'], priority: 'high' })
  })

  /** From then on the caller's lists wait for their turn, as those of callers who own much. */
  const ownMuch = async ({ id }: User) => {
    await world.deps.db.atomic([
      write(
        rawQuery(`update users set task_count = task_count + ${FEW_TASKS} where id = '${id}'`, []),
        {},
      ),
    ])
    // So long a count is used.
    world.clock.advance(30_000)
  }

  test('is read so for those who own much, too', async () => {
    const dora = await world.register('Dora')
    await dora.post(tasks, { title: 'One' })
    const query = '?limit=10&status=pending&sort=due'
    expect((await page(dora, query)).long).toEqual([false, false])
    await ownMuch(dora)
    for (let i = 0; i < 3; i++) await page(dora, query)
    for (let i = 0; i < 10; i++)
      expect(await page(dora, query)).toMatchObject({ columns: ['revisions'], long: [true] })
  })

  test('is what a first answer is, after random changes', async () => {
    const cleo = await world.register('Cleo')
    const writer = createWriter(randomOf(seed))
    const lists = ['sort=created_at', 'sort=due', 'sort=-updated_at&status=pending']
    for (let step = 0; step < STEPS; step++) {
      if (step === Math.floor(STEPS / 2)) await ownMuch(cleo)
      const { ask } = await writer.write(cleo, cleo.id)
      if (ask.path.includes('import')) await until(() => isQuiet(cleo))
      for (const list of lists) {
        const again = await page(cleo, `?limit=50&${list}`)
        const first = await page(cleo, `?limit=${60 + (step % 140)}&${list}`)
        const said = `step ${step}, SEED=${seed}: ${JSON.stringify(ask)}`
        expect(again.items, said).toEqual(first.items.slice(0, 50))
      }
    }
  })
})
