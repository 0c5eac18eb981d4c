// Whatever is sent, the answer is one that the document names, and never a 5xx. Made from the
// OpenAPI document: each request is a valid one, of the document's examples and things that exist,
// with one hostile change. FUZZ_SEED=n repeats the run of that seed; FUZZ_SHARE=n sends only every
// nth of the requests, beginning where the seed says.
import fc from 'fast-check'
import { afterAll, describe, expect, test } from 'vitest'
import { type OpenApi, type Operation, operationsOf } from '../support/document.ts'
import { redemptionFor, VERIFIER } from '../support/sign-in-codes.ts'
import { seedFrom } from '../support/size.ts'
import { type Client, createWorld, type User } from '../support/world.ts'

const SEED = seedFrom('FUZZ_SEED')
const SHARE = Number(process.env['FUZZ_SHARE'] ?? 1)
const AT_LEAST = Math.floor(5_000 / SHARE)
/** Random requests per operation, besides those that are sent in every run. */
const RANDOM_RUNS = Math.ceil(12 / SHARE)

const plenty = {
  QUOTA_TASKS: '1000000',
  QUOTA_PROJECTS: '1000000',
  QUOTA_LABELS: '1000000',
  QUOTA_KEYS: '1000000',
}
const world = await createWorld({ env: { RATE_LIMIT: 'off', ...plenty } })
afterAll(() => world.close())

// What is sent.

type Json = null | boolean | number | string | Json[] | { [field: string]: Json }
type Fields = { [field: string]: Json }
type Headers = Record<string, string>
type Bytes = Uint8Array<ArrayBuffer>
/** A request that its user may make; `body` is one of a documented type. */
type Valid = {
  readonly path: string
  readonly id: string
  readonly query: Headers
  readonly headers: Headers
  readonly body?: Fields
}
type Sent = { readonly target: string; readonly headers: Headers; readonly body?: string | Bytes }

let count = 0
const fresh = (): string => `f${++count}`
const tokenOf = ({ token }: Client) => ({ Authorization: `Bearer ${token}` })

const fuzzer = await world.register('fuzzer')
// Of a user who signs in a thousand times, sessions that are in use stay.
await world.anonymous.post('/api/v1/auth/refresh', { refresh_token: fuzzer.refreshToken })
/** The original contract lists everything at once, so its user has few tasks. */
const veteran = await world.register('veteran')
const { body: project } = await fuzzer.post('/api/v1/projects', { name: 'Fuzz' })
const { body: label } = await fuzzer.post('/api/v1/labels', { name: 'fuzz' })
const { body: sibling } = await fuzzer.post('/api/v1/tasks', {
  title: 'Sibling',
  project_id: project.id,
})
const { body: trashed } = await fuzzer.post('/api/v1/tasks', {
  title: 'Trashed',
  project_id: project.id,
})
await fuzzer.delete(`/api/v1/tasks/${trashed.id}`)

/**
 * An operation of the original contract, which the document leaves out: as the document would have
 * it.
 */
const original = (
  operationId: string,
  method: string,
  path: string,
  status: number,
  example?: Fields,
): Operation => ({
  operationId,
  method,
  path: `/api/${veteran.id}/tasks${path}`,
  security: [{ bearer: [] }],
  parameters:
    path === '' && method === 'GET'
      ? [{ name: 'status', in: 'query', schema: { type: 'string' } }]
      : [],
  responses: { [status]: { description: 'As it should be.' } },
  ...(example && {
    requestBody: {
      content: {
        'application/json': {
          schema: {
            properties: Object.fromEntries(Object.keys(example).map((name) => [name, {}])),
            example,
          },
        },
      },
    },
  }),
})
const operations: readonly Operation[] = [
  ...operationsOf(world.document),
  original('original.list', 'GET', '', 200),
  original('original.create', 'POST', '', 201, { title: 'Sweep', description: 'The chimney.' }),
  original('original.get', 'GET', '/{id}', 200),
  original('original.update', 'PUT', '/{id}', 200, { title: 'Sweep', description: 'The chimney.' }),
  original('original.delete', 'DELETE', '/{id}', 204),
  original('original.complete', 'PATCH', '/{id}/complete', 200, { completed: true }),
]

/** Operations after which the credential that they were called with is good no more. */
const lastOnes = new Set(['logout', 'deleteMe', 'changePassword'])

const signIn = async ({ email, password }: User) =>
  (await world.anonymous.post('/api/v1/auth/login', { email, password })).body
