// A page of changes ends where its texts are long, so that no answer has several megabytes.
import { expect, onTestFinished, test } from 'vitest'
import { fitting, thingsOf } from '../../../src/features/sync/page-length.ts'
import { noThings, type Things } from '../../../src/features/sync/things.ts'
import { describeEachDatabase } from '../../support/databases.ts'
import { createWorld } from '../../support/world.ts'

const LONG = 1_000_000
type Task = { readonly id: string; readonly title: string }

describeEachDatabase('pages of changes with long texts', (open) => {
  test('have some million characters at most, and together each thing once', async () => {
    const world = await createWorld({ open })
    onTestFinished(() => world.close())
    const ann = await world.register('Ann')
    const description = 'x'.repeat(60_000)
    for (let i = 0; i < 40; i++)
      await ann.post('/api/v1/tasks', { title: `t${i}`, ...(i % 10 < 9 && { description }) })
    for (const round of ['the first time', 'when it is known that they are long']) {
      const titles: string[] = []
      const lengths: number[] = []
      for (let query = ''; ; ) {
        const { status, text, body } = await ann.get(`/api/v1/changes${query}`)
        expect(status, text).toBe(200)
        lengths.push(text.length)
        titles.push(...body.tasks.map(({ title }: Task) => title))
        if (!body.has_more) break
        query = `?since=${body.token}`
      }
      expect(Math.max(...lengths), round).toBeLessThan(LONG + 100_000)
      expect(lengths.length, round).toBeLessThan(5)
      expect(titles, round).toEqual(Array.from({ length: 40 }, (_, i) => `t${i}`))
    }
  })
})

test('reminders and what clients keep count, and one entry always fits', () => {
  const tasks = ['a', 'b', 'c'].map((id) => {
    const texts = { title: '', description: '', url: null, labels: [] }
    return { id, ...texts, extra: { kept: 'x'.repeat(id === 'c' ? 0 : 3_000) } }
  }) as unknown as Things['tasks'][number][]
  const reminders = new Map(
    Array.from({ length: 20 }, (_, i) => [`r${i}`, { id: `r${i}`, task_id: 'c' }]),
  ) as unknown as Things['reminders']
  const things: Things = { ...noThings(), tasks, reminders }
  const entries = ['a', 'b', 'c'].map(
    (id, i) => ({ seq: i, id, entity: 'task', gone: false }) as const,
  )
  expect([1, 3_500, 7_000, 20_000].map((most) => fitting(entries, things, most))).toEqual([
    1, 1, 2, 3,
  ])
  const two = thingsOf(entries.slice(0, 2), things)
  expect([two.tasks.length, two.reminders.size]).toEqual([2, 0])
  expect(thingsOf(entries.slice(2), things).reminders.size).toBe(20)
})
