// A valid request of each operation that asks for a credential, and what its answers show.
import { expect } from 'vitest'
import { type OperationId, operations } from '../../../src/features/operations.ts'
import { type Operation, operationsOf } from '../../support/document.ts'
import { redemptionFor } from '../../support/sign-in-codes.ts'
import { type Asked, validRequest } from '../../support/valid-request.ts'
import type { Answer } from '../../support/world.ts'
import {
  emptyFile,
  type Headers,
  isBrief,
  type Person,
  type Rule,
  type Thing,
  world,
} from './people.ts'

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
export const ownThings: Record<string, (owner: Person) => Thing> = {
  project_id: ({ project }) => project,
  parent_id: ({ parent }) => parent,
  before: ({ sibling }) => sibling,
  after: ({ sibling }) => sibling,
  blocked_by: ({ sibling }) => sibling,
}

/** A person's own thing of each collection. */
const collectionsOf = (owner: Person): Record<string, Thing> => ({
  '/api/v1/tasks': owner.target,
  '/api/v1/projects': owner.project,
  '/api/v1/labels': owner.label,
  '/api/v1/reminders': owner.reminder,
  '/api/v1/comments': owner.comment,
  '/api/v1/bulk': owner.bulk,
  '/api/v1/api-keys': owner.key,
  '/api/v1/me/identities': owner.identity,
  '/api/v1/auth/sessions': { id: owner.otherSession },
  '/api/v1/imports': owner.imported,
  '/api/v1/webhooks': owner.webhook,
  '/api/v1/webhook-deliveries': owner.delivery,
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
  skipOccurrence: ({ recurring }) => ({ id: recurring.id, body: {} }),
  listOccurrences: ({ recurring }) => ({ id: recurring.id, query: { past: 'true' } }),
  restoreTask: ({ trashed }) => ({ id: trashed.id }),
  moveTask: ({ target, project }) => ({ id: target.id, body: { project_id: project.id } }),
  // Of a task that keeps its comments through the other requests.
  listComments: ({ parent }) => ({ id: parent.id }),
  createComment: ({ target }) => ({ id: target.id, body: { text: 'Swept' } }),
  bulkChangeTasks: ({ project, parent }) => ({
    body: {
      filter: { project_id: [project.id], parent_id: [parent.id] },
      change: { action: 'move', project_id: project.id },
    },
  }),
  createWebhook: ({ project }) => ({
    body: { url: 'https://hooks.example.org/in', project_id: project.id },
  }),
  createLabel: () => ({ body: { name: 'errand' } }),
  beginImport: () => ({ body: emptyFile }),
  updateLabel: ({ label }) => ({ id: label.id, body: { name: 'renamed' } }),
}

export const isOpen = ({ access }: (typeof operations)[OperationId]) => access.actors === 'open'
export const guarded = operationsOf(world.document).filter(
  ({ operationId }) =>
    Object.hasOwn(operations, operationId) && !isOpen(operations[operationId as OperationId]),
)

export const ruleOf = ({ operationId }: Operation): Rule => {
  const { scope, actors } = operations[operationId as OperationId].access
  return { scope, actors: actors as readonly string[] }
}
export const requestOf = (operation: Operation, owner: Person): Asked => {
  const own = requests[operation.operationId as OperationId]
  if (own) return own(owner)
  const fields = Object.entries(ownThings).map(([name, thing]) => [name, thing(owner)])
  return validRequest(world.document, operation, {
    collections: collectionsOf(owner),
    fields: Object.fromEntries(fields),
  })
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

/** What `GET /changes` has, too. */
const inChanges = new Set(
  ['tasks', 'projects', 'labels', 'reminders', 'export'].map((of) => `/api/v1/${of}`),
)

/**
 * Everything that a person has: each list of the document with all its pages, the trash as well,
 * and the account.
 */
export const dump = async ({
  client,
  parent,
  target,
}: Person): Promise<Record<string, unknown>> => {
  const places = guarded
    .filter(({ method, path }) => method === 'GET' && !/\{|events$/.test(path))
    .filter(({ path }) => !isBrief || !inChanges.has(path))
    .map(({ path }) => (path.endsWith('/activity') ? `${path}?limit=200` : path))
  const comments = [parent, target].map(({ id }) => `/api/v1/tasks/${id}/comments`)
  const others = isBrief ? [] : [...comments, '/api/v1/tasks?deleted=true']
  const found = [...places, ...others].map(async (place) => {
    const { status, body } = await client.get(place)
    expect(body.next_cursor ?? null, `${place} fits a page`).toBeNull()
    expect(body.has_more ?? false, `${place} fits a page`).toBe(false)
    if (status !== 200) return [place, body.code]
    // When a key was last used is noted behind the answer: its owner's own use may still be on its
    // way.
    const items = body.items?.map((item: object) => ({ ...item, last_used_at: undefined }))
    // `exported_at` is when the export was made.
    return [place, { ...body, exported_at: undefined, items }]
  })
  return Object.fromEntries(await Promise.all(found))
}

export const idsIn = (data: unknown): string[] => [
  ...new Set(JSON.stringify(data).match(/[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}/g)),
]

/** What a problem says, without what names the request itself. */
export const essence = ({ status, body }: Answer) =>
  body === undefined || typeof body.code !== 'string'
    ? { status, body }
    : { status, code: body.code, title: body.title, detail: body.detail, errors: body.errors }
