// The original contract and its family's paths: the matrix comes from the routes.
import { describe, expect, test } from 'vitest'
import { scopes } from '../../../src/core/access.ts'
import { createOriginal } from '../../../src/http/legacy/app.ts'
import { isSmall } from '../../support/size.ts'
import type { Asked } from '../../support/valid-request.ts'
import { expectRefused, expectUnauthenticated, worthless } from './attacks.ts'
import { bearer, type Headers, keyOf, type Person, person, randomId, world } from './people.ts'
import { ask, dump, essence } from './requests.ts'

const title = { title: 'Renamed' }
/** A valid request for each method and path, below `/api/:user_id` and below `/api`. */
const requests: Record<string, (owner: Person) => Asked> = {
  'GET /tasks': () => ({}),
  'GET /stats': () => ({}),
  'GET /analytics': () => ({}),
  'GET /tags': () => ({}),
  'POST /tasks': () => ({ body: { title: 'Sweep' } }),
  'GET /tasks/:id': ({ target }) => ({ id: target.id }),
  'PUT /tasks/:id': ({ target }) => ({ id: target.id, body: title }),
  'PATCH /tasks/:id': ({ target }) => ({ id: target.id, body: title }),
  'DELETE /tasks/:id': ({ target }) => ({ id: target.id }),
  ...Object.fromEntries(
    ['PATCH', 'POST', 'PUT'].flatMap((method) =>
      (
        [
          ['complete', { completed: true }],
          ['toggle', { completed: true }],
          ['status', { status: 'completed' }],
        ] as const
      ).map(([verb, body]) => [
        `${method} /tasks/:id/${verb}`,
        ({ target }: Person): Asked => ({ id: target.id, body }),
      ]),
    ),
  ),
}
const routes = createOriginal(world.deps)
  .apps.flatMap((app) => app.routes)
  .filter(({ path }) => !/^(\/api)?\/auth\//.test(path))
  .map(({ method, path }) => ({
    method,
    path: path.replace(':id', '{id}'),
    route: `${method} ${path}`,
    request: `${method} ${path.replace(/^\/api(\/:user_id)?(?=\/)/, '')}`,
  }))
  // It does nothing.
  .filter(({ request }) => request !== 'POST /chat')
  // Many paths lead to one handler: a small run tries them all on the file, and elsewhere the first.
  .filter(
    ({ path, request }) =>
      !isSmall ||
      process.env['TEST_DEFAULT'] === undefined ||
      (path.startsWith('/api/:user_id') && !/^(POST|PUT) .*:id\/|analytics|toggle/.test(request)),
  )

describe.each(routes.map((route) => [route.route, route] as const))(
  'the original %s',
  (name, { method, path, request: key }) => {
    const isNamed = path.includes(':user_id')
    const requestFor = (owner: Person): Asked => {
      const request = requests[key]
      if (!request)
        throw new Error(`${name} has no valid request in this test: add one to \`requests\``)
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
      if (isNamed) {
        const onTheirs = await send(owner.id, asked, other.client.headers)
        expectRefused("another's path", 'other_user')(onTheirs)
        expect(
          essence(await send(randomId(), asked, other.client.headers)),
          'a path that nobody has',
        ).toEqual(essence(onTheirs))
      }
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
