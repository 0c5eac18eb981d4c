// Two users cannot see, change, guess or attach to what is the other's, nor learn that it exists.
// Generated: every operation that asks for a credential is tried, as it says itself who may call it,
// with every credential that must not do.
import { generateKeyPair, SignJWT } from 'jose'
import { afterAll, describe, expect, test } from 'vitest'
import { scopes } from '../src/core/access.ts'
import { type OperationId, operations } from '../src/features/operations.ts'
import { createOriginal } from '../src/http/legacy-api.ts'
import { newApiKey } from '../src/identity/api-keys.ts'
import { type OpenApi, type Operation, operationsOf } from './support/document.ts'
import { redemptionFor } from './support/sign-in-codes.ts'
import { type Asked, bodySchemaOf, resolvedIn, validRequest } from './support/valid-request.ts'
import { type Answer, type Client, createWorld, type World } from './support/world.ts'

const SHARED = 'what this service shares with another one'
const world = await createWorld({ env: { BETTER_AUTH_SECRET: SHARED, EXTERNAL_API_KEYS: 'on' } })
const elsewhere = await createWorld({ env: { BETTER_AUTH_SECRET: SHARED } })
afterAll(async () => {
  await world.close()
  await elsewhere.close()
})

type Headers = Record<string, string>
type Thing = { readonly id: string; readonly [field: string]: unknown }
/** The operations that ask for no credential: an operation becomes one only where it is named here. */
const open = ['register', 'login', 'redeemCode', 'refresh'] as const
type Rule = { readonly scope: string | null; readonly actors: readonly string[] }

/**
 * Somebody with at least two of everything. All of it carries `mark`, which no answer to anybody
 * else may hold.
 */
type Person = {
  readonly client: Client
  readonly id: string
  readonly mark: string
  readonly password: string
  readonly otherSession: string
  readonly project: Thing
  readonly label: Thing
  readonly parent: Thing
  readonly target: Thing
  readonly sibling: Thing
  readonly trashed: Thing
  readonly key: Thing
  readonly identity: Thing
}

const bearer = (credential: string): Headers => ({ Authorization: `Bearer ${credential}` })
const randomId = () => crypto.randomUUID()
const seconds = ({ clock }: World) => Math.floor(clock.now() / 1000)
const claimsOf = (token: string) =>
  JSON.parse(atob((token.split('.')[1] as string).replaceAll('-', '+').replaceAll('_', '/')))

let people = 0
const nextMark = () => `mark${++people}x`

const make = async (
  client: Client,
  path: string,
  body: object,
): Promise<Thing & { key: string }> => {
  const { status, body: made } = await client.post(`/api/v1${path}`, body)
  expect(status, `making a thing at ${path}: ${JSON.stringify(made)}`).toBe(201)
  return made
}

const settle = async (client: Client, mark: string) => {
  const project = await make(client, '/projects', { name: `${mark} project` })
  const label = await make(client, '/labels', { name: `${mark} label` })
  const task = (title: string, more = {}) =>
    make(client, '/tasks', { title: `${mark} ${title}`, project_id: project.id, ...more })
  const [parent, target] = [
    await task('parent'),
    await task('target', { labels: [label['name'], `${mark} second label`] }),
  ]
  const [sibling, trashed] = [await task('sibling'), await task('trashed')]
  await client.delete(`/api/v1/tasks/${trashed.id}`)
  const key = await make(client, '/api-keys', { name: `${mark} key`, scopes: ['account:read'] })
  await make(client, '/api-keys', { name: `${mark} second key`, scopes })
  return { client, mark, project, label, parent, target, sibling, trashed, key }
}

const person = async (): Promise<Person> => {
  const mark = nextMark()
  const { id, email, password, ...client } = await world.register(mark)
  const { body } = await world.anonymous.post('/api/v1/auth/login', { email, password })
  const link = async (which: string) =>
    make(client, '/me/identities', {
      ...(await redemptionFor(world.deps, 'link', `${mark} ${which}`)),
      proof: { password },
    })
  const [identity] = [await link('at home'), await link('at work')]
  return {
    ...(await settle(client, mark)),
    id,
    password,
    otherSession: claimsOf(body.access_token).sid,
    identity,
  }
}

