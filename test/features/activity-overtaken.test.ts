// Pages of what happened while more of it happens: a page of some types, or of a project, looks at so
// many events of the account, and where they end is read by a statement of its own.
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createIds, type Ids } from '../../src/core/ids.ts'
import { slices } from '../../src/core/slices.ts'
import type { Database } from '../../src/db/database.ts'
import { compile, everyColumn, write } from '../../src/db/statement.ts'
import { describeEachDatabase } from '../support/databases.ts'
import { createWorld, type User, type World } from '../support/world.ts'

describeEachDatabase('activity that is overtaken', (open) => {
  let world: World
  let ann: User
  let project: string
  let ids: Ids
  /** Runs behind the next page of events that is read. */
  let act: (() => Promise<void>) | undefined
  beforeAll(async () => {
    const { db, close } = await open()
    const all: Database['all'] = async (query, ...rest) => {
      const rows = await db.all(query, ...rest)
      const run = query.text.includes('as looked') ? act : undefined
      if (run) act = undefined
      await run?.()
      return rows
    }
    world = await createWorld({ open: async () => ({ db: { ...db, all }, close }) })
    ids = createIds(world.clock)
    ann = await world.register('Ann')
    project = (await ann.get('/api/v1/projects')).body.items[0].id
  })
  afterAll(() => world.close())

  let seq = 1_000
  const add = async (
    count: number,
    of: { readonly type: string; readonly project: string | null },
  ) => {
    const { db } = world.deps
    const { events } = db.dialect.t
    const insert = compile(db.dialect.q.insert(events).values(everyColumn(events)))
    const at = new Date(world.clock.now()).toISOString()
    const writes = Array.from({ length: count }, () => {
      const [id, task] = [ids.next(), ids.next()]
      return write(insert, {
        ...{ id, seq: ++seq, type: of.type, at, data: {} },
        ...{ ownerId: ann.id, userId: null, actorId: ann.id, credential: 'test' },
        ...{ projectId: of.project, taskId: task, entity: 'task', entityId: task },
      })
    })
    for (const some of slices(writes, 200)) await db.atomic(some)
  }

  test.each(['of some types', 'of a project'])(
    'a page %s that others overtake: no event is on two pages',
    async (which) => {
      const own = which === 'of a project'
      const path = own ? `/projects/${project}/activity?` : '/activity?type=task.skipped&'
      const rare = { type: 'task.skipped', project }
      const others = { type: 'task.updated', project: null }
      await add(3, rare)
      await add(1_990, others)
      act = () => add(20, others)
      const found: string[] = []
      for (let cursor: string | null = ''; cursor !== null; ) {
        const { body } = await ann.get(`/api/v1${path}limit=200${cursor && `&cursor=${cursor}`}`)
        found.push(...body.items.map(({ id }: { id: string }) => id))
        cursor = body.next_cursor
      }
      expect(act, 'others came in between').toBeUndefined()
      expect(found.length).toBeGreaterThanOrEqual(3)
      expect(found).toEqual([...new Set(found)])
      await add(2_000, others)
    },
  )
})