const sessionIn = (token: string): string =>
  JSON.parse(Buffer.from(token.split('.')[1] as string, 'base64url').toString()).sid

/** Values that the document cannot know: what exists, and what must not exist yet. */
const liveFields = (
  operation: Operation,
  user: User,
): Record<string, () => Promise<Json> | Json> => ({
  email: () => (operation.operationId === 'register' ? `${fresh()}@example.org` : user.email),
  password: () => (operation.operationId === 'register' ? 'a heron on the pier' : user.password),
  current_password: () => user.password,
  refresh_token: async () => (await signIn(user)).refresh_token,
  code: async () =>
    (await redemptionFor(world.deps, operation.operationId === 'linkIdentity' ? 'link' : 'sign-in'))
      .code,
  verifier: () => VERIFIER,
  proof: () => ({ password: user.password }),
  name: fresh,
  project_id: () => project.id,
  parent_id: () => sibling.id,
  before: () => sibling.id,
  after: () => sibling.id,
})

type Schema = OpenApi['components']['schemas'][string]
const resolved = (schema: Schema): Schema =>
  schema.$ref === undefined
    ? schema
    : (world.document.components.schemas[schema.$ref.split('/').at(-1) as string] as Schema)
const bodySchemaOf = ({ requestBody }: Operation): Schema | undefined => {
  const { schema } = Object.values(requestBody?.content ?? {})[0] ?? {}
  return schema && resolved(schema)
}

/** The document's example, with live values. */
const bodyOf = async (operation: Operation, user: User): Promise<Fields | undefined> => {
  const schema = bodySchemaOf(operation)
  if (!schema) return undefined
  const live = liveFields(operation, user)
  const fields = Object.entries(schema.example as Fields).map(
    async ([name, value]) => [name, (await live[name]?.()) ?? value] as const,
  )
  return Object.fromEntries(await Promise.all(fields))
}

/**
 * A new thing of the kind that the path names: made by the POST of its collection, or, a session,
 * by signing in.
 */
const targetOf = async (
  { path, operationId }: Operation,
  user: User,
): Promise<{ id: string; rev?: string }> => {
  const collection = path.slice(0, path.indexOf('/{id}'))
  if (collection === '/api/v1/auth/sessions')
    return { id: sessionIn((await signIn(user)).access_token) }
  const create = operations.find((other) => other.method === 'POST' && other.path === collection)
  if (!create) throw new Error(`there is no POST ${collection} to make a thing for ${operationId}`)
  const { status, body } = await user.post(collection, await bodyOf(create, user))
  expect(status, `${create.operationId} with its example`).toBe(201)
  if (operationId === 'restoreTask') await user.delete(`${collection}/${body.id}`)
  return operationId === 'restoreTask' ? (await user.get(`${collection}/${body.id}`)).body : body
}

const userOf = ({ operationId, path }: Operation) => {
  if (lastOnes.has(operationId)) return world.register(fresh())
  return path.startsWith('/api/v1/') ? fuzzer : veteran
}

const valid = async (operation: Operation): Promise<Valid> => {
  const { path, security = [], parameters = [] } = operation
  const user = await userOf(operation)
  const target = path.includes('{id}') ? await targetOf(operation, user) : undefined
  const takes = (header: string) => parameters.some(({ name }) => name === header)
  const body = await bodyOf(operation, user)
  return {
    path,
    id: target?.id ?? '',
    query: {},
    headers: {
      ...(security.length > 0 && tokenOf(user)),
      ...(takes('If-Match') && target?.rev !== undefined && { 'If-Match': `"${target.rev}"` }),
      ...(takes('Idempotency-Key') && count % 2 === 0 && { 'Idempotency-Key': fresh() }),
      ...(body && {
        'Content-Type': Object.keys(operation.requestBody?.content ?? {})[0] as string,
      }),
    },
    ...(body && { body }),
  }
}

const urlOf = (path: string, id: string, search: string): string =>
  path.replace('{id}', () => id) + (search && `?${search}`)
const sentAsIs = ({ path, id, query, headers, body }: Valid): Sent => ({
  target: urlOf(path, id, new URLSearchParams(query).toString()),
  headers,
  ...(body && { body: JSON.stringify(body) }),
})

// What is hostile.

/** Something hostile, under a name, because a megabyte is no help in a message. */
type Hostile<T> = { readonly name: string; readonly value: T }
const named = <T>(name: string, value: T): Hostile<T> =>
  ({ name, value, [fc.toStringMethod]: () => name }) as Hostile<T>
const short = <T>(value: T): Hostile<T> =>
  named(JSON.stringify(value)?.slice(0, 200) ?? String(value), value)