const externalToken = (subject: string, at: World) =>
  new SignJWT({ sub: subject })
    .setProtectedHeader({ alg: 'HS256' })
    .setExpirationTime(seconds(at) + 3600)
    .sign(new TextEncoder().encode(SHARED))

/** A client of a new user of another issuer. */
const outsidersClient = async (mark: string): Promise<Client> =>
  world.client(await externalToken(`${mark}@elsewhere`, world))

/** A user of another issuer, who has neither a password nor sessions nor identities here. */
const outsider = async (): Promise<Person> => {
  const mark = nextMark()
  const client = await outsidersClient(mark)
  const { body } = await client.get('/api/v1/me')
  return {
    ...(await settle(client, mark)),
    id: body.id,
    password: 'there is none',
    otherSession: randomId(),
    identity: { id: randomId() },
  }
}

const keyOf = async (
  { client }: { readonly client: Client },
  of: readonly string[],
): Promise<string> => (await make(client, '/api-keys', { name: 'For a program', scopes: of })).key

/** Each is good once, so every asking takes another one. */
const redemptions = await Promise.all(
  Array.from({ length: 100 }, () => redemptionFor(world.deps, 'link')),
)
const nextRedemption = (): object => {
  const next = redemptions.pop()
  if (!next) throw new Error('this test needs more one-time codes')
  return next
}

/** A person's own thing for each field that takes an id, which fits the person's request. */
const ownThings: Record<string, (owner: Person) => Thing> = {
  project_id: ({ project }) => project,
  parent_id: ({ parent }) => parent,
  before: ({ sibling }) => sibling,
  after: ({ sibling }) => sibling,
}

/** A person's own thing of each collection. */
const collectionsOf = (owner: Person): Record<string, Thing> => ({
  '/api/v1/tasks': owner.target,
  '/api/v1/projects': owner.project,
  '/api/v1/labels': owner.label,
  '/api/v1/api-keys': owner.key,
  '/api/v1/me/identities': owner.identity,
  '/api/v1/auth/sessions': { id: owner.otherSession },
})

/**
 * Requests that their owner may make, with one of the owner's ids wherever an id can stand, of
 * operations for which the document's examples do not say enough.
 */
const requests: Partial<Record<OperationId, (owner: Person) => Asked>> = {
  updateMe: () => ({ body: { name: 'Somebody', time_zone: 'Europe/Berlin' } }),
  changePassword: ({ password }) => ({
    body: { current_password: password, new_password: 'one that nobody knew before' },
  }),
  deleteMe: ({ password }) => ({ body: { password } }),
  linkIdentity: ({ password }) => ({
    get body() {
      return { ...nextRedemption(), proof: { password } }
    },
  }),
  unlinkIdentity: ({ identity, password }) => ({ id: identity.id, body: { password } }),
  createApiKey: () => ({ body: { name: 'Phone', scopes: ['tasks:read'] } }),
  createProject: () => ({ body: { name: 'Garden' } }),
  updateProject: ({ project }) => ({ id: project.id, body: { name: 'Renamed' } }),
  listTasks: ({ project, parent }) => ({ query: { project_id: project.id, parent_id: parent.id } }),
  createTask: ({ project, parent }) => ({
    body: { title: 'Sweep', project_id: project.id, parent_id: parent.id },
  }),
  replaceTask: ({ target, parent }) => ({
    id: target.id,
    body: { ...target, title: 'Replaced', parent_id: parent.id },
    headers: { 'If-Match': `"${target['rev']}"` },
  }),
  updateTask: ({ target, project, parent }) => ({
    id: target.id,
    body: { title: 'Renamed', project_id: project.id, parent_id: parent.id },
  }),
  restoreTask: ({ trashed }) => ({ id: trashed.id }),
  moveTask: ({ target, project }) => ({ id: target.id, body: { project_id: project.id } }),
  createLabel: () => ({ body: { name: 'errand' } }),
  updateLabel: ({ label }) => ({ id: label.id, body: { name: 'renamed' } }),
}

const isOpen = ({ access }: (typeof operations)[OperationId]) => access.actors === 'open'
const guarded = operationsOf(world.document).filter(
  ({ operationId }) =>
    Object.hasOwn(operations, operationId) && !isOpen(operations[operationId as OperationId]),
)
const ruleOf = ({ operationId }: Operation): Rule => {
  const { scope, actors } = operations[operationId as OperationId].access
  return { scope, actors: actors as readonly string[] }
}
const requestOf = (operation: Operation, owner: Person): Asked => {
  const own = requests[operation.operationId as OperationId]
  if (own) return own(owner)
  const fields = Object.entries(ownThings).map(([name, thing]) => [name, thing(owner)])
  return validRequest(world.document, operation, {
    collections: collectionsOf(owner),
    fields: Object.fromEntries(fields),
  })
}

