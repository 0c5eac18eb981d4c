// A valid request of each operation that the OpenAPI document guards, and what its answers show.
import { expect } from 'vitest'
import { access, type Operation as Guarded } from '../../../src/core/access.ts'
import { type Operation, operationsOf } from '../../support/document.ts'
import { redemptionFor } from '../../support/sign-in-codes.ts'
import type { Answer } from '../../support/world.ts'
import { type Headers, type Person, type Rule, world } from './people.ts'

/** A request as it would be made by whoever owns the things that it names. */
export type Asked = {
  readonly id?: string
  readonly query?: Record<string, string>
  readonly body?: object
  readonly headers?: Headers
}

/** Each is good once, so every asking takes another one. */
const redemptions = await Promise.all(
  Array.from({ length: 100 }, () => redemptionFor(world.deps, 'link')),
)
const nextRedemption = (): object => {
  const next = redemptions.pop()
  if (!next) throw new Error('this test needs more one-time codes')
  return next
}

/**
 * For every operation a request that its owner may make, with one of the owner's ids wherever an id
 * can stand.
 */
const requests: Record<Guarded, (owner: Person) => Asked> = {
  logout: () => ({}),
  listSessions: () => ({}),
  endSession: ({ otherSession }) => ({ id: otherSession }),
  getMe: () => ({}),
  updateMe: () => ({ body: { name: 'Somebody', time_zone: 'Europe/Berlin' } }),
  changePassword: ({ password }) => ({
    body: { current_password: password, new_password: 'one that nobody knew before' },
  }),
  deleteMe: ({ password }) => ({ body: { password } }),
  listIdentities: () => ({}),
  getIdentity: ({ identity }) => ({ id: identity.id }),
  linkIdentity: ({ password }) => ({
    get body() {
      return { ...nextRedemption(), proof: { password } }
    },
  }),
  unlinkIdentity: ({ identity, password }) => ({ id: identity.id, body: { password } }),
  listApiKeys: () => ({}),
  getApiKey: ({ key }) => ({ id: key.id }),
  createApiKey: () => ({ body: { name: 'Phone', scopes: ['tasks:read'] } }),
  deleteApiKey: ({ key }) => ({ id: key.id }),
  listProjects: () => ({}),
  getProject: ({ project }) => ({ id: project.id }),
  createProject: () => ({ body: { name: 'Garden' } }),
  updateProject: ({ project }) => ({ id: project.id, body: { name: 'Renamed' } }),
  deleteProject: ({ project }) => ({ id: project.id }),
  listTasks: ({ project, parent }) => ({ query: { project_id: project.id, parent_id: parent.id } }),
  getTask: ({ target }) => ({ id: target.id }),
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
  deleteTask: ({ target }) => ({ id: target.id }),
  completeTask: ({ target }) => ({ id: target.id }),
  reopenTask: ({ target }) => ({ id: target.id }),
  restoreTask: ({ trashed }) => ({ id: trashed.id }),
  moveTask: ({ target, project }) => ({ id: target.id, body: { project_id: project.id } }),
  listLabels: () => ({}),
  getLabel: ({ label }) => ({ id: label.id }),
  createLabel: () => ({ body: { name: 'errand' } }),
  updateLabel: ({ label }) => ({ id: label.id, body: { name: 'renamed' } }),
  deleteLabel: ({ label }) => ({ id: label.id }),
}

export const guarded = operationsOf(world.document).filter(
  ({ security = [] }) => security.length > 0,
)

export const ruleOf = ({ operationId }: Operation): Rule => {
  if (!Object.hasOwn(access, operationId))
    throw new Error(`${operationId} is not in the access table of src/core/access.ts`)
  return access[operationId as Guarded]
}
export const requestOf = ({ operationId }: Operation, owner: Person): Asked => {
  if (!Object.hasOwn(requests, operationId))
    throw new Error(`${operationId} has no valid request in this test: add one to \`requests\``)
  return requests[operationId as Guarded](owner)
}

export const ask = (
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

export const expectSuccess = (operation: Operation, { status, text }: Answer, who: string) =>
  expect(
    Object.keys(operation.responses).filter((documented) => documented.startsWith('2')),
    `${operation.operationId} by ${who} succeeds: ${text}`,
  ).toContain(String(status))

/**
 * Everything that a person has: each list of the document with all its pages, the trash as well,
 * and the account.
 */
export const dump = async ({ client }: Person): Promise<Record<string, unknown>> => {
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

export const idsIn = (data: unknown): string[] => [
  ...new Set(JSON.stringify(data).match(/[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}/g)),
]

/** What a problem says, without what names the request itself. */
export const essence = ({ status, body }: Answer) =>
  body === undefined || typeof body.code !== 'string'
    ? { status, body }
    : { status, code: body.code, title: body.title, detail: body.detail, errors: body.errors }
