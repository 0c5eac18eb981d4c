// What a large change counts against its user's limit: by the tasks that it changes, whatever chunks
// it takes for that, and however often one of them was tried.
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { type Ctx, onBehalfOf } from '../../src/core/context.ts'
import { bulkChange } from '../../src/features/tasks/bulk-change.ts'
import { deleteTask } from '../../src/features/tasks/delete.ts'
import { emptyTrash } from '../../src/features/tasks/purge.ts'
import { type Chunked, openChunked, ROWS } from '../support/chunks.ts'
import { describeEachDatabase } from '../support/databases.ts'
import type { User, World } from '../support/world.ts'

/** Several chunks. */
const MANY = 3 * ROWS + 1
const one = { ifMatch: undefined }

describeEachDatabase('the points of large changes', (open) => {
  let chunked: Chunked
  let world: World
  let ann: User
  let ctx: Ctx
  let points: number
  beforeAll(async () => {
    chunked = await openChunked(open)
    world = chunked.world
  })
  afterAll(() => chunked.close())
  let users = 0
  beforeEach(async () => {
    ann = await world.register(`Ann${users++}`)
    points = 0
    const charge = (more: number) => {
      points += more
    }
    const made = onBehalfOf({ ...world.deps, quotas: world.deps.config.quotas }, ann.id)
    // Without what long reads count, which depends on the machine.
    const all: typeof made.db.all = (query, values) => made.db.all(query, values)
    ctx = { ...made, charge, db: { ...made.db, all } }
  })

  const make = async (fields: object = {}): Promise<{ id: string }> =>
    (await ann.post('/api/v1/tasks', { title: 'Sweep', ...fields })).body
  const makeMany = async (fields: object = {}) => {
    for (let i = 0; i < MANY; i++) await make(fields)
  }

  test('of all tasks that a filter finds: a fiftieth for each, also where a chunk is tried again', async () => {
    await makeMany()
    const setTo = (priority: 'high' | 'low') => {
      const change = { action: 'set_priority', priority } as const
      return bulkChange(ctx, { filter: { status: ['pending'] }, change, dry_run: false })
    }
    expect(await setTo('high')).toMatchObject({ changed: MANY })
    expect(points).toBeCloseTo(MANY / 50)
    points = 0
    let overtakes = false
    const { items } = (await ann.get('/api/v1/tasks?limit=200')).body
    chunked.before(2, async () => {
      overtakes = true
      for (const { id } of items) await ann.patch(`/api/v1/tasks/${id}`, { title: 'Mop' })
    })
    expect(await setTo('low')).toMatchObject({ changed: MANY })
    expect(overtakes).toBe(true)
    expect(points).toBeCloseTo(MANY / 50)
  })

  test('of a tree: by its rows, three or four a task', async () => {
    const root = await make()
    await makeMany({ parent_id: root.id })
    await deleteTask(ctx, { ...one, id: root.id })
    expect(points).toBeGreaterThan(MANY / 250)
    expect(points).toBeLessThan((3 * MANY) / 250)
  })

  test('of what is deleted for good: one for 64 tasks', async () => {
    await makeMany()
    for (const { id } of (await ann.get('/api/v1/tasks?limit=200')).body.items)
      await ann.delete(`/api/v1/tasks/${id}`)
    await emptyTrash(ctx)
    expect(points).toBeGreaterThanOrEqual(MANY / 64)
    expect(points).toBeLessThan(MANY / 64 + 1)
  })
})