const ask = (
  { method, path }: Pick<Operation, 'method' | 'path'>,
  { id = '', query, body, headers }: Asked,
  credential: Headers,
) =>
  world.anonymous.send(
    method,
    path.replace('{id}', id) + (query ? `?${new URLSearchParams(query)}` : ''),
    body,
    {
      ...headers,
      ...credential,
    },
  )

const expectSuccess = (operation: Operation, { status, text }: Answer, who: string) =>
  expect(
    Object.keys(operation.responses).filter((documented) => documented.startsWith('2')),
    `${operation.operationId} by ${who} succeeds: ${text}`,
  ).toContain(String(status))

/**
 * Everything that a person has: each list of the document with all its pages, the trash as well,
 * and the account.
 */
const dump = async ({ client }: Person): Promise<Record<string, unknown>> => {
  const places = guarded
    .filter(({ method, path }) => method === 'GET' && !path.includes('{'))
    .map(({ path }) => path)
  const found: Record<string, unknown> = {}
  for (const place of [...places, '/api/v1/tasks?deleted=true']) {
    const { status, body } = await client.get(place)
    expect(body.next_cursor ?? null, `${place} fits a page`).toBeNull()
    // When a key was last used is noted behind the answer: its owner's own use may still be on its
    // way.
    found[place] =
      status === 200
        ? {
            ...body,
            items: body.items?.map((item: object) => ({ ...item, last_used_at: undefined })),
          }
        : body.code
  }
  return found
}

const idsIn = (data: unknown): string[] => [
  ...new Set(JSON.stringify(data).match(/[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}/g)),
]

/** What a problem says, without what names the request itself. */
const essence = ({ status, body }: Answer) =>
  body === undefined || typeof body.code !== 'string'
    ? { status, body }
    : { status, code: body.code, title: body.title, detail: body.detail, errors: body.errors }

type Attack = {
  readonly as: string
  readonly credential: Headers
  expects(answer: Answer): void | Promise<void>
}
type Prepare = (owner: Person, asked: Asked, operation: Operation) => Promise<readonly Attack[]>

/**
 * Shows that an owner's request succeeds, lets others make an equal one, shows that nothing of the
 * owner's has changed, and that it was a good request until the end.
 */
const attack = async (operation: Operation, kinds: readonly Prepare[]) => {
  const [other, owner] = [await person(), await person()]
  expectSuccess(
    operation,
    await ask(operation, requestOf(operation, other), other.client.headers),
    'the owner',
  )
  const asked = requestOf(operation, owner)
  const attacks: Attack[] = []
  for (const prepare of kinds) attacks.push(...(await prepare(owner, asked, operation)))
  const before = await dump(owner)
  for (const { credential, expects } of attacks)
    await expects(await ask(operation, asked, credential))
  expect(
    await dump(owner),
    `the data of the owner after others tried ${operation.operationId}`,
  ).toEqual(before)
  expectSuccess(
    operation,
    await ask(operation, asked, owner.client.headers),
    'the owner, after others tried',
  )
}

const encode = (part: object) => Buffer.from(JSON.stringify(part)).toString('base64url')

