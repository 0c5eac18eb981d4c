// Ids, names, cursors and keys of another user in the parameters and bodies of one's own requests.
import { expect, test } from 'vitest'
import type { OpenApi } from '../../support/document.ts'
import { type Asked, bodySchemaOf, resolvedIn } from '../../support/valid-request.ts'
import { type Person, person, randomId, world } from './people.ts'
import {
  ask,
  dump,
  essence,
  expectSuccess,
  guarded,
  idsIn,
  ownThings,
  requestOf,
} from './requests.ts'

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
    /** With an own thing in the path, where it takes one. */
    const askBy = (who: Person, query: Record<string, string>) => {
      const { id } = operation.path.includes('{id}') ? requestOf(operation, who) : {}
      return ask(operation, { ...(id !== undefined && { id }), query }, who.client.headers)
    }
    const { body } = await askBy(owner, { limit: '1' })
    expect(body.next_cursor, 'the owner has more than one').not.toBeNull()
    const query = { limit: '1', cursor: String(body.next_cursor) }
    expectSuccess(operation, await askBy(owner, query), 'the owner')
    const answer = await askBy(other, query)
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