const nested = (open: string, close: string, depth = 100_000) =>
  open.repeat(depth) + close.repeat(depth)

const times = [
  ...[
    '2026-02-30',
    '2026-13-01',
    '2025-02-29',
    '0000-01-01',
    '0999-12-31',
    '9999-12-31',
    '-000001-01-01',
    '+010000-01-01',
    '2026-1-1',
  ],
  ...[
    '2026-12-01T24:00:00',
    '2026-12-01T09:00:60',
    '2026-12-01T09:00:00Z',
    '2026-12-01T09:00',
    '2026-02-30T09:00:00',
    '0000-01-01T00:00:00',
  ],
  ...[
    '9999-12-31T23:59:59.999Z',
    '9999-12-31T23:59:59-23:59',
    '0000-01-01T00:00:00Z',
    '2026-12-01T09:00:00+99:99',
    '2026-12-01T09:00:00.123456789Z',
  ],
  ...['Mars/Olympus', 'Etc/GMT+25', '../../etc/passwd', 'europe/berlin', '+02:00', 'UTC\u0000'],
]
const words = [
  ...[
    '',
    ' ',
    '\n',
    '\t x',
    '\u0000',
    'a\u0000b',
    '\ud800',
    'x\udc00y',
    '\ufeff',
    '\ufffe',
    '\u202e',
    '\u2028',
    '�',
    'e\u0301'.repeat(300),
  ],
  ...[
    '__proto__',
    'constructor',
    'prototype',
    'toString',
    'hasOwnProperty',
    'null',
    'undefined',
    'NaN',
    'true',
    '-1',
    '1e400',
    '[object Object]',
  ],
  ...[
    "'; drop table tasks; --",
    '" or 1=1 --',
    '%',
    '_',
    '!%',
    '\\',
    '#{7*7}',
    '{{7*7}}',
    '<script>alert(1)</script>',
    '\r\nX-Injected: yes',
  ],
  ...[
    '00000000-0000-0000-0000-000000000000',
    'ffffffff-ffff-ffff-ffff-ffffffffffff',
    '{0199c2f4-5a2b-7c3d-8e4f-5a6b7c8d9e0f}',
    'tpk_x',
    'a@b',
  ],
]
const longTexts = [
  named('500,000 letters', 'x'.repeat(500_000)),
  named('100,000 emoji', '🦊'.repeat(100_000)),
  named('100,000 of the ligature that folds to 18 letters', '\ufdfa'.repeat(100_000)),
  named('501 letters', 'x'.repeat(501)),
]
const otherIds = [
  ...['task', 'project', 'label', 'user', 'trash'].map((kind, i) =>
    named(`the id of a ${kind}`, [sibling, project, label, fuzzer, trashed][i].id as string),
  ),
  named('an id in upper case', sibling.id.toUpperCase() as string),
  named('a random id', '0199c2f4-5a2b-4c3d-8e4f-5a6b7c8d9e0f'),
]

/** Values of a field, as raw JSON text or what is nearly JSON. */
const hostileValues: readonly Hostile<string>[] = [
  ...[
    'null',
    'true',
    '0',
    '-1',
    '1.5',
    '-0',
    '1e400',
    '-1e400',
    '1e-400',
    '99999999999999999999999999',
    'NaN',
    'Infinity',
    '-Infinity',
  ].map(short),
  ...[
    'undefined',
    '0x10',
    '01',
    '',
    "'x'",
    '"unclosed',
    '"\\x41"',
    '"\\ud800"',
    '"\\udc00\\ud800"',
    '"\\u0000"',
    '"line\nbreak"',
  ].map(short),
  ...[
    '{}',
    '[]',
    '[[]]',
    '[null]',
    '[{}]',
    '{"":""}',
    '{"__proto__":{"admin":true}}',
    '{"constructor":{"prototype":{}}}',
    '["__proto__"]',
  ].map(short),
  ...[
    '{"toJSON":"x"}',
    '{"length":1e9}',
    '{"then":"x"}',
    '{"date":null}',
    '{"datetime":null,"time_zone":null}',
    '{"time_zone":"UTC"}',
  ].map(short),
  ...['1000-01-01T00:00:00', '9998-12-31T23:59:59', '2026-03-29T02:30:00'].flatMap((datetime) =>
    ['Pacific/Kiritimati', 'Etc/GMT+12', 'Europe/Berlin', 'Mars/Olympus', 'africa/monrovia'].map(
      (zone) => short(JSON.stringify({ datetime, time_zone: zone })),
    ),
  ),
  ...[...times, ...words].map((text) => short(JSON.stringify(text))),
  ...[...longTexts, ...otherIds].map(({ name, value }) => named(name, JSON.stringify(value))),
  named('an array 100,000 deep', nested('[', ']')),
  named('an object 100,000 deep', `${'{"a":'.repeat(100_000)}1${'}'.repeat(100_000)}`),
  named('an array 1,000 deep', nested('[', ']', 1_000)),
  named(
    'an array of 10,000 texts',
    JSON.stringify(Array.from({ length: 10_000 }, (_, i) => `l${i}`)),
  ),
  named('an array of 10,000 nulls', JSON.stringify(Array(10_000).fill(null))),
  named(
    'an object of 10,000 fields',
    JSON.stringify(Object.fromEntries(Array.from({ length: 10_000 }, (_, i) => [`f${i}`, i]))),
  ),
]