/** Credentials that look like the owner's, and prove nothing. */
const worthless = async (owner: Person): Promise<Record<string, Headers>> => {
  const { token } = owner.client
  const [head, payload, signature] = token.split('.') as [string, string, string]
  const { kid } = JSON.parse(atob(head))
  const claims = claimsOf(token)
  const { privateKey } = await generateKeyPair('EdDSA', { crv: 'Ed25519' })
  const forged = (more: object) =>
    new SignJWT({ ...claims, ...more })
      .setProtectedHeader({ alg: 'EdDSA', kid, typ: 'JWT' })
      .sign(privateKey)
  const [{ x }] = (await world.deps.identity.jwks()).keys as [{ x: string }]
  const confused = new SignJWT(claims)
    .setProtectedHeader({ alg: 'HS256', kid, typ: 'JWT' })
    .sign(Buffer.from(x, 'base64url'))
  const stranger = await elsewhere.register(nextMark())
  const sessions = { userId: owner.id, sessionId: claims.sid, refreshToken: '' }
  world.clock.advance(-3_600_000)
  const { access_token: expired } = await world.deps.identity.issueTokens(sessions)
  world.clock.advance(3_600_000)
  const expiresAt = new Date(world.clock.now() + 500).toISOString()
  const expiredKey = await make(owner.client, '/api-keys', {
    name: 'Short',
    scopes,
    expires_at: expiresAt,
  })
  world.clock.advance(500)
  return {
    'no token': {},
    'no token behind Bearer': { Authorization: 'Bearer' },
    'another scheme': { Authorization: `Basic ${btoa(`${owner.id}:${owner.password}`)}` },
    'what is not a token': bearer('nonsense'),
    'the id of the owner': bearer(owner.id),
    'a token that was cut short': bearer(token.slice(0, -8)),
    'a token without its signature': bearer(`${head}.${payload}.`),
    "a token with another's payload": bearer(
      `${head}.${encode({ ...claims, sub: randomId() })}.${signature}`,
    ),
    'an expired token': bearer(expired),
    'a token signed with another key under our key id': bearer(await forged({})),
    'a token of another issuer under our key id': bearer(
      await forged({ iss: elsewhere.deps.identity.issuer }),
    ),
    'a token of another Taskport': bearer(stranger.token),
    'a token with alg none': bearer(`${encode({ alg: 'none', kid, typ: 'JWT' })}.${payload}.`),
    'a token signed with our public key as a secret': bearer(await confused),
    'a malformed API key': bearer('tpk_nonsense'),
    'an unknown API key': bearer((await newApiKey()).key),
    'an expired API key': bearer(expiredKey.key),
    'a worthless X-API-Key beside a good token': { ...bearer(token), 'X-API-Key': 'nonsense' },
  }
}

/** RFC 6750, 3.1: an error code only where there was a token. */
const expectUnauthenticated = (as: string, credential: Headers) => (answer: Answer) => {
  expect([answer.status, answer.body?.code], as).toEqual([401, 'unauthenticated'])
  const hasToken = 'X-API-Key' in credential || credential['Authorization']?.startsWith('Bearer ')
  expect(answer.headers.get('WWW-Authenticate'), as).toBe(
    `Bearer realm="taskport"${hasToken ? ', error="invalid_token"' : ''}`,
  )
}

const worthlessAttacks = async (owner: Person): Promise<Attack[]> =>
  Object.entries(await worthless(owner)).map(([as, credential]) => ({
    as,
    credential,
    expects: expectUnauthenticated(as, credential),
  }))

const expectRefused = (as: string, code: string) => (answer: Answer) => {
  expect([answer.status, answer.body?.code], as).toEqual([403, code])
  if (code !== 'other_user')
    expect(answer.headers.get('WWW-Authenticate'), as).toBe(
      'Bearer realm="taskport", error="insufficient_scope"',
    )
}

/**
 * What the request becomes when it names things that nobody has; the same one where it names none.
 */
const unknownTwin = (asked: Asked, ids: readonly string[]): Asked => {
  const text = JSON.stringify(asked)
  const twin = ids.reduce((changed, id) => changed.replaceAll(id, randomId()), text)
  return twin === text ? asked : JSON.parse(twin)
}

/** Another user is told what would be told if the owner had nothing at all. */
const expectStranger = async (
  operation: Operation,
  owner: Person,
  asked: Asked,
  as: string,
  credential: Headers,
): Promise<Attack> => {
  const secrets = [owner.mark, ...idsIn([await dump(owner), owner.id])]
  const twin = unknownTwin(asked, secrets.slice(1))
  return {
    as,
    credential,
    expects: async (answer) => {
      const told = JSON.stringify([essence(answer), [...answer.headers]])
      expect(
        secrets.filter((secret) => told.includes(secret)),
        `${as}: ${told}`,
      ).toEqual([])
      if (twin === asked) return
      expect([answer.status, answer.body?.code], as).toEqual(
        asked.id === undefined ? [422, 'invalid'] : [404, 'not_found'],
      )
      expect(
        essence(await ask(operation, twin, credential)),
        `${as} is told the same of a thing that nobody has`,
      ).toEqual(essence(answer))
    },
  }
}

