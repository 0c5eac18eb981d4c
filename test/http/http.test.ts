// What HTTP asks of every operation alike: statuses, headers, limits. By construction from the
// document where it can be.
import { describe, expect, onTestFinished, test } from 'vitest'
import { createApp } from '../../src/app.ts'
import type { Database } from '../../src/db/database.ts'
import { openDefault } from '../support/databases.ts'
import { operationsOf } from '../support/document.ts'
import { type Answer, type Client, createWorld, type User, type World } from '../support/world.ts'

type Headers = Record<string, string>

const open = async (options: Parameters<typeof createWorld>[0] = {}): Promise<World> => {
  const world = await createWorld(options)
  onTestFinished(world.close)
  return world
}
const openWith = async (env: Headers = {}): Promise<{ world: World; ann: User }> => {
  const world = await open({ env })
  return { world, ann: await world.register('Ann') }
}

const UNKNOWN = '0199c2f4-5a2b-7c3d-8e4f-5a6b7c8d9e0f'
const operationsIn = ({ document }: World) =>
  operationsOf(document).filter(({ path }) => path.startsWith('/api/v1/'))
const withUnknownId = (path: string) => path.replace('{id}', UNKNOWN)
const coded = ({ status, body }: Answer) => [status, body?.code]
const task = async (client: Client, fields: object = {}) =>
  (await client.post('/api/v1/tasks', { title: 'Sweep', ...fields })).body

