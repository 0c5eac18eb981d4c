// Ids, names, cursors and keys of another user in the parameters and bodies of one's own requests.
import { expect, test } from 'vitest'
import type { OpenApi } from '../../support/document.ts'
import { type Asked, bodySchemaOf, resolvedIn } from '../../support/valid-request.ts'
import { bring, casesHere, type Person, pairFor, person, randomId, world } from './people.ts'
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
    // The id of what is new: `test/features/client-ids.test.ts` asks with another's.
    .filter(([name, schema]) => name !== 'id' && takesId(schema))
    .map(([name]) => ['body', name] as const)
  return [...inQuery, ...inBody].map(
    ([place, name]) => [operation.operationId, place, name, operation] as const,
  )
})

/** Fields that take lists of ids. */
const lists = new Set(['blocked_by'])

test('there are fields that take ids', () => expect(idFields.length).toBeGreaterThanOrEqual(8))

test.each(casesHere(idFields))(
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
      const given = lists.has(field) ? [id] : id
      return { ...asked, [place]: { ...asked[place], [field]: given } }
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

test.each(casesHere(paged.map((operation) => [operation.operationId, operation] as const)))(
  "%s: another's cursor leads to nothing of theirs",
  async (_name, operation) => {
    const [owner, other] = await pairFor(operation.method)
    if (operation.operationId === 'listImports') await bring(owner.client)
    const secrets = [owner.mark, ...idsIn([await dump(owner), owner.id])]
    const isOfOne = operation.path.includes('{id}')
    const { id, query: own } = isOfOne ? requestOf(operation, owner) : {}
    const asked = (more: object = {}) => ({
      ...(id && { id }),
      query: { ...own, limit: '1', ...more },
    })
    const { body } = await ask(operation, asked(), owner.client.headers)
    expect(body.next_cursor, 'the owner has more than one').not.toBeNull()
    const next = asked({ cursor: String(body.next_cursor) })
    expectSuccess(operation, await ask(operation, next, owner.client.headers), 'the owner')
    const answer = await ask(operation, next, other.client.headers)
    expect(isOfOne ? [404] : [200, 422]).toContain(answer.status)
    // The path, which a problem repeats, is the caller's own word.
    const said = isOfOne ? JSON.stringify(essence(answer)) : answer.text
    expect(secrets.filter((secret) => said.includes(secret))).toEqual([])
  },
)

// A batch has a key for each of its operations: `test/features/batch.test.ts`.
const idempotent = guarded.filter(
  ({ operationId, parameters = [] }) =>
    operationId !== 'batch' && parameters.some(({ name }) => name === 'Idempotency-Key'),
)

test.each(casesHere(idempotent.map((operation) => [operation.operationId, operation] as const)))(
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
