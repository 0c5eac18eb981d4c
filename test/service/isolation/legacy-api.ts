// The original contract, whose operations are not in the document but among the routes.
import { describe, expect, test } from 'vitest'
import { scopes } from '../../../src/core/access.ts'
import { createOriginal } from '../../../src/http/legacy-api.ts'
import type { Asked } from '../../support/valid-request.ts'
import { expectRefused, expectUnauthenticated, worthless } from './attacks.ts'
import { bearer, type Headers, keyOf, type Person, person, randomId, world } from './people.ts'
import { ask, dump, essence } from './requests.ts'

const originalRequests: Record<string, (owner: Person) => Asked> = {
  'GET /api/:user_id/tasks': () => ({}),
  'POST /api/:user_id/tasks': () => ({ body: { title: 'Sweep' } }),
  'GET /api/:user_id/tasks/:id': ({ target }) => ({ id: target.id }),
  'PUT /api/:user_id/tasks/:id': ({ target }) => ({ id: target.id, body: { title: 'Renamed' } }),
  'DELETE /api/:user_id/tasks/:id': ({ target }) => ({ id: target.id }),
  'PATCH /api/:user_id/tasks/:id/complete': ({ target }) => ({
    id: target.id,
    body: { completed: true },
  }),
}
const originalRoutes = createOriginal(world.deps).routes.map(({ method, path }) => ({
  method,
  path: path.replace(':id', '{id}'),
  route: `${method} ${path}`,
}))

describe.each(originalRoutes.map((route) => [route.route, route] as const))(
  'the original %s',
  (name, { method, path }) => {
    const requestFor = (owner: Person): Asked => {
      const request = originalRequests[name]
      if (!request)
        throw new Error(
          `${name} has no valid request in this test: add one to \`originalRequests\``,
        )
      return request(owner)
    }
    const send = (user: string, asked: Asked, credential: Headers) =>
      ask({ method, path: path.replace(':user_id', user) }, asked, credential)

    test('serves its owner and nobody else', async () => {
      const [first, owner, other] = [await person(), await person(), await person()]
      expect(
        (await send(first.id, requestFor(first), first.client.headers)).status,
        'the owner',
      ).toBeLessThan(300)
      const asked = requestFor(owner)
      const proofless = await worthless(owner)
      const unscoped = await keyOf(
        owner,
        scopes.filter((scope) => scope !== (method === 'GET' ? 'tasks:read' : 'tasks:write')),
      )
      await world.client(unscoped).get('/api/v1/me')
      const before = await dump(owner)

      for (const [as, credential] of Object.entries(proofless))
        expectUnauthenticated(as, credential)(await send(owner.id, asked, credential))
      expectRefused(
        'a key without the scope',
        'insufficient_scope',
      )(await send(owner.id, asked, bearer(unscoped)))
      const onTheirs = await send(owner.id, asked, other.client.headers)
      expectRefused("another's path", 'other_user')(onTheirs)
      expect(
        essence(await send(randomId(), asked, other.client.headers)),
        'a path that nobody has',
      ).toEqual(essence(onTheirs))
      const onOwn = await send(other.id, asked, other.client.headers)
      expect(JSON.stringify(essence(onOwn))).not.toContain(owner.mark)
      if (asked.id !== undefined) {
        expect([onOwn.status, onOwn.body.code]).toEqual([404, 'not_found'])
        expect(
          essence(await send(other.id, { ...asked, id: randomId() }, other.client.headers)),
        ).toEqual(essence(onOwn))
      }
      expect(await dump(owner)).toEqual(before)
      const byKey = await send(
        owner.id,
        asked,
        bearer(await keyOf(owner, ['tasks:read', 'tasks:write'])),
      )
      expect(byKey.status, `a key with the scopes: ${byKey.text}`).toBeLessThan(300)
    })
  },
)