const strangers = async (owner: Person, asked: Asked, operation: Operation): Promise<Attack[]> => {
  const { actors } = ruleOf(operation)
  const other = await person()
  const withKey = { client: await world.register(nextMark()) }
  const kinds = [
    { kind: 'session', as: 'another user', credential: other.client.headers },
    { kind: 'key', as: "another user's API key", credential: bearer(await keyOf(withKey, scopes)) },
    {
      kind: 'external',
      as: 'a user of another issuer',
      credential: (await outsidersClient(nextMark())).headers,
    },
  ]
  return Promise.all(
    kinds.map(({ kind, as, credential }) =>
      actors.includes(kind)
        ? expectStranger(operation, owner, asked, as, credential)
        : { as, credential, expects: expectRefused(as, 'session_required') },
    ),
  )
}

const keysWithoutScope = async (
  owner: Person,
  _asked: Asked,
  operation: Operation,
): Promise<Attack[]> => {
  const { scope, actors } = ruleOf(operation)
  const others = scopes.filter((name) => name !== scope)
  const key = await keyOf(owner, others)
  // The first use of a key is noted; that is the owner's doing, and not what is looked for.
  await world.client(key).get('/api/v1/me')
  const expects = expectRefused(
    `a key with ${others}`,
    actors.includes('key') ? 'insufficient_scope' : 'session_required',
  )
  return [bearer(key), { 'X-API-Key': key }].map((credential) => ({
    as: 'a key without the scope',
    credential,
    expects,
  }))
}

test('these operations ask for no credential, and no others', () =>
  expect(
    Object.values(operations)
      .filter(isOpen)
      .map(({ id }) => id),
  ).toEqual(open))

describe.each(guarded.map((operation) => [operation.operationId, operation] as const))(
  '%s',
  (_name, operation) => {
    test('is refused to clients that prove nothing, to API keys without its scope, and to other users', () =>
      attack(operation, [worthlessAttacks, keysWithoutScope, strangers]))

    test('is done for the kinds of credential that the operation names, and no other', async () => {
      const { scope, actors } = ruleOf(operation)
      const [owner, foreigner] = [await person(), await outsider()]
      const key = await keyOf(owner, scope === null ? scopes : [scope])
      const byKey = await ask(operation, requestOf(operation, owner), bearer(key))
      if (actors.includes('key')) expectSuccess(operation, byKey, 'an API key with the scope')
      else expectRefused('an API key', 'session_required')(byKey)
      const byForeigner = await ask(
        operation,
        requestOf(operation, foreigner),
        foreigner.client.headers,
      )
      if (actors.includes('external'))
        expectSuccess(operation, byForeigner, 'a user of another issuer')
      else expectRefused('a user of another issuer', 'session_required')(byForeigner)
    })
  },
)

test('users of other issuers make API keys only where the configuration lets them', async () => {
  const foreigner = elsewhere.client(await externalToken('somebody', elsewhere))
  const { status, body } = await foreigner.post('/api/v1/api-keys', {
    name: 'Phone',
    scopes: ['tasks:read'],
  })
  expect([status, body.code]).toEqual([403, 'session_required'])
  expect((await foreigner.get('/api/v1/api-keys')).body.items).toEqual([])
})

// Ids in bodies and queries, one by one.

type Schema = OpenApi['components']['schemas'][string]
const resolved = resolvedIn(world.document)
const takesId = (schema: Schema): boolean => JSON.stringify(schema).includes('"format":"uuid"')
const idFields = guarded.flatMap((operation) => {
  const inQuery = (operation.parameters ?? [])
    .filter((p) => p.in === 'query' && takesId(p.schema))
    .map(({ name }) => ['query', name] as const)
  const properties = Object.entries(
    (resolved(bodySchemaOf(operation) ?? {})['properties'] ?? {}) as Record<string, Schema>,
  )
  const inBody = properties
    .filter(([, schema]) => takesId(schema))
    .map(([name]) => ['body', name] as const)
  return [...inQuery, ...inBody].map(
    ([place, name]) => [operation.operationId, place, name, operation] as const,
  )
})

test('there are fields that take ids', () => expect(idFields.length).toBeGreaterThanOrEqual(8))

