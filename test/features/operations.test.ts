// An operation is a value: it can be called by its name, without a word of HTTP, with the same
// checks.
import { afterAll, describe, expect, test } from 'vitest'
import type { Actor } from '../../src/core/context.ts'
import { DomainError } from '../../src/core/errors.ts'
import { byId, type Guess, type Operation } from '../../src/core/operation.ts'
import { type InvokeCtx, invoke } from '../../src/features/invoke.ts'
import { operations, type ServiceCtx } from '../../src/features/operations.ts'
import { createV1 } from '../../src/http/v1/index.ts'
import { createWorld } from '../support/world.ts'

const world = await createWorld()
afterAll(() => world.close())
const ann = await world.register('Ann')

const contextOf = (actor: Actor): InvokeCtx & { guesses: Guess[] } => {
  const { config, ...deps } = world.deps
  const { quotas, registration, externalApiKeys } = config
  const guesses: Guess[] = []
  const attempt: InvokeCtx['attempt'] = (guess, _body, run) => {
    guesses.push(guess)
    return run()
  }
  return { ...deps, quotas, registration, externalApiKeys, actor, attempt, guesses }
}
const session = async (): Promise<Actor> => world.deps.credentials.authenticate(ann.token)
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

const refusalOf = async (call: Promise<unknown>) => {
  const error = await call.catch((refused: unknown) => refused)
  expect(error).toBeInstanceOf(DomainError)
  return error as DomainError
}

test('an operation is called by its name, and answers what its output says', async () => {
  const ctx = contextOf(await session())
  const made = await invoke('createTask', ctx, {
    body: { title: 'Sweep', labels: ['b', 'a', 'b'] },
  })
  const task = operations.createTask.output.schema?.parse(made)
  expect(task).toMatchObject({ title: 'Sweep', labels: ['a', 'b'], priority: 'none' })
  const { id, rev } = task as { id: string; rev: string }
  expect(await invoke('getTask', ctx, { id: id.toUpperCase() })).toEqual(made)
  expect((await ann.get(`/api/v1/tasks/${id}`)).body).toEqual(made)

  const patch = { id, if_match: rev, body: { title: 'Swept' } }
  expect(await invoke('updateTask', ctx, patch)).toMatchObject({ id, title: 'Swept' })
  expect((await refusalOf(invoke('updateTask', ctx, patch))).code).toBe('precondition_failed')
  expect(await invoke('deleteTask', ctx, { id, if_match: '*' })).toBeUndefined()
  expect(await invoke('getMe', ctx)).toMatchObject({ id: ann.id })
})

test('a query takes numbers, booleans and single choices as they are in JSON', async () => {
  const ctx = contextOf(await session())
  for (const title of ['One', 'Two']) await invoke('createTask', ctx, { body: { title } })
  const query = { limit: 1, deleted: false, status: 'pending', sort: '-title' }
  const page = await invoke('listTasks', ctx, { query })
  expect(page).toEqual(operations.listTasks.output.schema?.parse(page))
  expect(page).toMatchObject({ items: [{ title: 'Two' }], next_cursor: expect.any(String) })
})

test('input that does not fit is refused with the path of each fault', async () => {
  const ctx = contextOf(await session())
  const faultsOf = async (name: string, given: unknown) => {
    const { code, faults } = await refusalOf(invoke(name, ctx, given))
    expect(code).toBe('invalid')
    return faults.map((fault) => `${fault.at.join('.')}: ${fault.code}`)
  }
  expect(await faultsOf('createTask', {})).toEqual(['body: required'])
  expect(await faultsOf('createTask', { body: { title: 7, color: 'red' } })).toEqual([
    'body.title: invalid_type',
    'body.color: unknown_field',
  ])
  expect(await faultsOf('listTasks', { query: { limit: 999, state: 'x' } })).toEqual([
    'query.limit: range',
    'query.state: unknown_field',
  ])
  expect(await faultsOf('getTask', { id: '7' })).toEqual(['id: invalid_format'])
  expect(await faultsOf('getTask', { id: ann.id, body: {} })).toEqual(['body: unknown_field'])
  const unread = { id: ann.id, body: { title: 'x' } }
  const { code } = await refusalOf(invoke('replaceTask', ctx, unread))
  expect(code).toBe('precondition_required')
})

test('there is no operation of another name', async () => {
  const ctx = contextOf(await session())
  for (const name of ['', 'getTasks', '__proto__', 'constructor', 'toString', 'x'.repeat(1e5)])
    expect((await refusalOf(invoke(name, ctx, {}))).code).toBe('not_found')
})

test('what could be used to guess is counted before it runs', async () => {
  const ctx = contextOf(await session())
  const body = { current_password: 'a guess', new_password: 'two herons on the pier' }
  expect((await refusalOf(invoke('changePassword', ctx, { body }))).code).toBe('invalid')
  expect(ctx.guesses).toEqual(['proof'])
})

describe.each(all.map((operation) => [operation.id, operation] as const))('%s', (id, operation) => {
  const { access } = operation
  const junk = [undefined, null, 7, 'x', [], [[]], { id: {} }, { query: 7, body: [] }, { x: 1 }]

  test('looks at access once, before it looks at the input', async () => {
    const { actor, looks } = watchedKey(false)
    const { code } = await refusalOf(invoke(id, contextOf(actor), 'junk'))
    if (access.actors === 'open' || access.scope === 'any')
      return expect([code, looks()]).toEqual(['invalid', 0])
    expect([code, looks()]).toEqual(
      access.scope === null ? ['session_required', 0] : ['insufficient_scope', 1],
    )
  })

  test('takes no junk, whatever its form', async () => {
    const ctx = contextOf(await session())
    const takesNothing = !(operation.takesId || operation.body || operation.ifMatch)
    for (const given of junk.slice(takesNothing ? 1 : 0))
      expect((await refusalOf(invoke(id, ctx, given))).code).toBe('invalid')
  })
})

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
