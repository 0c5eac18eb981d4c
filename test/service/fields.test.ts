// Every field that a PATCH or PUT takes is stored: each is sent with another value than the present
// one, and what GET answers then is that value. Fields and values come from the OpenAPI document.
import { expect, test } from 'vitest'
import { type OpenApi, operationsOf } from '../support/document.ts'
import { createWorld, type User } from '../support/world.ts'

type Schema = OpenApi['components']['schemas'][string]
type Fields = Record<string, unknown>

const world = await createWorld()
const schemas = world.document.components.schemas
const resolved = (schema: Schema): Schema =>
  schema.$ref === undefined ? schema : (schemas[schema.$ref.split('/').at(-1) as string] as Schema)

const operations = operationsOf(world.document)
const bodyOf = ({ requestBody }: (typeof operations)[number]): Schema =>
  resolved(Object.values(requestBody?.content ?? {})[0]?.schema as Schema)
/** The resources that have a field of their own: a password is none. */
const updates = operations.filter(
  ({ method, operationId }) =>
    (method === 'PATCH' || method === 'PUT') && operationId !== 'changePassword',
)
const cases = updates.flatMap((operation) =>
  Object.entries(bodyOf(operation).properties as Record<string, Schema>)
    .filter(([, schema]) => !String(schema['description'] ?? '').startsWith('Read only'))
    .map(([field, schema]) => ({ operation, field, schema, method: operation.method })),
)

/** Is a thing of this collection made there: by itself, or for a task? */
const isMadeAt = (path: string, collection: string): boolean =>
  path === collection || path === collection.replace('/api/v1', '/api/v1/tasks/{id}')

/** The path of a new resource of the kind that `path` names; `/me` is there already. */
const make = async (path: string, of: User): Promise<string> => {
  const collection = path.replace('/{id}', '')
  if (collection === path) return path
  const create = operations.find((o) => o.method === 'POST' && isMadeAt(o.path, collection))
  const example = bodyOf(create as (typeof operations)[number]).example as Fields
  const owner = create?.path.includes('{id}') ? await make('/api/v1/tasks/{id}', of) : ''
  const at = create?.path.replace('/api/v1/tasks/{id}', owner) ?? collection
  const { status, body } = await of.post(at, { ...example, ...unique(example) })
  expect(status).toBe(201)
  return `${collection}/${body.id}`
}
let count = 0
const unique = (example: Fields): Fields => ('name' in example ? { name: `thing ${++count}` } : {})

/** Values that the document does not tell. */
const live: Readonly<Record<string, (of: User) => Promise<unknown>>> = {
  project_id: async (of) => (await of.post('/api/v1/projects', { name: 'Another' })).body.id,
  parent_id: async (of) => (await of.post('/api/v1/tasks', { title: 'The parent' })).body.id,
  position: async (of) => (await of.post('/api/v1/projects', { name: 'Later' })).body.position,
  color: async () => '#123456',
  start: async () => ({ kind: 'day', date: '2027-01-01' }),
  due: async () => ({ kind: 'day', date: '2027-01-02' }),
  reminder_time: async () => '07:30',
  // Another trigger of the same instant: all else stays.
  trigger: async () => ({ kind: 'minutes', before: 'due', minutes: 15 * 60 }),
  blocked_by: async (of) => [
    (await of.post('/api/v1/tasks', { title: 'Done', status: 'completed' })).body.id,
  ],
  recurrence: async () => ({
    rule: 'FREQ=DAILY',
    anchor: 'completion',
    missed: 'keep',
    starts: { kind: 'day', date: '2026-12-01' },
  }),
  url: async () => 'https://hooks.example.org/another',
  event_types: async () => ['reminder.missed'],
  extra: async () => ({ invoice: `of ${++count}` }),
}

/** A value that the schema allows and that is not `present`. */
const anotherValue = (field: string, { schema, present }: { schema: Schema; present: unknown }) => {
  const { enum: choices, type, example } = resolved(schema) as { [keyword: string]: unknown }
  const types = [type].flat()
  const different = (value: unknown) => JSON.stringify(value) !== JSON.stringify(present)
  const candidates = [
    ...((choices as unknown[] | undefined) ?? []),
    ...(example === undefined ? [] : [example]),
    ...(types.includes('boolean') ? [true, false] : []),
    ...(types.includes('integer') || types.includes('number') ? [1, 2] : []),
    ...(types.includes('string') ? [`another ${field} ${++count}`] : []),
  ]
  const value = candidates.find(different)
  if (value === undefined) throw new Error(`This test knows no value of ${field}: add one to live.`)
  return value
}

/** What follows from any change. */
const followers = new Set(['rev', 'updated_at', 'completed_at', 'position', 'edited'])
const without = (fields: Fields, ...names: string[]): Fields =>
  Object.fromEntries(
    Object.entries(fields).filter(([name]) => !followers.has(name) && !names.includes(name)),
  )

test('there are such fields', () => {
  expect(new Set(updates.map(({ operationId }) => operationId))).toEqual(
    new Set([
      'updateMe',
      'updateProject',
      'replaceTask',
      'updateTask',
      'updateComment',
      'updateLabel',
      'updateReminder',
      'updateWebhook',
    ]),
  )
})

test.each(cases)('$operation.operationId stores $field', async ({ operation, field, schema }) => {
  const user = await world.register(`${operation.operationId} ${field}`.replace(/\W/g, '-'))
  const path = await make(operation.path, user)
  const { body: before } = await user.get(path)
  const value =
    (await live[field]?.(user)) ?? anotherValue(field, { schema, present: before[field] })
  const answer =
    operation.method === 'PATCH'
      ? await user.patch(path, { [field]: value })
      : await user.put(path, { ...before, [field]: value }, { 'If-Match': `"${before.rev}"` })
  expect(answer.status, answer.text).toBe(200)
  const { body: after } = await user.get(path)
  expect(after[field]).toEqual(value)
  expect(after[field]).not.toEqual(before[field])
  expect(answer.body[field]).toEqual(value)
  const along = { parent_id: ['project_id'], recurrence: ['occurrence'] }[field] ?? []
  expect(without(after, field, ...along)).toEqual(without(before, field, ...along))
})
