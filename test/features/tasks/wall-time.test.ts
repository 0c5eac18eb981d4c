// A due or a start says of which kind it is. A request need not say it, and must not contradict
// itself.
import { afterAll, beforeAll, expect, test } from 'vitest'
import { withKind } from '../../../src/features/tasks/index.ts'
import { describeEachDatabase } from '../../support/databases.ts'
import { createWorld, type User, type World } from '../../support/world.ts'

const forms = {
  day: { date: '2027-03-28' },
  floating: { datetime: '2027-03-28T07:15:00' },
  zoned: { datetime: '2027-03-28T02:30:00', time_zone: 'Europe/Berlin' },
} as const
const kinds = Object.keys(forms) as (keyof typeof forms)[]

describeEachDatabase('kinds of times', (open) => {
  let world: World
  let ann: User
  beforeAll(async () => {
    world = await createWorld({ open })
    ann = await world.register('Ann')
  })
  afterAll(() => world.close())
  const make = async (fields: object) =>
    (await ann.post('/api/v1/tasks', { title: 'Sweep', ...fields })).body

  test('every answer names the kind, whether or not the request did', async () => {
    for (const kind of kinds)
      for (const given of [forms[kind], { kind, ...forms[kind] }]) {
        const whole = { kind, ...forms[kind] }
        const key = { 'Idempotency-Key': crypto.randomUUID() }
        const body = { title: kind, start: given, due: given }
        const { body: made, headers } = await ann.post('/api/v1/tasks', body, key)
        const path = headers.get('Location') as string
        expect([made.start, made.due], kind).toEqual([whole, whole])
        expect((await ann.post('/api/v1/tasks', body, key)).body).toEqual(made)
        expect((await ann.get(path)).body).toEqual(made)
        expect((await ann.get('/api/v1/tasks?limit=1&sort=-created_at')).body.items).toEqual([made])
        for (const same of [
          await ann.patch(path, { start: given, due: given }),
          await ann.put(path, made, { 'If-Match': '*' }),
          await ann.put(path, { ...made, start: given }, { 'If-Match': '*' }),
          await ann.post(`${path}/reopen`),
        ])
          expect(same.body, 'nothing changed').toEqual(made)
      }
  })

  test('a kind that the fields are not of is refused, in POST, PUT and PATCH', async () => {
    // With no time yet, there is nothing that a patch could be merged into.
    const task = await make({})
    const path = `/api/v1/tasks/${task.id}`
    for (const kind of kinds)
      for (const other of kinds.filter((name) => name !== kind)) {
        const due = { kind: other, ...forms[kind] }
        for (const refused of [
          await ann.post('/api/v1/tasks', { title: 'x', due }),
          await ann.put(path, { title: 'x', due }, { 'If-Match': '*' }),
          await ann.post('/api/v1/tasks', { title: 'x', start: due }),
        ])
          expect(
            [refused.status, refused.body.errors?.[0]?.pointer],
            `${other} with the fields of ${kind}`,
          ).toEqual([422, expect.stringMatching(/^\/(due|start)\/(kind|time_zone)$/)])
        expect((await ann.patch(path, { due })).status, `${other} on ${kind}`).toBe(422)
      }
    expect((await ann.get(path)).body).toEqual(task)
  })

  test('a patch that names a kind makes that kind of time, of any other', async () => {
    for (const from of kinds)
      for (const kind of kinds) {
        const { id } = await make({ due: forms[from] })
        const { status, body } = await ann.patch(`/api/v1/tasks/${id}`, {
          due: { kind, ...forms[kind] },
        })
        expect([status, body.due], `${from} to ${kind}`).toEqual([200, { kind, ...forms[kind] }])
      }
    const { id } = await make({ due: forms.zoned })
    const due = async (patch: object) => {
      const { status, body } = await ann.patch(`/api/v1/tasks/${id}`, { due: patch })
      return status === 200 ? body.due : [status, body.errors[0].pointer, body.errors[0].code]
    }
    const { datetime } = forms.zoned
    expect(await due({ kind: 'floating' })).toEqual({ kind: 'floating', datetime })
    expect(await due({ kind: 'zoned' })).toEqual([422, '/due', 'wall_time'])
    expect(await due({ time_zone: 'Asia/Tokyo' })).toEqual({
      kind: 'zoned',
      datetime,
      time_zone: 'Asia/Tokyo',
    })
    expect(await due({ kind: 'day' })).toEqual([422, '/due', 'wall_time'])
    expect(await due({ kind: 'floating', time_zone: 'UTC' })).toEqual([422, '/due', 'wall_time'])
    expect(await due({ kind: 'week', date: '2027-01-01' })).toEqual([
      422,
      '/due/kind',
      'invalid_value',
    ])
  })
})

test('an answer that an older version kept gets its kinds when it is repeated', () => {
  for (const kind of kinds) {
    const kept = JSON.stringify({ title: 'x', due: forms[kind], start: null })
    expect(JSON.parse(kept, withKind)).toEqual({
      title: 'x',
      due: { kind, ...forms[kind] },
      start: null,
    })
  }
  const present = { due: { kind: 'day', date: '2027-01-01' }, labels: ['due', 'start'] }
  expect(JSON.parse(JSON.stringify(present), withKind)).toEqual(present)
})