const bytesOf = (text: string): Bytes => new Uint8Array(new TextEncoder().encode(text))
const join = (...parts: Bytes[]): Bytes => new Uint8Array(Buffer.concat(parts))
const utf16 = (text: string): Bytes => new Uint8Array(Buffer.from(`\ufeff${text}`, 'utf16le'))
const paddedTo = (size: number) => (text: string) =>
  bytesOf(text + ' '.repeat(Math.max(0, size - bytesOf(text).byteLength)))
const MIB = 1024 * 1024

/** Whole bodies, made from the valid one. */
const hostileBodies: readonly Hostile<(text: string) => string | Bytes>[] = [
  ...[
    '',
    ' ',
    'null',
    'true',
    '7',
    '"text"',
    '[]',
    '{}',
    '{',
    '}',
    '[',
    '{"',
    '{"a"',
    '{"a":',
    '{"a":1,}',
    "{'a':1}",
    '{a:1}',
    '//',
    '\u0000',
    '<a/>',
    'a=1&b=2',
  ].map((text) => named(`the body ${JSON.stringify(text)}`, () => text)),
  named('the body in an array', (text) => `[${text}]`),
  named('the body twice', (text) => text + text),
  named('the body cut short', (text) => text.slice(0, -1)),
  named('the body with a trailing comma', (text) => text.replace(/\}$/, ',}')),
  named('an unknown field', (text) => text.replace(/^\{/, '{"surprise":1,')),
  named('the field __proto__', (text) =>
    text.replace(/^\{/, '{"__proto__":{"title":"x","name":"x"},'),
  ),
  named('the field constructor', (text) => text.replace(/^\{/, '{"constructor":{"prototype":{}},')),
  named('an empty field name', (text) => text.replace(/^\{/, '{"":1,')),
  named('a field name with NUL and a lone surrogate', (text) =>
    text.replace(/^\{/, '{"\\u0000\\ud800":1,'),
  ),
  named('a field name of 100,000 letters', (text) =>
    text.replace(/^\{/, `{"${'x'.repeat(100_000)}":1,`),
  ),
  named('each field twice', (text) => text.replace(/\}$/, `,${text.slice(1)}`)),
  named('10,000 unknown fields', (text) =>
    text.replace(/^\{/, `{${Array.from({ length: 10_000 }, (_, i) => `"u${i}":0,`).join('')}`),
  ),
  named(
    'the body 100,000 deep in arrays',
    (text) => `${'['.repeat(100_000)}${text}${']'.repeat(100_000)}`,
  ),
  named('100,000 opening brackets', () => '['.repeat(100_000)),
  named('a byte order mark', (text) => join(new Uint8Array([0xef, 0xbb, 0xbf]), bytesOf(text))),
  named('UTF-16', utf16),
  named('bytes that are not UTF-8', (text) =>
    join(bytesOf(text.slice(0, -1)), new Uint8Array([0xff, 0xfe, 0xc0, 0xaf]), bytesOf('}')),
  ),
  named('an overlong NUL', (text) => join(new Uint8Array([0xc0, 0x80]), bytesOf(text))),
  named('a surrogate in UTF-8', (text) =>
    join(bytesOf('{"'), new Uint8Array([0xed, 0xa0, 0x80]), bytesOf(`":1,${text.slice(1)}`)),
  ),
  named('exactly 1 MiB', paddedTo(MIB)),
]
const tooLarge = named('1 MiB and a byte', paddedTo(MIB + 1))

const texts = [...times, ...words].map(short)
const hostileTexts: readonly Hostile<string>[] = [
  ...texts,
  ...longTexts.map(({ name, value }) => named(name, value.slice(0, 5_000))),
  ...otherIds,
]
const percentEncoded = (bytes: Iterable<number>) =>
  Array.from(bytes, (byte) => `%${byte.toString(16).padStart(2, '0')}`).join('')
/** As it stands in a URL; lone surrogates in the bytes that some clients send for them. */
const encoded = ({ name, value }: Hostile<string>): Hostile<string> =>
  named(
    name,
    percentEncoded(
      Buffer.from(
        value.replace(/[\ud800-\udfff]+/g, (part) => (part.isWellFormed() ? part : '\u0001')),
      ),
    ).replaceAll('%01', '%ed%a0%80'),
  )
const rawUrlTexts = [
  '',
  '%',
  '%z',
  '%zz',
  '%f',
  '%ff%fe',
  '%00',
  '%ed%a0%80',
  '%c0%af',
  '+',
  '%2B',
  '%25',
  '&',
  '=',
  ';',
  '[]',
  '%2e%2e',
  '%2f',
  '%5c',
  '%0d%0aX-Injected:%20yes',
].map((text) => named(`the raw ${text}`, text))
const hostileQueries = [...hostileTexts.map(encoded), ...rawUrlTexts]
const hostileIds = [
  ...hostileTexts.map(encoded),
  ...rawUrlTexts,
  ...['..', '.', 'x', '../projects', 'a/b', ':id', '{id}', '*', 'tasks;v=1', 'tasks.json'].map(
    (text) => named(`the id ${text}`, text),
  ),
]

const unsignedToken = (header: object, payload: unknown = { sub: fuzzer.id }) =>
  [header, payload].map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.')
const tokens = [
  ...[
    { alg: 'none' },
    { alg: ['EdDSA'] },
    { alg: null },
    {},
    [],
    { alg: 'EdDSA', kid: {} },
    { alg: 'EdDSA', kid: 'x'.repeat(3_000) },
  ].map((header) => unsignedToken(header)),
  ...[
    { alg: 'EdDSA', crit: ['b64'], b64: false },
    { alg: 'EdDSA', jwk: {}, jku: 'http://127.0.0.1:1/' },
    { alg: 'HS256' },
    { alg: 'RS256' },
  ].map((header) => unsignedToken(header)),
  ...[null, 7, 'x', [], { exp: 1e308 }, { exp: 'soon' }].map((payload) =>
    unsignedToken({ alg: 'EdDSA' }, payload),
  ),
].map((token) => `Bearer ${token}.AAAA`)
const latin1 = (from: number, to: number) =>
  String.fromCharCode(...Array.from({ length: to - from + 1 }, (_, i) => from + i))
const headerTexts = [
  '',
  '""',
  '"',
  '*',
  '*,*',
  ',',
  '"a","b"',
  'W/"x"',
  '"\u00e9"',
  latin1(0xa0, 0xff),
  'null',
  '{}',
  '\t',
  'x'.repeat(255),
  'x'.repeat(256),
  'x'.repeat(9_000),
  '"x",'.repeat(2_000),
]
const mediaTypes = [
  ...[
    'text/plain',
    'application/xml',
    'application/x-www-form-urlencoded',
    'multipart/form-data',
    'multipart/form-data; boundary=x',
    'application/jsonp',
    '*/*',
    'json',
  ],
  ...[
    'application/json; charset=utf-16',
    'application/json; charset=',
    'application/json;',
    'APPLICATION/JSON',
    'application/json; charset="UTF-8"',
    'application/merge-patch+json',
    'application/json, text/plain',
  ],
]
const hostileHeaders: Readonly<Record<string, readonly string[]>> = {
  'Content-Type': [...mediaTypes, ...headerTexts],
  'Content-Length': ['-1', 'abc', '1e9', '0', '99999999999', '1, 2', '0x10', ''],
  'Content-Encoding': ['gzip', 'br', 'x'],
  'If-Match': headerTexts,
  'If-None-Match': headerTexts,
  'Idempotency-Key': headerTexts,
  'X-Request-Id': headerTexts,
  Authorization: [
    'Bearer',
    'Bearer ',
    'bearer x',
    'Basic eDp5',
    'Bearer x y',
    'Bearer tpk_',
    `Bearer tpk_${'x'.repeat(49)}`,
    ...tokens,
    ...headerTexts,
  ],
  'X-API-Key': [...tokens.map((token) => token.slice(7)), ...headerTexts],
  Accept: ['text/html', 'image/png', ';;q=x', ...headerTexts],
  Origin: ['null', 'https://evil.example', ...headerTexts],
  'X-Forwarded-For': ['127.0.0.1', '::1, x', ...headerTexts],
  'X-HTTP-Method-Override': ['DELETE', 'TRACE'],
  'User-Agent': headerTexts,
  'Accept-Encoding': ['gzip;q=2', ''],
  Range: ['bytes=0-0'],
  Expect: ['100-continue'],
}

// Where it goes.

type Path = readonly (string | 0)[]
/** The fields of a body, those of its objects and the items of its lists. */
const fieldsOf = (schema: Schema | undefined, at: Path = []): Path[] => {
  if (!schema) return []
  const {
    properties = {},
    items,
    anyOf = [],
  } = resolved(schema) as { properties?: Record<string, Schema>; items?: Schema; anyOf?: Schema[] }
  const own = Object.entries(properties).flatMap(([name, field]) => [
    [...at, name],
    ...fieldsOf(field, [...at, name]),
  ])
  const list = items ? [[...at, 0 as const], ...fieldsOf(items, [...at, 0])] : []
  const all = [...own, ...list, ...anyOf.flatMap((alternative) => fieldsOf(alternative, at))]
  return [...new Map(all.map((path) => [path.join('/'), path])).values()]
}

/** The JSON text of `body` with `raw` at a path. */
const withRaw = (body: Json | undefined, [step, ...rest]: Path, raw: string): string => {
  if (step === undefined) return raw
  if (step === 0) return `[${withRaw(undefined, rest, raw)}]`
  const fields = typeof body === 'object' && body !== null && !Array.isArray(body) ? body : {}
  const others = Object.entries(fields).filter(([name]) => name !== step)
  const members = [
    ...others.map(([name, value]) => `${JSON.stringify(name)}:${JSON.stringify(value)}`),
    `${JSON.stringify(step)}:${withRaw(fields[step], rest, raw)}`,
  ]
  return `{${members.join(',')}}`
}

/** One hostile change of a valid request. */
type Change = {
  readonly to: Hostile<unknown>
  readonly says: string
  readonly apply: (valid: Valid) => Sent
}
const changing = (place: string, to: Hostile<unknown>, apply: Change['apply']): Change => {
  const says = `${place} as ${to.name}`
  return { to, says, apply, [fc.toStringMethod]: () => says } as Change
}
const textOf = ({ body }: Valid) => JSON.stringify(body)

const fieldChange = (at: Path, to: Hostile<string>): Change =>
  changing(`the field /${at.join('/')}`, to, (valid) => ({
    ...sentAsIs(valid),
    body: withRaw(valid.body, at, to.value),
  }))

const bodyChange = (to: Hostile<(text: string) => string | Bytes>): Change =>
  changing('the body', to, (valid) => ({ ...sentAsIs(valid), body: to.value(textOf(valid)) }))

const headerChange = (header: string, to: Hostile<string>): Change =>
  changing(`the header ${header}`, to, (valid) => ({
    ...sentAsIs(valid),
    headers: { ...valid.headers, [header]: to.value },
  }))

const searchChange = (place: string, to: Hostile<string>): Change =>
  changing(place, to, (valid) => ({
    ...sentAsIs(valid),
    target: urlOf(valid.path, valid.id, to.value),
  }))

const idChange = (to: Hostile<string>): Change =>
  changing('the id', to, (valid) => ({
    ...sentAsIs(valid),
    target: urlOf(valid.path, to.value, ''),
  }))

const queryOf = ({ parameters = [] }: Operation) => parameters.filter((p) => p.in === 'query')

/** Changes of one query parameter: hostile, given twice or often, and unknown ones beside it. */
const queryChanges = (operation: Operation): Change[] => {
  const replaced = queryOf(operation).flatMap(({ name }) => [
    ...hostileQueries.map((to) =>
      searchChange(`the parameter ${name}`, named(to.name, `${name}=${to.value}`)),
    ),
    searchChange(`the parameter ${name}`, named('twice', `${name}=1&${name}=1`)),
    searchChange(`the parameter ${name}`, named('a thousand times', `${name}=x&`.repeat(1_000))),
    searchChange(`the parameter ${name}`, named('with brackets', `${name}[]=1&${name}[x]=1`)),
    searchChange(`the parameter ${name}`, named('in upper case', `${name.toUpperCase()}=1`)),
  ])
  const unknown = [
    'surprise=1',
    '=',
    '&&&',
    '?',
    '__proto__=1',
    'constructor=1',
    '%',
    '%ff=%ff',
    'a'.repeat(8_000),
  ].map((text) => searchChange('the query', short(text)))
  return [...replaced, ...unknown]
}

type Cursor = { readonly base: string; readonly cursor: string }
/** A cursor of this list in each of its orders. */
const cursorsOf = async (operation: Operation): Promise<Cursor[]> => {
  if (!queryOf(operation).some(({ name }) => name === 'cursor')) return []
  const sorts = (queryOf(operation).find(({ name }) => name === 'sort')?.schema['enum'] ??
    []) as string[]
  const bases = ['limit=1', ...sorts.map((sort) => `limit=1&sort=${sort}`)]
  const answers = await Promise.all(bases.map((base) => fuzzer.get(`${operation.path}?${base}`)))
  return bases.flatMap((base, i) =>
    answers[i]?.body.next_cursor ? [{ base, cursor: String(answers[i].body.next_cursor) }] : [],
  )
}

const base64url = (data: unknown) => Buffer.from(JSON.stringify(data)).toString('base64url')
const cursorChanges = (cursors: readonly Cursor[]): Change[] =>
  cursors.flatMap(({ base, cursor }) => {
    const [list, key, id] = JSON.parse(Buffer.from(cursor, 'base64url').toString()) as [
      string,
      string,
      string,
    ]
    const keys = [
      '',
      '\u0000',
      '\ud800',
      'x'.repeat(1_000),
      '9',
      '-1',
      '9999-99-99T99:99:99.999Z',
      '2026-12-01',
      'null',
      "'",
    ]
    const tampered = [
      ...[
        [],
        {},
        null,
        7,
        'x',
        [list],
        [1, 2, 3],
        [list, key, id, id],
        [list, null, id],
        [list, key, 7],
        ['', '', ''],
        ['x', key, id],
      ].map(base64url),
      ...keys.map((other) => base64url([list, other, id])),
      ...['', 'x', '\u0000', id.toUpperCase(), '00000000-0000-0000-0000-000000000000'].map(
        (other) => base64url([list, key, other]),
      ),
      ...[
        cursor.slice(1),
        cursor.slice(0, -1),
        cursor.slice(0, 5),
        cursor + cursor,
        `${cursor}==`,
        '*',
        'AAAA',
        '-_-_',
        Buffer.from([0xff, 0xfe]).toString('base64url'),
        'W1',
      ],
      ...cursors.map((other) => other.cursor),
      'W'.repeat(1_999),
      'W'.repeat(2_001),
    ]
    return tampered.map((text) =>
      searchChange(`the cursor of ${base}`, short(`${base}&cursor=${text}`)),
    )
  })

const changesOf = async (operation: Operation): Promise<Change[]> => {
  const fields = fieldsOf(bodySchemaOf(operation))
  return [
    ...fields.flatMap((at) => hostileValues.map((to) => fieldChange(at, to))),
    ...(operation.requestBody ? [...hostileBodies, tooLarge].map(bodyChange) : []),
    ...Object.entries(hostileHeaders).flatMap(([header, given]) =>
      given.map((value) => headerChange(header, short(value))),
    ),
    ...(operation.path.includes('{id}') ? hostileIds.map(idChange) : []),
    ...queryChanges(operation),
    ...cursorChanges(await cursorsOf(operation)),
  ]
}

/** Random changes of the same places. */
const randomChange = (operation: Operation): fc.Arbitrary<Change> => {
  const anyText = fc.string({ unit: 'binary', maxLength: 300 })
  const anyUrlText = fc
    .oneof(
      anyText.map((text) => encoded(short(text)).value),
      fc.uint8Array({ maxLength: 60 }).map(percentEncoded),
    )
    .map(short)
  const anyHeader = fc
    .array(fc.oneof(fc.integer({ min: 0x20, max: 0x7e }), fc.integer({ min: 0xa0, max: 0xff })), {
      maxLength: 200,
    })
    .map((codes) => short(String.fromCharCode(...codes)))
  const anyJson = fc
    .oneof(
      fc.json({ maxDepth: 4 }),
      anyText.map((text) => JSON.stringify(text)),
      fc.double().map(String),
      fc.bigInt().map(String),
    )
    .map(short)
  const corruption = fc
    .tuple(fc.nat(), fc.uint8Array({ maxLength: 4 }), fc.nat(4))
    .map(([at, inserted, removed]) =>
      named(`bytes ${inserted.join(' ')} at ${at} for ${removed}`, (text: string) => {
        const bytes = bytesOf(text)
        const from = at % (bytes.byteLength + 1)
        return join(bytes.slice(0, from), new Uint8Array(inserted), bytes.slice(from + removed))
      }),
    )
  const fields = fieldsOf(bodySchemaOf(operation))
  return fc.oneof(
    fc
      .tuple(
        fc.constantFrom(...Object.keys(hostileHeaders).filter((name) => name !== 'Content-Length')),
        anyHeader,
      )
      .map(([header, to]) => headerChange(header, to)),
    anyUrlText.map((to) => searchChange('the query', to)),
    ...(fields.length > 0
      ? [fc.tuple(fc.constantFrom(...fields), anyJson).map(([at, to]) => fieldChange(at, to))]
      : []),
    ...(operation.requestBody ? [corruption.map(bodyChange)] : []),
    ...(operation.path.includes('{id}') ? [anyUrlText.map(idChange)] : []),
    ...queryOf(operation).map(({ name }) =>
      anyUrlText.map((to) =>
        searchChange(`the parameter ${name}`, named(to.name, `${name}=${to.value}`)),
      ),
    ),
  )
}

// How it is sent, and what was answered.

const answered = new Map<string, Map<number, number>>()
const note = ({ operationId }: Operation, status: number) => {
  const statuses = answered.get(operationId) ?? new Map<number, number>()
  answered.set(operationId, statuses.set(status, (statuses.get(status) ?? 0) + 1))
}

/** Words that stand in our own code's errors, and in no answer. */
const INSIDES = /SQLITE|drizzle|node_modules|node:internal|\.ts:\d+|RangeError|TypeError/

const send = async (operation: Operation, { target, headers, body }: Sent): Promise<number> => {
  const { method } = operation
  // The world holds each answer against the document: its status, type and schema.
  const response = await world.fetch(target, {
    method,
    headers,
    ...(body !== undefined && { body }),
  })
  note(operation, response.status)
  expect(response.status, await response.clone().text()).toBeLessThan(500)
  if (response.status >= 400) expect(await response.text()).not.toMatch(INSIDES)
  return response.status
}

const again = ({ operationId }: Operation) =>
  `to repeat: FUZZ_SEED=${SEED} vitest run test/service/fuzz.test.ts -t '${operationId} '`

describe(`with FUZZ_SEED=${SEED}`, () => {
  test.each(operations.map((operation) => [operation.operationId, operation] as const))(
    '%s answers whatever it is sent',
    async (_id, operation) => {
      const asIs = await send(operation, sentAsIs(await valid(operation)))
      expect(
        Object.keys(operation.responses).filter((status) => status.startsWith('2')),
        'the valid request succeeds',
      ).toContain(String(asIs))
      const changes = (await changesOf(operation)).filter((_, i) => (i + SEED) % SHARE === 0)
      const property = fc.asyncProperty(randomChange(operation), async ({ to, says, apply }) => {
        try {
          const status = await send(operation, apply(await valid(operation)))
          if (to === tooLarge) expect(status).toBe(413)
        } catch (error) {
          throw new Error(
            `${operation.operationId} with ${says}: ${(error as Error).message}\n${again(operation)}`,
            { cause: error },
          )
        }
      })
      await fc.assert(property, {
        seed: SEED,
        examples: changes.map((change) => [change]),
        numRuns: changes.length + RANDOM_RUNS,
      })
    },
  )

  test(`all of that were at least ${AT_LEAST} requests, which got each documented 2xx`, async () => {
    const documented = operations.flatMap(({ operationId, responses }) =>
      Object.keys(responses).flatMap((status) =>
        status.startsWith('2') ? [`${operationId} ${status}`] : [],
      ),
    )
    const reached = [...answered].flatMap(([operationId, statuses]) =>
      [...statuses.keys()].map((status) => `${operationId} ${status}`),
    )
    const total = [...answered.values()]
      .flatMap((statuses) => [...statuses.values()])
      .reduce((sum, n) => sum + n, 0)
    const rows = [...answered].map(
      ([id, statuses]) =>
        `${id.padEnd(16)} ${[...statuses]
          .sort()
          .map(([status, n]) => `${status}: ${n}`)
          .join('  ')}`,
    )
    console.log(`FUZZ_SEED=${SEED}: ${total} requests\n${rows.join('\n')}`)
    expect(documented.filter((one) => !reached.includes(one))).toEqual([])
    expect(total).toBeGreaterThanOrEqual(AT_LEAST)
    expect(
      (await fuzzer.get('/api/v1/me')).status,
      'the user whom all this was sent for is still signed in',
    ).toBe(200)
  })
})
