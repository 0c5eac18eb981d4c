// An operation is a value, and who may call it is looked at in one place.
import { afterAll, expect, test } from 'vitest'
import type { Actor } from '../../src/core/context.ts'
import { DomainError } from '../../src/core/errors.ts'
import { byId, type Operation, permitted } from '../../src/core/operation.ts'
import { operations, type ServiceCtx } from '../../src/features/operations.ts'
import { createV1 } from '../../src/http/v1/index.ts'
import { createWorld } from '../support/world.ts'

const world = await createWorld()
afterAll(() => world.close())
const ann = await world.register('Ann')

const key = (scopes: readonly string[]): Actor =>
  ({ kind: 'key', userId: ann.id, subject: ann.id, keyId: ann.id, scopes }) as Actor
/** A key whose scopes count how often they are looked at. */
const watchedKey = (allows: boolean) => {
  let looks = 0
  const includes = () => {
    looks++
    return allows
  }
  return { actor: key({ includes } as unknown as readonly string[]), looks: () => looks }
}
const all: readonly Operation<string, ServiceCtx>[] = Object.values(operations)

const refusalOf = (ask: () => unknown) => {
  let refused: unknown
  try {
    ask()
  } catch (error) {
    refused = error
  }
  return refused instanceof DomainError ? refused.code : refused
}

test.each(all.map((operation) => [operation.id, operation] as const))(
  '%s looks at access once, before there is any input',
  (_, operation) => {
    const { access } = operation
    const { actor, looks } = watchedKey(false)
    const code = refusalOf(() => permitted(operation, actor))
    if (access.actors === 'open' || access.scope === 'any')
      return expect([code, looks()]).toEqual([undefined, 0])
    expect([code, looks()]).toEqual(
      access.scope === null ? ['session_required', 0] : ['insufficient_scope', 1],
    )
  },
)

test.each([
  ['before the body is read', false, 403],
  ['and no more where it is granted', true, 400],
])('over HTTP access is looked at once, %s', async (_when, allows, status) => {
  const { actor, looks } = watchedKey(allows)
  const credentials = { ...world.deps.credentials, authenticate: () => actor }
  const v1 = createV1({ ...world.deps, credentials })
  const answer = await v1.request('/api/v1/tasks', {
    method: 'POST',
    headers: { 'X-API-Key': 'any', 'Content-Type': 'application/json' },
    body: '{',
  })
  expect([answer.status, looks()]).toEqual([status, 1])
})

test('no two operations have the same id', () => {
  const { getTask, getLabel } = operations
  expect(byId([getTask, getLabel])).toEqual({ getTask, getLabel })
  expect(() => byId([getTask, { ...getLabel, id: 'getTask' }])).toThrow('getTask')
})
