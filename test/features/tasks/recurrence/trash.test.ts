// What becomes of the history of tasks that are deleted for good, and of its bytes in the quota.
import { sql } from 'drizzle-orm'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { repairBytes } from '../../../../src/core/stored-bytes.ts'
import { query } from '../../../../src/db/statement.ts'
import { describeEachDatabase } from '../../../support/databases.ts'
import { maintainFor } from '../../../support/maintenance.ts'
import { type Recurring, recurringWorld } from '../../../support/recurring.ts'

describeEachDatabase('the history of deleted tasks', (open) => {
  let r: Recurring
  beforeAll(async () => {
    r = await recurringWorld(open)
  })
  afterAll(() => r.close())

  const rows = async () => {
    const { db } = r.world.deps
    const { q, t } = db.dialect
    const count = sql<number>`count(*)`.mapWith(Number).as('n')
    const counted = query<{ n: number }>(q.select({ n: count }).from(t.taskOccurrences))
    return (await db.one(counted, {}))?.n
  }
  /** Whether the bytes that are counted are those that there are. */
  const areRight = async () => {
    const { deps } = r.world
    const actor = { kind: 'system', userId: r.owner.id, subject: r.owner.id } as const
    return !(await repairBytes({ ...deps, quotas: deps.config.quotas, actor }, r.owner.id))
  }

  test('it goes with them, in batches, and counts in the quota until then', async () => {
    const due = { date: '2026-11-23' }
    const recurrence = { rule: 'FREQ=DAILY', missed: 'keep' }
    const [gone, kept] = [await r.make({ due, recurrence }), await r.make({ due, recurrence })]
    for (let i = 0; i < 70; i++) await r.complete(gone)
    await r.reopen(gone)
    await r.complete(kept)
    expect([await rows(), await areRight()]).toEqual([70, true])
    await r.ann.delete(r.path(gone))
    await maintainFor({ ...r.world, clock: r.world.clock }, 24 * 3, { trashDays: 1 })
    expect((await r.ann.get(r.path(gone))).status).toBe(404)
    expect([await rows(), await areRight()]).toEqual([1, true])
  })

  test.each(['the task', 'the whole trash'])(
    'it goes when %s is deleted for good',
    async (what) => {
      const due = { date: '2026-11-23' }
      const before = await rows()
      const gone = await r.make({ due, recurrence: { rule: 'FREQ=DAILY', missed: 'keep' } })
      const below = await r.make({ parent_id: gone.id, due, recurrence: { rule: 'FREQ=DAILY' } })
      for (let i = 0; i < 66; i++) await r.complete(gone)
      await r.complete(below)
      await r.ann.delete(r.path(gone))
      const path = what === 'the task' ? `${r.path(gone)}?permanent=true` : '/api/v1/trash'
      expect((await r.ann.delete(path)).status).toBe(204)
      expect((await r.ann.get(r.path(gone))).status).toBe(404)
      expect([await rows(), await areRight()]).toEqual([before, true])
    },
  )
})
