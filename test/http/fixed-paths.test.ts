import { expect, test } from 'vitest'
import { FixedPathsFirst } from '../../src/http/fixed-paths.ts'
import { createV1 } from '../../src/http/v1/index.ts'
import { createWorld } from '../support/world.ts'

test('a fixed path comes before one with a parameter, in each method alone', () => {
  const router = new FixedPathsFirst<string>()
  router.add('POST', '/tasks/:id/move', 'move')
  router.add('GET', '/tasks/:id', 'one')
  router.add('POST', '/tasks/bulk', 'bulk')
  const found = (method: string, path: string) =>
    router.match(method, path)[0].map(([handler]) => handler)
  expect(found('POST', '/tasks/bulk')).toEqual(['bulk'])
  expect(found('GET', '/tasks/bulk')).toEqual(['one'])
  expect(found('POST', '/tasks/a/move')).toEqual(['move'])
  expect(found('POST', '/tasks/bulk/move')).toEqual(['move'])
  expect(found('POST', '/tasks/a')).toEqual([])
  expect(found('PUT', '/tasks/bulk')).toEqual([])
})

test('the API has the paths that its router can take, and answers each that there is', async () => {
  const world = await createWorld()
  const v1 = createV1(world.deps)
  for (const { method, path } of v1.routes.filter(({ method }) => method !== 'ALL'))
    expect(v1.router.match(method, path.replace(/:\w+/g, 'x'))[0], `${method} ${path}`).not.toEqual(
      [],
    )
  expect(v1.router.name).toBe('FixedPathsFirst')
  await world.close()
})
