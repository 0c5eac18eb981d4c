// Valid requests of every operation, made from the examples of the OpenAPI document and from things
// that exist.
import { afterAll, expect } from 'vitest'
import { type OpenApi, type Operation, operationsOf } from '../../support/document.ts'
import { redemptionFor, VERIFIER } from '../../support/sign-in-codes.ts'
import { type Client, createWorld, type User } from '../../support/world.ts'

const plenty = {
  QUOTA_TASKS: '1000000',
  QUOTA_PROJECTS: '1000000',
  QUOTA_LABELS: '1000000',
  QUOTA_KEYS: '1000000',
}
export const world = await createWorld({ env: { RATE_LIMIT: 'off', ...plenty } })
afterAll(() => world.close())

export type Json = null | boolean | number | string | Json[] | { [field: string]: Json }
type Fields = { [field: string]: Json }
type Headers = Record<string, string>
export type Bytes = Uint8Array<ArrayBuffer>
/** A request that its user may make; `body` is one of a documented type. */
export type Valid = {
  readonly path: string
  readonly id: string
  readonly query: Headers
  readonly headers: Headers
  readonly body?: Fields
}

export type Sent = {
  readonly target: string
  readonly headers: Headers
  readonly body?: string | Bytes
}

let count = 0
const fresh = (): string => `f${++count}`
const tokenOf = ({ token }: Client) => ({ Authorization: `Bearer ${token}` })

export const fuzzer = await world.register('fuzzer')
// Of a user who signs in a thousand times, sessions that are in use stay.
await world.anonymous.post('/api/v1/auth/refresh', { refresh_token: fuzzer.refreshToken })
/** The original contract lists everything at once, so its user has few tasks. */
const veteran = await world.register('veteran')
export const { body: project } = await fuzzer.post('/api/v1/projects', { name: 'Fuzz' })
export const { body: label } = await fuzzer.post('/api/v1/labels', { name: 'fuzz' })
export const { body: sibling } = await fuzzer.post('/api/v1/tasks', {
  title: 'Sibling',
  project_id: project.id,
})
export const { body: trashed } = await fuzzer.post('/api/v1/tasks', {
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
  key: path,
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
export const operations: readonly Operation[] = [
  ...operationsOf(world.document),
  original('original.list', 'GET', '', 200),
  original('original.create', 'POST', '', 201, { title: 'Sweep', description: 'The chimney.' }),
  original('original.get', 'GET', '/{id}', 200),
  original('original.update', 'PUT', '/{id}', 200, { title: 'Sweep', description: 'The chimney.' }),
  original('original.delete', 'DELETE', '/{id}', 204),
  original('original.complete', 'PATCH', '/{id}/complete', 200, { completed: true }),
  original('original.status', 'PATCH', '/{id}/status', 200, { status: 'completed' }),
  original('original.edit', 'PATCH', '/{id}', 200, {
    title: 'Sweep',
    description: null,
    completed: false,
    priority: 'High',
    due_date: '2026-12-01T09:00:00Z',
    tags: ['home'],
    category: 'House',
    is_recurring: true,
    reminderTime: '09:00',
  }),
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

export type Schema = OpenApi['components']['schemas'][string]
export const resolved = (schema: Schema): Schema =>
  schema.$ref === undefined
    ? schema
    : (world.document.components.schemas[schema.$ref.split('/').at(-1) as string] as Schema)
export const bodySchemaOf = ({ requestBody }: Operation): Schema | undefined => {
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

/** Things that are not made by a POST of their collection. */
const madeElsewhere: Readonly<Record<string, string>> = { '/api/v1/imports': '/api/v1/import' }
/** A user has one import at a time. */
const endImport = async (user: User): Promise<void> => {
  const { body } = await user.get('/api/v1/imports?limit=1')
  if (body.items.length > 0) await user.post(`/api/v1/imports/${body.items[0].id}/cancel`)
}

/** A user has few webhooks. */
const endWebhooks = async (user: User): Promise<void> => {
  const { body } = await user.get('/api/v1/webhooks')
  for (const { id } of body.items) await user.delete(`/api/v1/webhooks/${id}`)
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
  // A reminder is made for a task.
  if (collection === '/api/v1/reminders') {
    const made = await user.post(`/api/v1/tasks/${await taskToRemind(user)}/reminders`, {
      trigger: { kind: 'day', date: '2027-12-01' },
    })
    expect(made.status, made.text).toBe(201)
    return made.body
  }
  if (collection === '/api/v1/comments') {
    const { body: task } = await user.post('/api/v1/tasks', { title: 'Talked about' })
    return (await user.post(`/api/v1/tasks/${task.id}/comments`, { text: 'Of one' })).body
  }
  if (collection === '/api/v1/webhook-deliveries') {
    await endWebhooks(user)
    const { body: webhook } = await user.post('/api/v1/webhooks', { url: 'https://example.org/' })
    const made = await user.post(`/api/v1/webhooks/${webhook.id}/test`)
    expect(made.status, made.text).toBe(201)
    return made.body
  }
  if (collection === '/api/v1/bulk') {
    const made = await user.post('/api/v1/tasks/bulk', {
      filter: { priority: ['none'] },
      change: { action: 'set_priority', priority: 'none' },
    })
    expect(made.status, made.text).toBe(200)
    return made.body
  }
  if (operationId === 'skipOccurrence') {
    const recurrence = { rule: 'FREQ=DAILY' }
    const due = { date: '2026-12-01' }
    return (await user.post(collection, { title: 'Every day', due, recurrence })).body
  }
  const made = madeElsewhere[collection] ?? collection
  const create = operations.find((other) => other.method === 'POST' && other.path === made)
  if (!create) throw new Error(`there is no POST ${collection} to make a thing for ${operationId}`)
  if (made !== collection) await endImport(user)
  if (made === '/api/v1/webhooks') await endWebhooks(user)
  const { status, body } = await user.post(made, await bodyOf(create, user))
  expect([201, 202], `${create.operationId} with its example`).toContain(status)
  if (operationId === 'listOccurrences')
    return (await user.patch(`${collection}/${body.id}`, { recurrence: { rule: 'FREQ=DAILY' } }))
      .body
  if (operationId === 'restoreTask') await user.delete(`${collection}/${body.id}`)
  return operationId === 'restoreTask' ? (await user.get(`${collection}/${body.id}`)).body : body
}

/** A new one: a task takes few reminders. */
const taskToRemind = async (user: User): Promise<string> =>
  (await user.post('/api/v1/tasks', { title: 'To be reminded of' })).body.id

const userOf = ({ operationId, path }: Operation) => {
  if (lastOnes.has(operationId)) return world.register(fresh())
  return path.startsWith('/api/v1/') ? fuzzer : veteran
}

export const valid = async (operation: Operation): Promise<Valid> => {
  const { path, security = [], parameters = [] } = operation
  const user = await userOf(operation)
  const target = path.includes('{id}') ? await targetOf(operation, user) : undefined
  const takes = (header: string) => parameters.some(({ name }) => name === header)
  if (operation.operationId === 'beginImport') await endImport(user)
  if (operation.operationId === 'createWebhook') await endWebhooks(user)
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

export const urlOf = (path: string, id: string, search: string): string =>
  path.replace('{id}', () => id) + (search && `?${search}`)
export const sentAsIs = ({ path, id, query, headers, body }: Valid): Sent => ({
  target: urlOf(path, id, new URLSearchParams(query).toString()),
  headers,
  ...(body && { body: JSON.stringify(body) }),
})
