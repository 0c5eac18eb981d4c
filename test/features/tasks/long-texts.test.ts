// Pages of tasks with long descriptions: read where they hold up no other request, and all there.
import { expect, test } from 'vitest'
import { hasLongTexts } from '../../../src/features/tasks/long-texts.ts'
import { createWorld } from '../../support/world.ts'

const world = await createWorld()
const tasks = '/api/v1/tasks'

test('a page of long descriptions is remembered, until one is short again', async () => {
  const [ann, bob] = [await world.register('Ann'), await world.register('Bob')]
  const contextOf = (userId: string) => ({
    ...world.deps,
    quotas: world.deps.config.quotas,
    actor: { kind: 'system', userId, subject: userId } as const,
  })
  const description = 'Sweep.\n'.repeat(9_000)
  for (let i = 0; i < 9; i++) await ann.post(tasks, { title: `Long ${i}`, description })
  await bob.post(tasks, { title: 'Long', description })
  const first = await ann.get(tasks)
  expect(first.body.items).toHaveLength(9)
  expect([hasLongTexts(contextOf(ann.id)), hasLongTexts(contextOf(bob.id))]).toEqual([true, false])
  expect((await ann.get(tasks)).body).toEqual(first.body)
  expect((await ann.get(`${tasks}?q=sweep&limit=2`)).body.items).toHaveLength(2)
  expect(hasLongTexts(contextOf(ann.id))).toBe(false)
})