describe('paths and methods', () => {
  test('a path that leads nowhere is 404, with and without a token', async () => {
    const { world, ann } = await openWith()
    for (const path of [
      '/api/v1',
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
    const byPath = Map.groupBy(operationsOf(world.document), ({ path }) => path)
    for (const [path, operations] of byPath) {
      const methods = operations.map(({ method }) => method)
      const allowed = [...methods, ...(methods.includes('GET') ? ['HEAD'] : []), 'OPTIONS']
      for (const method of ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD', 'PROPFIND'].filter(
        (one) => !allowed.includes(one),
      )) {
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

describe('bodies', () => {
  const post = (
    client: Client,
    body: RequestInit['body'],
    headers: Headers = { 'Content-Type': 'application/json' },
  ) => {
    const init = {
      method: 'POST',
      headers: { ...client.headers, ...headers },
      body,
      duplex: 'half',
    } as RequestInit
    return async (world: World) => {
      const response = await world.fetch('/api/v1/tasks', init)
      const answer = (await response.json()) as object
      return { ...answer, status: response.status } as {
        status: number
        code?: string
        title?: string
        errors?: { pointer: string; code: string }[]
      }
    }
  }
  const bytes = (...values: number[]) => new Uint8Array(values)
  const text = (given: string) => new TextEncoder().encode(given)

  test('that are not JSON are 400', async () => {
    const { world, ann } = await openWith()
    for (const body of [
      '{',
      '{"title":',
      "{'title':'x'}",
      '{"title":"x",}',
      '{"title":NaN}',
      '[',
      '\u0000',
    ])
      expect(await post(ann, body)(world), body).toMatchObject({
        status: 400,
        code: 'malformed_json',
      })
    for (const body of [
      bytes(0xff, 0xfe),
      bytes(...text('{"title":"'), 0xc0, 0xaf, ...text('"}')),
      new Uint8Array(Buffer.from('{"title":"x"}', 'utf16le')).fill(0xff, 0, 1),
    ])
      expect(await post(ann, body)(world), String(body)).toMatchObject({
        status: 400,
        code: 'malformed_text',
      })
  })

  test('that break off are 400, however long they were to be', async () => {
    const { world, ann } = await openWith()
    for (const length of [{}, { 'Content-Length': '100' }]) {
      const body = new ReadableStream({
        pull: (controller) =>
          controller.error(Object.assign(new Error('aborted'), { code: 'ECONNRESET' })),
      })
      const headers = { ...ann.headers, 'Content-Type': 'application/json', ...length }
      const response = await world.fetch('/api/v1/tasks', {
        method: 'POST',
        headers,
        body,
        duplex: 'half',
      } as RequestInit)
      expect([response.status, await response.json()]).toMatchObject([
        400,
        { code: 'incomplete_body' },
      ])
    }
  })

  test('that are not declared as JSON in UTF-8 are 415', async () => {
    const { world, ann } = await openWith()
    const body = text('{"title":"x"}')
    const length = { 'Content-Length': String(body.byteLength) }
    const types = [
      'text/plain',
      'application/x-www-form-urlencoded',
      'application/json; charset=utf-16',
      'application/jsonp',
      'application/merge-patch+json',
      'json',
    ]
    for (const headers of [{}, length, ...types.map((type) => ({ 'Content-Type': type }))])
      expect(await post(ann, body, headers)(world), JSON.stringify(headers)).toMatchObject({
        status: 415,
        code: 'unsupported_media_type',
      })
    for (const type of [
      'application/json',
      'Application/JSON; charset=UTF-8',
      'application/json;charset="utf-8"',
    ])
      expect(await post(ann, body, { 'Content-Type': type })(world), type).toMatchObject({
        status: 201,
      })
    const { id } = await task(ann)
    for (const type of ['application/merge-patch+json', 'application/json'])
      expect(
        (await ann.patch(`/api/v1/tasks/${id}`, { title: type }, { 'Content-Type': type })).body
          .title,
      ).toBe(type)
  })

  test('of more than 1 MiB are 413, whether or not they say so; of 1 MiB they are read', async () => {
    const { world, ann } = await openWith()
    const sized = (size: number) => text('{"title":"x"}'.padEnd(size))
    const streamed = (size: number) => {
      let left = size
      return new ReadableStream({
        pull: (controller) => {
          const chunk = Math.min(left, 65_536)
          left -= chunk
          controller.enqueue(new Uint8Array(chunk).fill(32))
          if (left === 0) controller.close()
        },
      })
    }
    const [most, json] = [1024 * 1024, { 'Content-Type': 'application/json' }]
    const declared = (size: number) => ({ ...json, 'Content-Length': String(size) })
    expect(await post(ann, sized(most))(world)).toMatchObject({ status: 201, title: 'x' })
    expect(await post(ann, sized(most), declared(most))(world)).toMatchObject({
      status: 201,
      title: 'x',
    })
    for (const answer of [
      await post(ann, sized(most + 1))(world),
      await post(ann, sized(most + 1), declared(most + 1))(world),
      await post(ann, streamed(64 * most))(world),
      await post(ann, '{}', declared(2 * most))(world),
    ])
      expect(answer).toMatchObject({ status: 413, code: 'too_large' })
  })

  test('that do not fit are 422, with a pointer for each fault', async () => {
    const { world, ann } = await openWith()
    const faults = async (body: string) => {
      const { status, code, errors = [] } = await post(ann, body)(world)
      return [status, code, errors.map((fault) => [fault.pointer, fault.code])]
    }
    expect(await faults('')).toEqual([422, 'invalid', [['', 'required']]])
    expect(await faults('{}')).toEqual([422, 'invalid', [['/title', 'required']]])
    expect(await faults('[]')).toEqual([422, 'invalid', [['', 'invalid_type']]])
    expect(await faults('{"title":7,"a/b~c":1,"labels":["ok",7]}')).toEqual([
      422,
      'invalid',
      [
        ['/title', 'invalid_type'],
        ['/labels/1', 'invalid_type'],
        ['/a~1b~0c', 'unknown_field'],
      ],
    ])
    const { errors = [] } = await post(
      ann,
      JSON.stringify({
        title: 'x',
        ...Object.fromEntries(Array.from({ length: 500 }, (_, i) => [`u${i}`, i])),
      }),
    )(world)
    expect(errors.length, 'a long list is cut').toBe(20)
    expect((await ann.get('/api/v1/tasks')).body.items, 'nothing was made').toEqual([])
  })
})

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
    const lists = operationsIn(world).filter(({ parameters = [] }) =>
      parameters.some(({ name }) => name === 'limit'),
    )
    expect(lists.length).toBeGreaterThanOrEqual(5)
    for (const { path } of lists) {
      for (const limit of [
        '0',
        '201',
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

describe('conditions', () => {
  test('whatever has an ETag is answered 304 to those who know it', async () => {
    const { world, ann } = await openWith()
    const things: Record<string, string> = {
      getTask: (await task(ann)).id,
      getProject: (await ann.get('/api/v1/projects')).body.items[0].id,
      getLabel: (await ann.post('/api/v1/labels', { name: 'errand' })).body.id,
    }
    const readers = operationsIn(world).filter(({ responses }) => responses['304'])
    expect(readers.map(({ operationId }) => operationId).sort()).toEqual(Object.keys(things).sort())
    for (const { path, operationId } of readers) {
      const place = path.replace('{id}', things[operationId] as string)
      const etag = (await ann.get(place)).headers.get('ETag') as string
      expect(etag).toMatch(/^"[\w-]{36}"$/)
      for (const known of [etag, `W/${etag}`, `"x", ${etag}`, '*']) {
        const { status, text, headers } = await ann.get(place, { 'If-None-Match': known })
        expect([status, text, headers.get('ETag'), headers.get('Cache-Control')], known).toEqual([
          304,
          '',
          etag,
          'private, no-cache',
        ])
      }
      for (const other of ['"x"', etag.slice(1, -1), ''])
        expect((await ann.get(place, { 'If-None-Match': other })).status, other).toBe(200)
    }
  })

  test('whatever looks at If-Match refuses another revision with 412; PUT asks for one with 428', async () => {
    const { world, ann } = await openWith()
    const kept = await task(ann)
    const makers: Record<string, () => Promise<{ id: string }>> = {
      tasks: () => task(ann),
      projects: async () => (await ann.post('/api/v1/projects', { name: 'House' })).body,
      labels: async () => (await ann.post('/api/v1/labels', { name: crypto.randomUUID() })).body,
    }
    const bodies: Record<string, object> = {
      replaceTask: { title: 'x' },
      updateTask: { title: 'x' },
      moveTask: {},
      updateProject: { name: 'x' },
      updateLabel: { color: '#000000' },
    }
    const guarded = operationsIn(world).filter(({ parameters = [] }) =>
      parameters.some(({ name }) => name === 'If-Match'),
    )
    expect(guarded.length).toBeGreaterThanOrEqual(11)
    for (const { method, path, operationId } of guarded) {
      const collection = path.split('/')[3] as string
      const { id } = await (makers[collection] as () => Promise<{ id: string }>)()
      const place = path.replace('{id}', id)
      const before = (await ann.get(`/api/v1/${collection}/${id}`)).body
      const stale = await ann.send(method, place, bodies[operationId], {
        'If-Match': `"${kept.rev}"`,
      })
      expect(coded(stale), operationId).toEqual([412, 'precondition_failed'])
      const weak = await ann.send(method, place, bodies[operationId], {
        'If-Match': `W/"${before.rev}"`,
      })
      expect(coded(weak), `${operationId} with a weak tag`).toEqual([412, 'precondition_failed'])
      if (method === 'PUT')
        expect(coded(await ann.send(method, place, bodies[operationId]))).toEqual([
          428,
          'precondition_required',
        ])
      expect((await ann.get(`/api/v1/${collection}/${id}`)).body).toEqual(before)
      const fresh = await ann.send(method, place, bodies[operationId], {
        'If-Match': `"x", "${before.rev}"`,
      })
      expect(fresh.status, `${operationId} with the present revision: ${fresh.text}`).toBeLessThan(
        300,
      )
    }
  })
})

describe('headers', () => {
  test('a request id is taken where it is well-formed, else made; problems repeat it', async () => {
    const { world, ann } = await openWith()
    const idOf = async (given?: string) => {
      const { headers, body } = await ann.get(
        '/api/v1/nothing',
        given === undefined ? {} : { 'X-Request-Id': given },
      )
      expect(body.request_id).toBe(headers.get('X-Request-Id'))
      return body.request_id
    }
    for (const given of ['abc', 'a.b:c-d_e', 'x'.repeat(128)]) expect(await idOf(given)).toBe(given)
    const made = [
      await idOf(),
      await idOf(),
      ...(await Promise.all(['', 'a b', 'é', 'x'.repeat(129), '{}', '"'].map(idOf))),
    ]
    expect(new Set(made).size).toBe(made.length)
    for (const id of made) expect(id).toMatch(/^[\w.:-]{1,128}$/)
    for (const path of [
      '/',
      '/docs',
      '/health',
      '/openapi.json',
      '/api/v1/me',
      '/api/v1/auth/login',
      `/api/${ann.id}/tasks`,
    ])
      expect(
        (
          await world.fetch(path, { headers: { ...ann.headers, 'X-Request-Id': 'mine' } })
        ).headers.get('X-Request-Id'),
        path,
      ).toBe('mine')
  })

  test('no cache keeps tokens, sessions and keys; none shares the rest', async () => {
    const { world, ann } = await openWith()
    for (const { path, operationId } of operationsIn(world).filter(
      ({ method }) => method === 'GET',
    )) {
      const secret = path.startsWith('/api/v1/auth') || path.startsWith('/api/v1/api-keys')
      for (const client of [ann, world.anonymous])
        expect(
          (await client.get(withUnknownId(path))).headers.get('Cache-Control'),
          operationId,
        ).toBe(secret ? 'no-store' : 'private, no-cache')
    }
    const { email, password } = ann
    expect(
      (await world.anonymous.post('/api/v1/auth/login', { email, password })).headers.get(
        'Cache-Control',
      ),
    ).toBe('no-store')
    const key = await ann.post('/api/v1/api-keys', { name: 'Phone', scopes: ['tasks:read'] })
    expect([key.status, key.headers.get('Cache-Control')]).toEqual([201, 'no-store'])
  })

  const exposed = [
    'ETag',
    'Link',
    'Location',
    'Retry-After',
    'X-Request-Id',
    'RateLimit',
    'RateLimit-Policy',
  ]
  const asked = [
    'Authorization',
    'X-API-Key',
    'Content-Type',
    'If-Match',
    'If-None-Match',
    'Idempotency-Key',
    'X-Request-Id',
  ]
  const page = { Origin: 'https://app.example.org' }
  const answersTo = async (world: World, ann: User, headers: Headers): Promise<Answer[]> => [
    await ann.get('/api/v1/me', headers),
    await ann.post('/api/v1/tasks', {}, headers),
    await ann.get(`/api/v1/tasks/${UNKNOWN}`, headers),
    await ann.get(`/api/${ann.id}/tasks`, headers),
    await world.anonymous.get('/api/v1/me', headers),
    await world.anonymous.get('/api/v1/nothing', headers),
    await world.anonymous.delete('/api/v1/tasks', headers),
    await world.anonymous.get('/status', headers),
  ]
  const preflight = (world: World, path: string, origin = page.Origin) =>
    world.fetch(path, {
      method: 'OPTIONS',
      headers: {
        Origin: origin,
        'Access-Control-Request-Method': 'PATCH',
        'Access-Control-Request-Headers': 'authorization,if-match',
      },
    })

  test('pages of every origin may call, without credentials, and see the headers that they need', async () => {
    const { world, ann } = await openWith()
    for (const { headers, status } of await answersTo(world, ann, page)) {
      expect(headers.get('Access-Control-Allow-Origin'), String(status)).toBe('*')
      expect(headers.get('Access-Control-Allow-Credentials')).toBeNull()
      expect(headers.get('Access-Control-Expose-Headers')?.split(', ')).toEqual(
        expect.arrayContaining(exposed),
      )
    }
    for (const { path } of [
      ...operationsIn(world),
      { path: `/api/${ann.id}/tasks` },
      { path: '/api/v1/nothing' },
    ]) {
      const { status, headers } = await preflight(world, withUnknownId(path))
      expect(
        [
          status,
          headers.get('Access-Control-Allow-Origin'),
          headers.get('Access-Control-Allow-Credentials'),
        ],
        path,
      ).toEqual([204, '*', null])
      expect(headers.get('Access-Control-Allow-Methods')?.split(', ')).toEqual(
        expect.arrayContaining(['GET', 'POST', 'PUT', 'PATCH', 'DELETE']),
      )
      expect(headers.get('Access-Control-Allow-Headers')?.split(', ')).toEqual(
        expect.arrayContaining(asked),
      )
    }
  })

  test('CORS_ORIGINS narrows them to those that it names', async () => {
    const { world, ann } = await openWith({
      CORS_ORIGINS: 'https://app.example.org,http://localhost:3000',
    })
    for (const { headers, status } of await answersTo(world, ann, page)) {
      expect(headers.get('Access-Control-Allow-Origin'), String(status)).toBe(
        'https://app.example.org',
      )
      expect(headers.get('Vary')).toMatch(/\bOrigin\b/)
      expect(headers.get('Access-Control-Expose-Headers')?.split(', ')).toEqual(
        expect.arrayContaining(exposed),
      )
    }
    for (const origin of [
      'https://evil.example',
      'https://app.example.org.evil.example',
      'http://app.example.org',
      'https://app.example.org:444',
      'null',
    ]) {
      for (const { headers } of await answersTo(world, ann, { Origin: origin }))
        expect([headers.get('Access-Control-Allow-Origin'), headers.get('Vary')], origin).toEqual([
          null,
          expect.stringContaining('Origin'),
        ])
      expect(
        (await preflight(world, '/api/v1/tasks', origin)).headers.get(
          'Access-Control-Allow-Origin',
        ),
        origin,
      ).toBeNull()
    }
    expect(
      (await preflight(world, '/api/v1/tasks')).headers.get('Access-Control-Allow-Origin'),
    ).toBe('https://app.example.org')
  })
})

describe('rate limits', () => {
  const limited = (env: Headers) => open({ env: { RATE_LIMIT: 'on', ...env } })
  const from = (...addresses: string[]): Headers => ({ 'X-Forwarded-For': addresses.join(', ') })
  const signIn = (world: World, email: string, headers: Headers = {}) =>
    world.anonymous.post('/api/v1/auth/login', { email, password: 'a guess' }, headers)
  const statuses = async (requests: (() => Promise<Answer>)[]) => {
    const found: number[] = []
    for (const request of requests) found.push((await request()).status)
    return found
  }

  test('wrong sign-ins per address: the one too many is 429 and says when to come back', async () => {
    const world = await limited({ RATE_LIMIT_SIGN_IN_PER_ADDRESS: '3' })
    const answers = [
      await signIn(world, 'a@example.org'),
      await signIn(world, 'b@example.org'),
      await signIn(world, 'c@example.org'),
    ]
    expect(answers.map(({ status }) => status)).toEqual([401, 401, 401])
    expect(
      answers.map(
        ({ headers }) => headers.get('RateLimit')?.match(/^"sign-in-network";r=(\d+);t=\d+$/)?.[1],
      ),
    ).toEqual(['2', '1', '0'])
    const refused = await signIn(world, 'd@example.org')
    expect(coded(refused)).toEqual([429, 'rate_limited'])
    expect(Number(refused.headers.get('Retry-After'))).toBeGreaterThanOrEqual(1)
    expect(Number(refused.headers.get('Retry-After'))).toBeLessThanOrEqual(60)
    expect(refused.headers.get('RateLimit-Policy')).toBe('"sign-in-network";q=3;w=60')
    expect(refused.headers.get('RateLimit')).toMatch(/^"sign-in-network";r=0;t=\d+$/)
  })

  test('registrations per address, apart from sign-ins', async () => {
    const world = await limited({ RATE_LIMIT_SIGN_IN_PER_ADDRESS: '3' })
    const register = (name: string) => () =>
      world.anonymous.post('/api/v1/auth/register', {
        email: `${name}@example.org`,
        password: 'a heron on the pier',
      })
    expect(await statuses([register('a'), register('b'), register('a'), register('d')])).toEqual([
      201, 201, 409, 429,
    ])
    expect((await register('d')()).headers.get('RateLimit-Policy')).toBe('"registration";q=3;w=60')
    expect((await signIn(world, 'a@example.org')).status).toBe(401)
  })

  test('wrong sign-ins per account and address, however the account is written', async () => {
    const world = await limited({ RATE_LIMIT_SIGN_IN_PER_ACCOUNT: '2', TRUSTED_HOPS: '1' })
    const here = from('10.0.0.1')
    const [first, second] = [
      await signIn(world, 'ann@example.org', here),
      await signIn(world, 'ANN@example.org', here),
    ]
    const third = await signIn(world, ' ann@EXAMPLE.org', here)
    expect([first.status, second.status, ...coded(third)]).toEqual([401, 401, 429, 'rate_limited'])
    expect(third.headers.get('RateLimit-Policy')).toBe('"sign-in-account";q=2;w=900')
    expect(Number(third.headers.get('Retry-After'))).toBeGreaterThanOrEqual(1)
    expect((await signIn(world, 'bob@example.org', here)).status, 'another account').toBe(401)
    expect(
      (await signIn(world, 'ann@example.org', from('10.0.0.2'))).status,
      'another address',
    ).toBe(401)
  })

  test('the present password is not for guessing either', async () => {
    const world = await limited({ RATE_LIMIT_SIGN_IN_PER_ACCOUNT: '2' })
    const ann = await world.register('Ann')
    const guess = () =>
      ann.put('/api/v1/me/password', {
        current_password: 'a guess',
        new_password: 'a heron on the pier',
      })
    const remove = () => ann.send('DELETE', '/api/v1/me', { password: 'a guess' })
    expect(await statuses([guess, remove, guess, remove])).toEqual([422, 422, 429, 429])
    expect((await ann.get('/api/v1/me')).status).toBe(200)
  })

  test('everything else per user, with every credential of theirs; others are not in the way', async () => {
    const world = await limited({ RATE_LIMIT_PER_USER: '4' })
    const [ann, bob] = [await world.register('Ann'), await world.register('Bob')]
    const { body } = await ann.post('/api/v1/api-keys', {
      name: 'Phone',
      scopes: ['account:read', 'tasks:read'],
    })
    const key = world.client(body.key)
    expect(
      await statuses([
        () => ann.get('/api/v1/me'),
        () => key.get('/api/v1/tasks'),
        () => ann.get(`/api/${ann.id}/tasks`),
      ]),
    ).toEqual([200, 200, 200])
    const refused = [
      await ann.get('/api/v1/me', from('10.0.0.9')),
      await key.get('/api/v1/me'),
      await key.get(`/api/${ann.id}/tasks`),
    ]
    expect(refused.map(coded)).toEqual(refused.map(() => [429, 'rate_limited']))
    for (const { headers } of refused)
      expect([headers.get('RateLimit-Policy'), headers.get('Retry-After')]).toEqual([
        '"caller";q=4;w=60',
        expect.stringMatching(/^[1-9]\d?$/),
      ])
    expect((await bob.get('/api/v1/me')).status).toBe(200)
  })

  test('refreshing per address', async () => {
    const world = await limited({ RATE_LIMIT_PER_USER: '2' })
    const refresh = () => world.anonymous.post('/api/v1/auth/refresh', { refresh_token: 'none' })
    expect(await statuses([refresh, refresh, refresh])).toEqual([401, 401, 429])
  })

  // Each row: the proxies that are trusted, who sends twice and who sends then (as the proxies tell
  // it), and whether they are taken for the same caller.
  test.each([
    ['0', '10.0.0.1', '10.0.0.2', true],
    ['0', '10.0.0.1, 10.0.0.2', '', true],
    ['1', '10.0.0.1', '10.0.0.2', false],
    ['1', '10.9.9.9, 10.0.0.1', '10.8.8.8, 10.0.0.1', true],
    ['1', '10.0.0.1, 10.7.7.7', '10.0.0.1, 10.6.6.6', false],
    ['1', '10.0.0.1,  ,, 10.0.0.2', '10.0.0.2', true],
    ['1', '', '', true],
    ['2', '10.9.9.9, 10.0.0.1, 10.7.7.7', '10.8.8.8, 10.0.0.1, 10.6.6.6', true],
    ['2', '10.0.0.1, 10.7.7.7', '10.0.0.2, 10.7.7.7', false],
    ['2', '10.5.5.5, 10.0.0.1, 10.7.7.7', '10.0.0.1, 10.7.7.7', true],
  ])(
    'behind %s trusted proxies, "%s" and "%s" are the same caller: %s',
    async (hops, before, then, same) => {
      const world = await limited({ RATE_LIMIT_SIGN_IN_PER_ADDRESS: '2', TRUSTED_HOPS: hops })
      const sender = (addresses: string) => (addresses === '' ? {} : from(addresses))
      const sent = await statuses([
        () => signIn(world, 'a@example.org', sender(before)),
        () => signIn(world, 'b@example.org', sender(before)),
        () => signIn(world, 'c@example.org', sender(then)),
      ])
      expect(sent).toEqual([401, 401, same ? 429 : 401])
    },
  )

  test('switched off there are none', async () => {
    const world = await open({
      env: {
        RATE_LIMIT: 'off',
        RATE_LIMIT_SIGN_IN_PER_ADDRESS: '1',
        RATE_LIMIT_SIGN_IN_PER_ACCOUNT: '1',
      },
    })
    const guess = () => signIn(world, 'a@example.org')
    expect(await statuses([guess, guess, guess])).toEqual([401, 401, 401])
    expect((await guess()).headers.get('RateLimit')).toBeNull()
  })
})

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
    await world.deps.identity.forget()
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
    const app = createApp({ ...world.deps, identity: { ...world.deps.identity, jwks } })
    const response = await app.request('/.well-known/jwks.json', {
      headers: { 'X-Request-Id': 'mine' },
    })
    expect([response.status, response.headers.get('X-Request-Id')]).toEqual([500, 'mine'])
    const problem = await response.json()
    expect(problem).toMatchObject({ code: 'internal', request_id: 'mine' })
    expect(JSON.stringify(problem)).not.toContain('secret')
  })
})
