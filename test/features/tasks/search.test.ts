// Searches go through an account window by window: they find what one statement would find, on
// every database.
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Ctx, onBehalfOf } from '../../../src/core/context.ts'
import type { Place } from '../../../src/core/paging.ts'
import { conditionsOf } from '../../../src/features/tasks/filter.ts'
import { type TaskFilters, taskFilters } from '../../../src/features/tasks/filter-schemas.ts'
import { orderOf, placeOfTask } from '../../../src/features/tasks/order.ts'
import { pageOfTasks } from '../../../src/features/tasks/pages.ts'
import { type Pace, searchTasks } from '../../../src/features/tasks/search.ts'
import { describeEachDatabase } from '../../support/databases.ts'
import { createWorld, type User, type World } from '../../support/world.ts'

const sorts = ['created_at', 'updated_at', 'due', 'priority', 'position', 'title'] as const
const directions = ['', '-'] as const
const priorities = ['none', 'low', 'high'] as const
const COUNT = 40
/** Windows of seven tasks; whatever time they take. */
const small = { first: { indexed: 7, unindexed: 7 }, budgetMs: Number.POSITIVE_INFINITY }

describeEachDatabase('searches', (open) => {
  let world: World
  let ann: User
  let bob: User
  let ctx: Ctx
  beforeAll(async () => {
    world = await createWorld({ open })
    ann = await world.register('Ann')
    bob = await world.register('Bob')
    await bob.post('/api/v1/tasks', { title: 'A stork of Bob’s' })
    for (let i = 0; i < COUNT; i++)
      await ann.post('/api/v1/tasks', {
        title: `${'cab'[i % 3]} ${i % 4 === 0 ? 'Störche' : 'gulls'} ${(i * 7) % COUNT}`,
        description: i % 5 === 0 ? 'a STORK on the roof' : '',
        priority: priorities[i % 3],
        ...(i % 2 === 0 && { due: { date: `2026-12-${String((i % 9) + 10)}` } }),
        labels: i % 3 === 0 ? ['birds', 'roof'] : [],
      })
    ctx = onBehalfOf({ ...world.deps, quotas: world.deps.config.quotas }, ann.id)
  })
  afterAll(() => world.close())

  const filtersOf = (filters: Partial<TaskFilters>) =>
    conditionsOf({ deleted: false, ...filters } as TaskFilters, {
      nowMs: world.clock.now(),
      zone: 'UTC',
    })

  const walk = async (
    filters: Partial<TaskFilters>,
    sort: TaskFilters['sort'],
    limit: number,
    pace: Pace,
  ) => {
    const order = orderOf(sort)
    const conditions = filtersOf(filters)
    const ids: string[] = []
    let pages = 0
    let place: Place | undefined
    do {
      const found = await searchTasks(ctx, { order, conditions, limit, place }, pace)
      ids.push(...found.tasks.map(({ id }) => id))
      const last = found.tasks.at(-1)
      place =
        found.stoppedAt ??
        (found.tasks.length === limit && last ? placeOfTask(order, last) : undefined)
      pages++
    } while (place)
    return { ids, pages }
  }
  const whole = async (filters: Partial<TaskFilters>, sort: TaskFilters['sort']) => {
    const listed = {
      order: orderOf(sort),
      conditions: filtersOf(filters),
      limit: 1000,
      place: undefined,
    }
    const tasks = await pageOfTasks(ctx, {
      ...listed,
      read: ({ whole, values }) => ctx.db.all(whole, values),
    })
    return tasks.map(({ id }) => id)
  }
  const searches: Partial<TaskFilters>[] = [
    { q: 'stork' },
    { q: 'störche' },
    { q: 'gulls', label: ['birds'] },
    { q: 'roof', priority: ['none', 'high'], status: ['pending'] },
    { q: 'absent' },
  ]

  test.each(directions.flatMap((direction) => sorts.map((sort) => `${direction}${sort}` as const)))(
    'by %s find the same as one statement, in the same order',
    async (sort) => {
      for (const search of searches) {
        const expected = await whole(search, sort)
        expect((await walk(search, sort, 1000, small)).ids, JSON.stringify(search)).toEqual(
          expected,
        )
        expect(
          (await walk(search, sort, 3, small)).ids,
          `${JSON.stringify(search)} in pages of three`,
        ).toEqual(expected)
      }
      expect(await whole({ q: 'stork' }, sort)).toHaveLength(COUNT / 5)
    },
  )

  test.each(['created_at', '-updated_at', 'due', 'title'] as const)(
    'by %s that run out of time end their page, and the next one goes on from there',
    async (sort) => {
      const { ids, pages } = await walk({ q: 'stork' }, sort, 1000, { ...small, budgetMs: -1 })
      expect(ids).toEqual(await whole({ q: 'stork' }, sort))
      expect(pages).toBeGreaterThan(3)
    },
  )

  test('with as many values as filters take fit into a statement', async () => {
    const ids = Array.from({ length: 16 }, () => world.deps.ids.next())
    const filters = {
      project_id: ids,
      parent_id: ids,
      label: Array.from({ length: 16 }, (_, i) => `label ${i}`),
      status: ['pending', 'in_progress', 'completed', 'cancelled'] as TaskFilters['status'],
      priority: ['none', 'low', 'medium', 'high', 'urgent'] as TaskFilters['priority'],
      due_before: { ms: world.clock.now() },
      due_after: { ms: 0 },
      overdue: true,
      deadline_before: '2027-01-01',
      deadline_after: '2026-01-01',
      blocked: true,
      external_id: 'ours:7',
      updated_since: 0,
      q: 'one two three four five six seven eight nine ten',
      deleted: true,
    }
    expect(Object.keys(filters).sort()).toEqual(
      Object.keys(taskFilters)
        .filter((name) => name !== 'sort')
        .sort(),
    )
    for (const sort of sorts) expect((await walk(filters, sort, 3, small)).ids).toEqual([])
  })

  test('by HTTP: a page that ended early has a cursor, and all pages together have each task once', async () => {
    const ids: string[] = []
    let cursor = ''
    do {
      const { status, body } = await ann.get(
        `/api/v1/tasks?q=gulls&limit=7${cursor && `&cursor=${cursor}`}`,
      )
      expect(status).toBe(200)
      ids.push(...body.items.map(({ id }: { id: string }) => id))
      cursor = body.next_cursor ?? ''
    } while (cursor)
    expect(ids).toHaveLength((COUNT * 3) / 4)
    expect(new Set(ids).size).toBe(ids.length)
    expect((await bob.get('/api/v1/tasks?q=gulls')).body.items).toEqual([])
  })
})
