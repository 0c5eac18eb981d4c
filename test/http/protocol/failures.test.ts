import { describe, expect, test } from 'vitest'
import { createApp } from '../../../src/app.ts'
import type { Database } from '../../../src/db/database.ts'
import { openDefault } from '../../support/databases.ts'
import { coded, open, openWith } from './open.ts'

describe('what fails before or in a handler', () => {
  /** A world whose database fails as told, once it has been told. */
  const failing = async () => {
    let failure: Error | undefined
    const fails = () => (failure ? Promise.reject(failure) : undefined)
    const world = await open({
      open: async () => {
        const { db, close } = await openDefault()
        const broken: Database = {
          ...db,
          one: (query, values) => fails() ?? db.one(query, values),
          all: (query, values) => fails() ?? db.all(query, values),
          atomic: (writes, options) => fails() ?? db.atomic(writes, options),
          migrated: () => fails() ?? db.migrated(),
        }
        return { db: broken, close }
      },
    })
    const ann = await world.register('Ann')
    await world.deps.credentials.forget()
    const fail = (error: Error) => {
      failure = error
    }
    return { world, ann, fail }
  }
  const calls = [
    ['GET', '/api/v1/me', undefined],
    ['POST', '/api/v1/tasks', '{"title":"x"}'],
    ['POST', '/api/v1/auth/login', '{"email":"a@example.org","password":"a guess"}'],
  ] as const

  test.each(calls)(
    '%s %s: what nobody foresaw is a 500 that tells nothing but its request id',
    async (method, path, body) => {
      const { world, ann, fail } = await failing()
      fail(new Error('the secret of the house'))
      const response = await createApp(world.deps).request(path, {
        method,
        headers: { ...ann.headers, 'Content-Type': 'application/json', 'X-Request-Id': 'mine' },
        ...(body && { body }),
      })
      const text = await response.text()
      expect([
        response.status,
        response.headers.get('Content-Type'),
        response.headers.get('Access-Control-Allow-Origin'),
      ]).toEqual([500, 'application/problem+json', '*'])
      expect(JSON.parse(text)).toMatchObject({
        code: 'internal',
        request_id: 'mine',
        instance: path,
      })
      expect(text).not.toMatch(/secret|house|stack|\.ts/)
    },
  )

  test.each(calls)(
    '%s %s: a database out of reach is a 503 that says when to come back',
    async (method, path, body) => {
      const { world, ann, fail } = await failing()
      fail(Object.assign(new Error('connect ECONNREFUSED 10.1.2.3:5432'), { code: 'ECONNREFUSED' }))
      const answer = await ann.send(method, path, body)
      expect(coded(answer)).toEqual([503, 'unavailable'])
      expect(Number(answer.headers.get('Retry-After'))).toBeGreaterThanOrEqual(1)
      expect(answer.text).not.toMatch(/10\.1\.2\.3|ECONN/)
      expect((await world.anonymous.get('/ready')).status).toBe(503)
      expect((await world.anonymous.get('/health')).status).toBe(200)
    },
  )

  test('a route outside /api/v1 that throws answers in the same form', async () => {
    const { world } = await openWith()
    const jwks = () => Promise.reject(new Error('the secret of the house'))
    const app = createApp({ ...world.deps, credentials: { ...world.deps.credentials, jwks } })
    const response = await app.request('/.well-known/jwks.json', {
      headers: { 'X-Request-Id': 'mine' },
    })
    expect([response.status, response.headers.get('X-Request-Id')]).toEqual([500, 'mine'])
    const problem = await response.json()
    expect(problem).toMatchObject({ code: 'internal', request_id: 'mine' })
    expect(JSON.stringify(problem)).not.toContain('secret')
  })
})
