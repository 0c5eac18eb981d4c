// What clients keep with a task: `extra`.
import { describe, expect, test } from 'vitest'
import { createWorld } from '../../support/world.ts'

const world = await createWorld()
const ann = await world.register('Ann')
const tasks = '/api/v1/tasks'
const texts = (count: number, length = 1) =>
  Object.fromEntries(Array.from({ length: count }, (_, i) => [`f${i}`, 'x'.repeat(length)]))

describe('what a client keeps with a task', () => {
  test('is taken, answered, merged by a PATCH, replaced by a PUT', async () => {
    const { body: made } = await ann.post(tasks, { title: 'Tax', extra: { invoice: '117', ü: '' } })
    expect(made.extra).toEqual({ invoice: '117', ü: '' })
    const patched = await ann.patch(`${tasks}/${made.id}`, { extra: { invoice: null, note: 'a' } })
    expect(patched.body.extra).toEqual({ ü: '', note: 'a' })
    expect((await ann.get(`${tasks}/${made.id}`)).body.extra).toEqual({ ü: '', note: 'a' })
    const put = await ann.put(
      `${tasks}/${made.id}`,
      { title: 'Tax' },
      { 'If-Match': `"${patched.body.rev}"` },
    )
    expect(put.body.extra).toEqual({})
    expect((await ann.post(tasks, { title: 'None' })).body.extra).toEqual({})
  })

  test.each([
    ['a text', 'x'],
    ['a list', ['x']],
    ['null', null],
    ['a number in it', { count: 1 }],
    ['an object in it', { a: { b: 'c' } }],
    ['a name without a character', { '': 'x' }],
    ['a control character in a name', { 'a\u0007': 'x' }],
    ['a line end in a name', { 'a\nb': 'x' }],
    ['NUL', { a: '\0' }],
    ['half of a character', { a: '\ud800' }],
    ['21 texts', texts(21)],
    ['more than 4 KiB', texts(2, 2_048)],
    ['70,000 texts', texts(70_000)],
  ])('%s is refused', async (_, extra) => {
    const { status, body } = await ann.post(tasks, { title: 'Tax', extra })
    expect([status, body.errors]).toEqual([
      422,
      expect.arrayContaining([expect.objectContaining({ pointer: '/extra', code: 'extra' })]),
    ])
  })

  test('a patch that would make it too much is refused, and changes nothing', async () => {
    const { body } = await ann.post(tasks, { title: 'Full', extra: texts(20) })
    const { status } = await ann.patch(`${tasks}/${body.id}`, { extra: { more: 'x' } })
    expect(status).toBe(422)
    expect((await ann.get(`${tasks}/${body.id}`)).body).toEqual(body)
  })

  test('its bytes are counted, and given back', async () => {
    const used = async () => (await ann.get('/api/v1/me')).body.quotas.bytes.used
    const { body } = await ann.post(tasks, { title: 'Bytes', extra: { a: 'ü'.repeat(100) } })
    const before = await used()
    await ann.patch(`${tasks}/${body.id}`, { extra: { a: null } })
    expect(before - (await used())).toBe(JSON.stringify({ a: 'ü'.repeat(100) }).length + 100)
  })
})