test.each(idFields)(
  '%s: a foreign id in the %s field %s is answered like an unknown one',
  async (_name, place, field, operation) => {
    const own = ownThings[field]
    if (!own)
      throw new Error(
        `this test knows no thing of one's own for the field ${field}: add it to \`ownThings\``,
      )
    const [owner, other] = [await person(), await person()]
    const before = await dump(owner)
    const withId = (who: Person, id: string): Asked => {
      const asked = requestOf(operation, who)
      return { ...asked, [place]: { ...asked[place], [field]: id } }
    }
    const foreign = await ask(operation, withId(other, own(owner).id), other.client.headers)
    const unknown = await ask(operation, withId(other, randomId()), other.client.headers)
    expect([foreign.status, foreign.body.code]).toEqual([422, 'invalid'])
    expect(essence(foreign)).toEqual(essence(unknown))
    expect(await dump(owner)).toEqual(before)
    expectSuccess(
      operation,
      await ask(operation, withId(other, own(other).id), other.client.headers),
      'somebody with an id of their own',
    )
  },
)

test('a foreign label or word as a filter finds nothing, and a foreign name is free', async () => {
  const [owner, other] = [await person(), await person()]
  const name = String(owner.label['name'])
  for (const query of [
    new URLSearchParams({ label: name }),
    new URLSearchParams({ q: owner.mark }),
  ]) {
    expect(
      (await owner.client.get(`/api/v1/tasks?${query}`)).body.items.length,
      `the owner finds by ${query}`,
    ).toBeGreaterThan(0)
    const { status, body } = await other.client.get(`/api/v1/tasks?${query}`)
    expect([status, body], `another by ${query}`).toEqual([200, { items: [], next_cursor: null }])
  }
  expect((await owner.client.post('/api/v1/labels', { name })).status).toBe(409)
  const made = await other.client.post('/api/v1/labels', { name })
  expect(made.status).toBe(201)
  expect(made.body.id).not.toBe(owner.label.id)
})

const paged = guarded.filter(({ parameters = [] }) =>
  parameters.some(({ name }) => name === 'cursor'),
)

test.each(paged.map((operation) => [operation.operationId, operation] as const))(
  "%s: another's cursor leads to nothing of theirs",
  async (_name, operation) => {
    const [owner, other] = [await person(), await person()]
    const secrets = [owner.mark, ...idsIn([await dump(owner), owner.id])]
    const { body } = await ask(operation, { query: { limit: '1' } }, owner.client.headers)
    expect(body.next_cursor, 'the owner has more than one').not.toBeNull()
    const query = { limit: '1', cursor: String(body.next_cursor) }
    expectSuccess(operation, await ask(operation, { query }, owner.client.headers), 'the owner')
    const answer = await ask(operation, { query }, other.client.headers)
    expect([200, 422]).toContain(answer.status)
    expect(secrets.filter((secret) => answer.text.includes(secret))).toEqual([])
  },
)

const idempotent = guarded.filter(({ parameters = [] }) =>
  parameters.some(({ name }) => name === 'Idempotency-Key'),
)

test.each(idempotent.map((operation) => [operation.operationId, operation] as const))(
  "%s: another's Idempotency-Key is not known",
  async (_name, operation) => {
    const [owner, other] = [await person(), await person()]
    const { body = {}, ...rest } = requestOf(operation, owner)
    const ids = idsIn([await dump(owner), owner.id])
    // Without ids of the owner's in its body the request is one that anybody may make.
    const anybodys = Object.fromEntries(
      Object.entries(body).filter(([, value]) => !ids.includes(String(value))),
    )
    const asked = {
      ...rest,
      ...(operation.requestBody && { body: anybodys }),
      headers: { 'Idempotency-Key': 'the same' },
    }
    const first = await ask(operation, asked, owner.client.headers)
    expectSuccess(operation, first, 'the owner')
    expect(
      (await ask(operation, asked, owner.client.headers)).headers.get('Idempotency-Replayed'),
      'a repetition',
    ).toBe('true')
    const before = await dump(owner)
    const answer = await ask(operation, asked, other.client.headers)
    expect(answer.headers.get('Idempotency-Replayed')).toBeNull()
    const secrets = [owner.mark, ...idsIn([before, first.body])]
    expect(secrets.filter((secret) => JSON.stringify(essence(answer)).includes(secret))).toEqual([])
    expect(await dump(owner)).toEqual(before)
  },
)

// The original contract, whose operations are not in the document but among the routes.

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
