import { describe, expect, test } from 'vitest'
import type { Answer } from '../../support/world.ts'
import { coded, openWith, operationsIn, task, withUnknownId } from './open.ts'

describe('query parameters', () => {
  test.each(['surprise', '__proto__', 'constructor'])(
    'that an operation does not have are 422, whatever the operation: %s',
    async (unknown) => {
      const { world, ann } = await openWith()
      for (const { method, path, operationId, security = [], requestBody } of operationsIn(world)) {
        const client = security.length > 0 ? ann : world.anonymous
        const { status, body } = await client.send(
          method,
          `${withUnknownId(path)}?${unknown}=1`,
          requestBody && {},
        )
        expect([status, body?.code, body?.errors], operationId).toEqual([
          422,
          'invalid',
          [expect.objectContaining({ parameter: unknown, code: 'unknown_field' })],
        ])
      }
    },
  )

  test('limits go from 1 to 200, and no list is longer than it was asked to be', async () => {
    const { world, ann } = await openWith()
    const lists = operationsIn(world).filter(
      ({ parameters = [], path }) =>
        parameters.some(({ name }) => name === 'limit') && !path.includes('{'),
    )
    expect(lists.length).toBeGreaterThanOrEqual(5)
    const due = { date: '2026-12-01' }
    const { id } = await task(ann, { due, recurrence: { rule: 'FREQ=DAILY' } })
    for (const { path: template } of lists) {
      const path = template.replace('{id}', id)
      for (const limit of [
        '0',
        path.endsWith('/changes') ? '501' : '201',
        '-1',
        '1.5',
        '1e2',
        '',
        'x',
        '0x10',
        '+5',
        '5,5',
        '99999999999999999999',
      ]) {
        const { status, body } = await ann.get(`${path}?limit=${encodeURIComponent(limit)}`)
        expect([status, body.errors?.[0]?.parameter], `${path} with the limit ${limit}`).toEqual([
          422,
          'limit',
        ])
      }
      for (const limit of ['1', '200'])
        expect((await ann.get(`${path}?limit=${limit}`)).status).toBe(200)
      expect(coded(await ann.get(`${path}?limit=1&limit=1`))).toEqual([422, 'invalid'])
    }
  })

  test('a cursor is good for its own list only', async () => {
    const { ann } = await openWith()
    await Promise.all([task(ann), task(ann), task(ann)])
    const first = '/api/v1/tasks?limit=1&sort=title&status=pending&status=completed'
    const cursor = (await ann.get(first)).body.next_cursor
    expect((await ann.get(`${first}&cursor=${cursor}`)).status).toBe(200)
    for (const other of [
      '?limit=1',
      '?limit=1&sort=title',
      '?limit=1&sort=-title&status=pending&status=completed',
      '?limit=1&sort=title&status=pending',
      '?sort=title&status=pending&status=completed&q=x',
    ]) {
      const { status, body } = await ann.get(`/api/v1/tasks${other}&cursor=${cursor}`)
      expect([status, body.errors?.[0]], other).toEqual([
        422,
        expect.objectContaining({ parameter: 'cursor', code: 'other_list' }),
      ])
    }
    for (const path of [
      '/api/v1/labels',
      '/api/v1/projects',
      '/api/v1/api-keys',
      '/api/v1/auth/sessions',
    ])
      expect((await ann.get(`${path}?cursor=${cursor}`)).body.errors?.[0].code, path).toBe(
        'other_list',
      )
    for (const garbage of ['x', '', '%00', btoa('[]'), cursor.slice(2)])
      expect((await ann.get(`${first}&cursor=${garbage}`)).body.errors?.[0].code, garbage).toBe(
        'malformed',
      )
  })

  test('a page links to the next one, relative and with its filters, until the last', async () => {
    const { ann } = await openWith()
    const made = await Promise.all(
      Array.from({ length: 5 }, (_, i) =>
        task(ann, { title: `T${i}`, labels: ['a b&c', `x${i % 2}`] }),
      ),
    )
    const seen: string[] = []
    let next: string | undefined = '/api/v1/tasks?limit=2&label=x0&label=x1&label=a%20b%26c&q=t'
    while (next) {
      const { body, headers }: Answer = await ann.get(next)
      seen.push(...body.items.map(({ id }: { id: string }) => id))
      const link: string | undefined = headers
        .get('Link')
        ?.match(/^<(\/api\/v1\/tasks\?[^>]+)>; rel="next"$/)?.[1]
      expect(link === undefined).toBe(body.next_cursor === null)
      expect(headers.get('ETag')).toBeNull()
      next = link
    }
    expect(seen).toEqual(made.map(({ id }) => id).sort())
  })
})
