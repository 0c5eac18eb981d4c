// What becomes of the reminders of an occurrence that is completed, and undone.
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { fireDue } from '../../../../src/features/reminders/index.ts'
import { describeEachDatabase } from '../../../support/databases.ts'
import { type Recurring, recurringWorld } from '../../../support/recurring.ts'

const day = (date: string) => ({ kind: 'day', date })
const onTheDay = { kind: 'days', before: 'due', days: 0, time: null }
const instant = (at: string) => ({ kind: 'instant', at })

describeEachDatabase('reminders of occurrences', (open) => {
  let r: Recurring
  beforeAll(async () => {
    r = await recurringWorld(open)
  })
  afterAll(() => r.close())
  beforeEach(async () => {
    r.at('2026-11-23T09:00:00Z')
    await r.setZone('Europe/Berlin')
  })

  const system = () => ({ ...r.world.deps, quotas: r.world.deps.config.quotas })
  const daily = (rule = 'FREQ=DAILY') =>
    r.make({ due: day('2026-11-23'), recurrence: { rule, missed: 'keep' } })
  const remind = async (task: { id: string }, trigger: object) =>
    (await r.ann.post(r.path(task, '/reminders'), { trigger })).body
  const reminders = async (task: { id: string }) =>
    (await r.ann.get(r.path(task, '/reminders'))).body.items.map(
      ({ trigger, fire_at, status }: { trigger: object; fire_at: string; status: string }) => ({
        trigger,
        fire_at,
        status,
      }),
    )

  test('undoing an occurrence gives what waits its time by the settings of now', async () => {
    const task = await daily()
    await remind(task, onTheDay)
    await remind(task, { kind: 'floating', datetime: '2026-11-23T18:00' })
    await r.complete(task)
    await r.setZone('Asia/Tokyo')
    await r.reopen(task)
    expect(await reminders(task)).toMatchObject([
      { fire_at: '2026-11-23T00:00:00.000Z', status: 'pending' },
      { fire_at: '2026-11-23T09:00:00.000Z', status: 'pending' },
    ])
  })

  test('what has fired has fired when its occurrence is undone in another zone', async () => {
    const task = await daily()
    const { id } = await remind(task, onTheDay)
    await fireDue(system())
    const before = (await r.ann.get(`/api/v1/reminders/${id}`)).body
    expect(before.status).toBe('fired')
    await r.complete(task)
    await r.setZone('America/New_York')
    await r.reopen(task)
    expect((await reminders(task))[0]).toMatchObject({
      fire_at: before.fire_at,
      status: 'fired',
    })
  })

  test('undoing brings reminders back also where the due was edited back before', async () => {
    const task = await daily()
    const own = instant('2026-11-23T15:00:00.000Z')
    await remind(task, own)
    await r.complete(task)
    expect((await reminders(task))[0].trigger).toEqual(instant('2026-11-24T15:00:00.000Z'))
    await r.patch(task, { due: { date: '2026-11-23' } })
    await r.reopen(task)
    expect((await reminders(task))[0].trigger).toEqual(own)
  })

  test('they go along also to an occurrence on the day to which this one was postponed', async () => {
    const task = await daily()
    await remind(task, onTheDay)
    await r.patch(task, { due: { date: '2026-11-24' } })
    r.at('2026-11-24T09:00:00Z')
    await fireDue(system())
    await r.complete(task)
    expect((await reminders(task))[0]).toMatchObject({
      fire_at: '2026-11-24T08:00:00.000Z',
      status: 'pending',
    })
  })

  test('a reminder set anew while the last occurrence is done keeps its time', async () => {
    const task = await daily('FREQ=DAILY;COUNT=1')
    const { id } = await remind(task, instant('2026-11-23T15:00:00.000Z'))
    await r.complete(task)
    const later = instant('2026-11-25T15:00:00.000Z')
    await r.ann.patch(`/api/v1/reminders/${id}`, { trigger: later })
    expect((await r.reopen(task)).status).toBe('pending')
    expect((await reminders(task))[0].trigger).toEqual(later)
  })
})
