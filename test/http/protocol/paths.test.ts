import { describe, expect, test } from 'vitest'
import { groupBy } from '../../../src/core/group-by.ts'
import { operationsOf } from '../../support/document.ts'
import { coded, openWith, task, withUnknownId } from './open.ts'

describe('paths and methods', () => {
  test('a path that leads nowhere is 404, with and without a token', async () => {
    const { world, ann } = await openWith()
    for (const path of [
      '/api/v1/',
      '/api/v1/nothing',
      '/api/v1/tasks/',
      '/api/v1/tasks/x/y',
      '/api',
      '/nothing',
      '/docs/',
    ])
      for (const client of [ann, world.anonymous])
        expect(coded(await client.get(path)), path).toEqual([404, 'not_a_route'])
  })

  test('a malformed id is 404, an id in upper case is the same id', async () => {
    const { ann } = await openWith()
    const { id } = await task(ann)
    for (const malformed of ['x', id.slice(1), `${id}0`, `{${id}}`, '%00', 'null'])
      expect(coded(await ann.get(`/api/v1/tasks/${malformed}`)), malformed).toEqual([
        404,
        'not_found',
      ])
    expect((await ann.get(`/api/v1/tasks/${id.toUpperCase()}`)).body.id).toBe(id)
  })

  test('each path of the document takes its methods and no other, and says so in Allow', async () => {
    const { world, ann } = await openWith()
    const byPath = groupBy(operationsOf(world.document), ({ path }) => path)
    for (const [path, operations] of byPath) {
      const methods = operations.map(({ method }) => method)
      const allowed = [...methods, ...(methods.includes('GET') ? ['HEAD'] : []), 'OPTIONS']
      for (const method of ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD', 'PROPFIND'].filter(
        (one) => !allowed.includes(one),
      )) {
        // There is no task of the id `bulk`.
        if (path === '/api/v1/tasks/bulk') continue
        const answer = await ann.send(method, withUnknownId(path))
        expect(
          [answer.status, answer.headers.get('Allow')?.split(', ').sort()],
          `${method} ${path}`,
        ).toEqual([405, allowed.sort()])
        if (method !== 'HEAD') expect(answer.body.code).toBe('method_not_allowed')
      }
    }
  })

  test('HEAD is GET without a body', async () => {
    const { world, ann } = await openWith()
    const { id } = await task(ann)
    for (const path of [
      '/',
      '/health',
      '/ready',
      '/openapi.json',
      '/docs',
      '/api/v1/me',
      '/api/v1/tasks',
      `/api/v1/tasks/${id}`,
    ]) {
      const [head, get] = [await ann.send('HEAD', path), await ann.get(path)]
      expect([head.status, head.text, get.status], path).toEqual([200, '', 200])
      for (const name of ['Content-Type', 'ETag', 'Cache-Control'])
        expect(head.headers.get(name), `${name} of ${path}`).toBe(get.headers.get(name))
    }
    expect((await world.anonymous.send('HEAD', '/api/v1/tasks')).status).toBe(401)
  })
})
