// Completing a recurring task stores an occurrence, and needs no room for it in the quota of bytes.
import { afterAll, beforeAll, expect, test } from 'vitest'
import { repairBytes } from '../../../../src/core/stored-bytes.ts'
import type { Client } from '../../../support/client.ts'
import { describeEachDatabase } from '../../../support/databases.ts'
import { type Recurring, recurringWorld } from '../../../support/recurring.ts'
import { createWorld } from '../../../support/world.ts'

describeEachDatabase('the quota and the history of recurring tasks', (open) => {
  let r: Recurring
  beforeAll(async () => {
    r = await recurringWorld(open)
    await r.make({ description: 'x'.repeat(8_000) })
  })
  afterAll(() => r.close())

  const daily = { due: { date: '2026-11-23' }, recurrence: { rule: 'FREQ=DAILY', missed: 'keep' } }
  const stored = async (): Promise<number> =>
    (await r.owner.get('/api/v1/me')).body.quotas.bytes.used
  /** The same user on the same database, with this quota. */
  const limitedTo = async (bytes: number): Promise<Client> => {
    const limited = await createWorld({
      open: async () => ({ db: r.world.deps.db, close: async () => {} }),
      clock: r.world.clock,
      env: { QUOTA_BYTES: String(bytes) },
    })
    return limited.client(r.owner.token)
  }
  const expectRightBytes = async () => {
    const { deps } = r.world
    const actor = { kind: 'system', userId: r.owner.id, subject: r.owner.id } as const
    const ctx = { ...deps, quotas: deps.config.quotas, actor }
    expect(await repairBytes(ctx, r.owner.id)).toBe(false)
  }

  test('completing, skipping and reopening go on in an account that is over it, by each way', async () => {
    const task = await r.make(daily)
    const other = await r.make({ ...daily, priority: 'urgent' })
    const before = await stored()
    const over = await limitedTo(before - 1)
    const post = async (path: string, body?: object) => {
      const { status, text } = await over.post(path, body)
      expect(status, text).toBe(200)
      return JSON.parse(text)
    }
    await post(r.path(task, '/complete'))
    await post(r.path(task, '/skip'))
    await post(r.path(task, '/reopen'))
    await over.patch(r.path(task), { status: 'completed' })
    await post(`/api/${r.owner.id}/tasks/${task.id}/complete`, { completed: true })
    expect(await r.get(task)).toMatchObject({ status: 'pending', due: { date: '2026-11-26' } })

    const change = { filter: { priority: ['urgent'] }, change: { action: 'complete' } }
    expect(await post('/api/v1/tasks/bulk', change)).toMatchObject({ changed: 1, refused: [] })
    const [first, second] = [task, other].map(({ id }) => ({
      operation: 'completeTask',
      params: { id },
    }))
    const grows = { operation: 'createTask', params: { body: { title: 'No room' } } }
    const { results } = await post('/api/v1/batch', { operations: [first, grows, second] })
    expect(results.map(({ status }: { status: number }) => status)).toEqual([200, 403, 200])
    expect(await r.get(other)).toMatchObject({ due: { date: '2026-11-25' } })

    expect(await stored(), 'it counts').toBeGreaterThan(before + 6 * 256)
    await expectRightBytes()
  })

  test('what stores more besides needs room, and so does the answer for an Idempotency-Key', async () => {
    const task = await r.make(daily)
    const over = await limitedTo((await stored()) - 1)
    const refused = [
      await over.patch(r.path(task), { status: 'completed', description: 'Longer' }),
      await over.post(r.path(task, '/complete'), undefined, { 'Idempotency-Key': 'kept' }),
    ]
    expect(refused.map(({ body }) => body.code)).toEqual(['quota_exceeded', 'quota_exceeded'])
    const shorter = await over.patch(r.path(task), { status: 'completed', title: 'Water' })
    expect(shorter.body).toMatchObject({ title: 'Water', due: { date: '2026-11-24' } })
    await expectRightBytes()
  })

  test('the history ends at twice the quota', async () => {
    const [task, once] = [await r.make(daily), await r.make({})]
    const before = await stored()
    await r.complete(task)
    const quota = Math.ceil((await stored()) / 2) // with room for one occurrence
    await r.reopen(task)
    const over = await limitedTo(quota)
    expect((await over.post(r.path(task, '/complete'))).status).toBe(200)
    const { status, body } = await over.post(r.path(task, '/complete'))
    expect([status, body.code]).toEqual([403, 'quota_exceeded'])
    expect(body.detail).toContain('The history of recurring tasks may pass that')
    expect((await over.post(r.path(once, '/complete'))).status, 'a plain task').toBe(200)
    expect((await over.post(r.path(task, '/reopen'))).status).toBe(200)
    expect(await stored()).toBe(before)
  })
})
