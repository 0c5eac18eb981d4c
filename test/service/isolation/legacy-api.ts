// The original contract and its family's paths: the matrix comes from the routes.
import { describe, expect, test } from 'vitest'
import { scopes } from '../../../src/core/access.ts'
import { createOriginal } from '../../../src/http/legacy/app.ts'
import { accountPlaces } from '../../../src/http/legacy/endpoints.ts'
import type { Asked } from '../../support/valid-request.ts'
import { expectRefused, expectUnauthenticated, worthless } from './attacks.ts'
import {
  bearer,
  casesHere,
  externalToken,
  type Headers,
  isBrief,
  keyOf,
  type Person,
  pairFor,
  person,
  randomId,
  world,
} from './people.ts'
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
  .filter(
    ({ path, request }) =>
      !isBrief ||
      (path.startsWith('/api/:user_id') && !/^(POST|PUT) .*:id\/|analytics|toggle/.test(request)),
  )

const percent = (text: string): string =>
  [...new TextEncoder().encode(text)]
    .map((byte) => `%${byte.toString(16).padStart(2, '0')}`)
    .join('')
const wide = (text: string): string =>
  text.replace(/[0-9]/, (digit) => String.fromCharCode(digit.charCodeAt(0) + 0xfee0))

/** Other ways to write what names a user or a task. Some are the name itself, most are not. */
const disguises: Record<string, (name: string, own: string) => string> = {
  'percent-encoded': percent,
  'percent-encoded in capitals': (name) => percent(name).toUpperCase(),
  'percent-encoded twice': (name) => encodeURIComponent(percent(name)),
  'in capitals': (name) => name.toUpperCase(),
  'with capitals between': (name) => name.replace(/[a-f]/, (letter) => letter.toUpperCase()),
  'behind the own one and an encoded slash': (name, own) => `${own}%2F..%2F${name}`,
  'behind the own one and dots': (name, own) => `${own}/../${name}`,
  'behind the own one and encoded dots': (name, own) => `${own}/%2e%2E/${name}`,
  'behind an encoded dot and slash': (name) => `%2e%2f${name}`,
  'behind a dot': (name) => `./${name}`,
  'before a dot': (name) => `${name}.`,
  'before an encoded dot': (name) => `${name}%2e`,
  'before an encoded slash': (name) => `${name}%2F`,
  'before a null': (name) => `${name}%00`,
  'between blanks': (name) => `%20${name}%20`,
  'before a parameter of the path': (name) => `${name};v=1`,
  'before an encoded question mark': (name) => `${name}%3f`,
  'as a URN': (name) => `urn:uuid:${name}`,
  'in braces': (name) => `%7B${name}%7D`,
  'without hyphens': (name) => name.replaceAll('-', ''),
  'with a wide digit': (name) => encodeURIComponent(wide(name)),
  'behind a slash': (name) => `/${name}`,
}

describe.each(casesHere(routes.map((route) => [route.route, route] as const)))(
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
      const [owner, other] = await pairFor(method)
      const first = method === 'GET' ? other : await person()
      expect(
        (await send(percent(first.id), requestFor(first), first.client.headers)).status,
        'the owner, whose path may be percent-encoded',
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
      for (const [how, disguise] of isBrief ? [] : Object.entries(disguises)) {
        const about = `another's ${how}`
        if (isNamed) {
          const answer = await send(disguise(owner.id, other.id), asked, other.client.headers)
          expect([403, 404], `${about} path: ${answer.status}`).toContain(answer.status)
          expect(answer.text, about).not.toContain(owner.mark)
        }
        if (asked.id !== undefined) {
          const id = disguise(asked.id, randomId())
          const answer = await send(other.id, { ...asked, id }, other.client.headers)
          expect([403, 404, 405], `${about} id: ${answer.status}`).toContain(answer.status)
          expect(answer.text, about).not.toContain(owner.mark)
        }
      }
      for (const written of [path.toUpperCase(), path.replace('/api', '/Api'), `/${path}`]) {
        const place = written.replace(/:USER_ID|:user_id/, owner.id).replace(/\{ID\}/, '{id}')
        const answer = await ask({ method, path: place }, asked, other.client.headers)
        expect([403, 404, 405], `${place}: ${answer.status}`).toContain(answer.status)
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

/** Subjects that some would take for one another, or for a part of a path. */
const subjects = ['a.b', 'A.B', 'a%2Eb', 'a/b', 'a%2Fb', 'a/b/', 'a b', 'a+b', '%', 'ａ.b']

test("a path is its user's and of no other, however alike their names are", async () => {
  const clients = await Promise.all(
    subjects.map(async (subject) => {
      const client = world.client(await externalToken(subject, world))
      const path = `/api/${encodeURIComponent(subject)}/tasks`
      const { status } = await client.post(path, { title: `of ${subject}` })
      return { subject, client, path, status }
    }),
  )
  for (const { subject, client, status } of clients) {
    expect(status, subject).toBe(201)
    for (const { subject: named, path } of clients) {
      const answer = await client.get(path)
      if (named === subject)
        expect(answer.body, subject).toMatchObject([{ title: `of ${subject}`, user_id: subject }])
      else
        expect([answer.status, answer.body.code], `${path} by ${subject}`).toEqual([
          403,
          'other_user',
        ])
    }
  }
})

describe.each(
  casesHere(
    accountPlaces
      .filter(({ route }) => route.operation.access.actors !== 'open')
      .filter(
        ({ name, prefix, route }) => !isBrief || (name === route.names[0] && prefix !== '/auth'),
      )
      .map((place) => [`${place.method.toUpperCase()} ${place.path}`, place] as const),
  ),
)('the original %s', (_, { method: lower, path, route }) => {
  const method = lower.toUpperCase()
  test('is about its caller and nobody else', async () => {
    const [owner, other] = [await person(), await person()]
    const asked = route.body ? { body: { name: 'Renamed' } } : {}
    const proofless = await worthless(owner)
    const before = await dump(owner)
    for (const [as, credential] of Object.entries(proofless))
      expectUnauthenticated(as, credential)(await ask({ method, path }, asked, credential))
    const unscoped = await keyOf(
      other,
      scopes.filter((scope) => scope !== 'account:read'),
    )
    const byKey = await ask({ method, path }, asked, bearer(unscoped))
    expect([byKey.status, byKey.body.code]).toEqual([
      403,
      route.operation.access.actors.includes('key') ? 'insufficient_scope' : 'session_required',
    ])
    const answer = await ask({ method, path }, asked, other.client.headers)
    expect(answer.status, answer.text).toBeLessThan(300)
    expect(answer.text).not.toContain(owner.mark)
    expect(answer.text).not.toContain(owner.id)
    expect(await dump(owner)).toEqual(before)
  })
})
