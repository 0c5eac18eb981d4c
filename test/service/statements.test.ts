// How many statements each operation runs. More than is recorded here, as with a new one in a loop,
// fails.

import { readFileSync, writeFileSync } from 'node:fs'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { openDefault } from '../support/databases.ts'
import { operationsOf } from '../support/document.ts'
import { expectNoDearer } from '../support/recorded-costs.ts'
import { type Recording, recorded } from '../support/recording.ts'
import { redemptionFor } from '../support/sign-in-codes.ts'
import { until } from '../support/size.ts'
import { validRequest } from '../support/valid-request.ts'
import { createWorld, type User, type World } from '../support/world.ts'

/** Reads, then the writes of each batch. */
type Statements = readonly number[]

/**
 * Of one request with a remembered token. Where an operation becomes dearer on purpose, or is new,
 * `RECORD=1 npx vitest run test/service/statements.test.ts` writes the file anew.
 */
const RECORDED_FILE = new URL('./statements.json', import.meta.url)
const readRecorded = (): Record<string, Statements> =>
  JSON.parse(readFileSync(RECORDED_FILE, 'utf8'))

const figuresOf = (costs: Readonly<Record<string, Statements>>) =>
  Object.fromEntries(
    Object.entries(costs).map(([name, [reads, ...batches]]) => [
      name,
      {
        reads: reads ?? 0,
        batches: batches.length,
        writes: batches.reduce((sum, writes) => sum + writes, 0),
      },
    ]),
  )

let world: World
let ann: User
let take: () => Recording
beforeAll(async () => {
  const opened = await openDefault()
  const recording = recorded(opened.db)
  take = recording.take
  world = await createWorld({ open: async () => ({ ...opened, db: recording.db }) })
  ann = await world.register('Ann')
})
afterAll(() => world.close())

const cost = async (act: () => Promise<{ status: number }>): Promise<Statements> => {
  await ann.get('/api/v1/me')
  take()
  expect((await act()).status).toBeLessThan(300)
  const { reads, batches } = take()
  return [reads.length, ...batches.map((batch) => batch.length)]
}

/** These end what the others need, begin what goes on behind the answer, or read page by page. */
const LAST = ['changePassword', 'deleteMe', 'logout', 'beginImport', 'cancelImport', 'exportAll']

const HOOK = 'https://hooks.example.org/in'

test('every operation runs no more statements than are recorded, however much there is', async () => {
  const fill = async (count: number) => {
    for (let i = 0; i < count; i++) {
      await ann.post('/api/v1/tasks', { title: `Task ${i}`, labels: ['home', 'work', 'late'] })
      await ann.post('/api/v1/projects', { name: `Project ${i}` })
      await ann.post('/api/v1/labels', { name: `label ${i} ${count}` })
      await ann.post('/api/v1/api-keys', { name: `key ${i}`, scopes: ['tasks:read'] })
    }
  }
  let measured = 0
  const measure = async () => {
    const task = async (fields: object = {}) =>
      (await ann.post('/api/v1/tasks', { title: 'One', ...fields })).body
    await task({ labels: ['home', 'work'] })
    const [one, done, trashed, moved] = [
      await task(),
      await task({ status: 'completed' }),
      await task(),
      await task(),
    ]
    await ann.delete(`/api/v1/tasks/${trashed.id}`)
    const daily = await task({ due: { date: '2026-12-01' }, recurrence: { rule: 'FREQ=DAILY' } })
    const project = (await ann.post('/api/v1/projects', { name: 'One' })).body
    const remarked = async (text: string) =>
      (await ann.post(`/api/v1/tasks/${done.id}/comments`, { text })).body
    const [remark, parted] = [await remarked('One'), await remarked('Two')]
    const [waits, awaited] = [await task({ blocked_by: [one.id] }), await task()]
    const child = await task({ parent_id: one.id })
    const label = (await ann.post('/api/v1/labels', { name: `One ${one.id}` })).body
    const trigger = { kind: 'minutes', before: 'due', minutes: 5 }
    const reminded = await task()
    const reminder = (await ann.post(`/api/v1/tasks/${reminded.id}/reminders`, { trigger })).body
    await ann.post(`/api/v1/tasks/${reminded.id}/reminders`, { trigger })
    const hook = async () => (await ann.post('/api/v1/webhooks', { url: HOOK })).body
    const [webhook, unhooked] = [await hook(), await hook()]
    const delivery = (await ann.post(`/api/v1/webhooks/${webhook.id}/test`)).body
    const key = (await ann.post('/api/v1/api-keys', { name: 'One', scopes: ['tasks:read'] })).body
    const other = (
      await world.anonymous.post('/api/v1/auth/login', { email: ann.email, password: ann.password })
    ).body
    const otherId = (await ann.get('/api/v1/auth/sessions')).body.items[0].id
    const [first, again, linked] = [
      await redemptionFor(world.deps, 'sign-in'),
      await redemptionFor(world.deps, 'sign-in', 'Zoe'),
      await redemptionFor(world.deps, 'link'),
    ]
    await world.anonymous.post(
      '/api/v1/auth/openid/redeem',
      await redemptionFor(world.deps, 'sign-in', 'Zoe'),
    )
    const filter = { q: 'One', status: ['pending'] }
    const bulk = (
      await ann.post('/api/v1/tasks/bulk', {
        filter,
        change: { action: 'set_priority', priority: 'low' },
      })
    ).body
    const proof = { password: ann.password }
    // Another one each time: one that was asked before is read in another way.
    const limit = 10 + measured++
    for (let i = 0; i < 2; i++) await ann.get('/api/v1/tasks?limit=9')
    const file = { format: 'taskport', version: 1, tasks: [], end: {} }
    const { body: imported } = await ann.post('/api/v1/import', file)
    const importOf = async () => (await ann.get(`/api/v1/imports/${imported.id}`)).body
    await until(async () => (await importOf()).finished_at !== null)
    const { body: identity } = await ann.post('/api/v1/me/identities', {
      ...(await redemptionFor(world.deps, 'link')),
      proof,
    })
    const v1 = (path: string) => `/api/v1${path}`
    const acts: Record<string, () => Promise<{ status: number }>> = {
      listTasks: () => ann.get(v1(`/tasks?limit=${limit}`)),
      'listTasks, asked before': () => ann.get(v1('/tasks?limit=9')),
      'listTasks, filtered': () =>
        ann.get(
          v1(
            `/tasks?project_id=${project.id}&status=pending&label=home&overdue=true&sort=due&q=task`,
          ),
        ),
      'listTasks, of several projects and parents': () =>
        ann.get(
          v1(
            `/tasks?project_id=${project.id}&project_id=${one.project_id}&parent_id=${one.id}&parent_id=${done.id}`,
          ),
        ),
      createTask: () => ann.post(v1('/tasks'), { title: 'x' }),
      'createTask, two known labels': () =>
        ann.post(v1('/tasks'), { title: 'x', labels: ['home', 'work'] }),
      'createTask, below another': () => ann.post(v1('/tasks'), { title: 'x', parent_id: one.id }),
      'createTask, with a key': () =>
        ann.post(v1('/tasks'), { title: 'x' }, { 'Idempotency-Key': one.id }),
      'createTask, with an id': () => ann.post(v1('/tasks'), { title: 'x', id: one.rev }),
      'createTask, with an id that was there': () =>
        ann.post(v1('/tasks'), { title: 'x', id: one.rev }),
      'batch, ten creates': () =>
        ann.post(v1('/batch'), {
          operations: Array(10).fill({ operation: 'createTask', params: { body: { title: 'x' } } }),
        }),
      bulkChangeTasks: () =>
        ann.post(v1('/tasks/bulk'), {
          filter: { ...filter, project_id: [one.project_id], label: ['home'] },
          change: { action: 'complete' },
          dry_run: true,
        }),
      getTask: () => ann.get(v1(`/tasks/${one.id}`)),
      updateTask: () => ann.patch(v1(`/tasks/${one.id}`), { title: 'Two' }),
      'updateTask, a due without reminders': () =>
        ann.patch(v1(`/tasks/${moved.id}`), { due: { date: '2027-01-01' } }),
      'updateTask, a due with a reminder': () =>
        ann.patch(v1(`/tasks/${reminded.id}`), { due: { date: '2027-01-01' } }),
      'updateTask, nothing new': () => ann.patch(v1(`/tasks/${one.id}`), { title: 'Two' }),
      replaceTask: () => ann.put(v1(`/tasks/${one.id}`), { title: 'Three' }, { 'If-Match': '*' }),
      'updateTask, what it waits for': () =>
        ann.patch(v1(`/tasks/${waits.id}`), { blocked_by: [awaited.id] }),
      'createTask, with an external id': () =>
        ann.post(v1('/tasks'), { title: 'x', external_id: `ours:${one.id}` }),
      'completeTask, below another': () => ann.post(v1(`/tasks/${child.id}/complete`)),
      'completeTask, another waits': () => ann.post(v1(`/tasks/${awaited.id}/complete`)),
      listComments: () => ann.get(v1(`/tasks/${done.id}/comments`)),
      createComment: () => ann.post(v1(`/tasks/${done.id}/comments`), { text: 'Three' }),
      getComment: () => ann.get(v1(`/comments/${remark.id}`)),
      updateComment: () => ann.patch(v1(`/comments/${remark.id}`), { text: 'Other' }),
      deleteComment: () => ann.delete(v1(`/comments/${parted.id}`)),
      completeTask: () => ann.post(v1(`/tasks/${one.id}/complete`)),
      'completeTask, an occurrence': () => ann.post(v1(`/tasks/${daily.id}/complete`)),
      reopenTask: () => ann.post(v1(`/tasks/${done.id}/reopen`)),
      'reopenTask, an occurrence': () => ann.post(v1(`/tasks/${daily.id}/reopen`)),
      skipOccurrence: () => ann.post(v1(`/tasks/${daily.id}/skip`)),
      listOccurrences: () => ann.get(v1(`/tasks/${daily.id}/occurrences`)),
      moveTask: () => ann.post(v1(`/tasks/${moved.id}/move`), { after: one.id }),
      'moveTask, to another project': () =>
        ann.post(v1(`/tasks/${moved.id}/move`), { project_id: project.id }),
      restoreTask: () => ann.post(v1(`/tasks/${trashed.id}/restore`)),
      deleteTask: () => ann.delete(v1(`/tasks/${moved.id}`)),
      'deleteTask, for good': () => ann.delete(v1(`/tasks/${moved.id}?permanent=true`)),
      emptyTrash: () => ann.delete(v1('/trash')),
      updateWebhook: () => ann.patch(v1(`/webhooks/${webhook.id}`), { description: one.id }),
      deleteWebhook: () => ann.delete(v1(`/webhooks/${unhooked.id}`)),
      listProjects: () => ann.get(v1('/projects')),
      createProject: () => ann.post(v1('/projects'), { name: 'x' }),
      getProject: () => ann.get(v1(`/projects/${project.id}`)),
      updateProject: () => ann.patch(v1(`/projects/${project.id}`), { name: 'Two' }),
      deleteProject: () => ann.delete(v1(`/projects/${project.id}`)),
      listLabels: () => ann.get(v1('/labels')),
      createLabel: () => ann.post(v1('/labels'), { name: `x ${one.id}` }),
      getLabel: () => ann.get(v1(`/labels/${label.id}`)),
      updateLabel: () => ann.patch(v1(`/labels/${label.id}`), { name: `y ${one.id}` }),
      deleteLabel: () => ann.delete(v1(`/labels/${label.id}`)),
      getMe: () => ann.get(v1('/me')),
      updateMe: () => ann.patch(v1('/me'), { name: `Ann ${one.id}` }),
      listApiKeys: () => ann.get(v1('/api-keys')),
      createApiKey: () => ann.post(v1('/api-keys'), { name: 'x', scopes: ['tasks:read'] }),
      getApiKey: () => ann.get(v1(`/api-keys/${key.id}`)),
      deleteApiKey: () => ann.delete(v1(`/api-keys/${key.id}`)),
      listIdentities: () => ann.get(v1('/me/identities')),
      getIdentity: () => ann.get(v1(`/me/identities/${identity.id}`)),
      linkIdentity: () => ann.post(v1('/me/identities'), { ...linked, proof }),
      unlinkIdentity: () => ann.send('DELETE', v1(`/me/identities/${identity.id}`), proof),
      redeemCode: () => world.anonymous.post(v1('/auth/openid/redeem'), again),
      'redeemCode, for the first time': () =>
        world.anonymous.post(v1('/auth/openid/redeem'), first),
      listSessions: () => ann.get(v1('/auth/sessions')),
      refresh: () =>
        world.anonymous.post(v1('/auth/refresh'), { refresh_token: other.refresh_token }),
      endSession: () => ann.delete(v1(`/auth/sessions/${otherId}`)),
      login: () =>
        world.anonymous.post(v1('/auth/login'), { email: ann.email, password: ann.password }),
      register: () =>
        world.anonymous.post(v1('/auth/register'), {
          email: `${one.id}@example.org`,
          password: 'a heron on the pier',
        }),
    }
    const owned = {
      collections: {
        [v1('/tasks')]: one,
        [v1('/projects')]: project,
        [v1('/labels')]: label,
        [v1('/reminders')]: reminder,
        [v1('/comments')]: remark,
        [v1('/bulk')]: bulk,
        [v1('/api-keys')]: key,
        [v1('/me/identities')]: identity,
        [v1('/auth/sessions')]: { id: otherId },
        [v1('/imports')]: imported,
        [v1('/webhooks')]: webhook,
        [v1('/webhook-deliveries')]: delivery,
      },
      fields: {},
    }
    const costs: Record<string, Statements> = {}
    for (const operation of operationsOf(world.document)) {
      const { operationId, method, path } = operation
      if (operationId in acts || LAST.includes(operationId) || !path.startsWith('/api/')) continue
      const { id = '', body, headers } = validRequest(world.document, operation, owned)
      const act = () => ann.send(method, path.replace('{id}', id), body, headers)
      costs[operationId] = await cost(act)
    }
    for (const [name, act] of Object.entries(acts)) costs[name] = await cost(act)
    return costs
  }
  // Only the first of a user's many keys has the receipts counted, and labels are looked up until
  // they have been seen.
  await ann.post(
    '/api/v1/tasks',
    { title: 'x', labels: ['home', 'work'] },
    { 'Idempotency-Key': 'the first' },
  )
  await ann.post('/api/v1/tasks', { title: 'x', labels: ['home', 'work'] })
  await ann.get('/api/v1/tasks?sort=title') // how many tasks she has is read once in a while
  await ann.get('/api/v1/changes') // the first one names the generation
  const few = await measure()
  await fill(20)
  expect(await measure(), 'with more in the lists').toEqual(few)
  if (process.env['RECORD']) {
    const sorted = Object.entries(few).sort(([a], [b]) => (a < b ? -1 : 1))
    const lines = sorted.map(([name, cost]) => `  ${JSON.stringify(name)}: ${JSON.stringify(cost)}`)
    writeFileSync(RECORDED_FILE, `{\n${lines.join(',\n')}\n}\n`)
  }
  expectNoDearer(figuresOf(few), figuresOf(readRecorded()))
})

test('the limits of a sign-in are one read and one batch, and one batch more where the password is right', async () => {
  const opened = await openDefault()
  const { db, take: taken } = recorded(opened.db)
  const limited = await createWorld({
    env: { RATE_LIMIT: 'on', TRUSTED_HOPS: '1' },
    open: async () => ({ ...opened, db }),
  })
  onTestFinished(() => limited.close())
  const bob = await limited.register('Bob')
  const signIn = async (password: string, address: string, more: object = {}) => {
    const { body } = await limited.anonymous.post(
      '/api/v1/auth/login',
      { email: bob.email, password, ...more },
      { 'X-Forwarded-For': address },
    )
    return body
  }
  const cost = async (...how: Parameters<typeof signIn>) => {
    await signIn(...how) // its counters have been begun
    taken()
    await signIn(...how)
    const { reads, batches } = taken()
    return [reads.length, ...batches.map((batch) => batch.length)]
  }
  const { device_token } = await signIn(bob.password, '203.0.113.1')
  expectNoDearer(
    figuresOf({
      'a wrong password': await cost('a guess', '203.0.113.1'),
      'from IPv6': await cost('a guess', '2001:db8::1'),
      'a right one': await cost(bob.password, '203.0.113.1'),
      'from a known device': await cost(bob.password, '203.0.113.1', { device_token }),
    }),
    figuresOf({
      'a wrong password': [2, 4],
      'from IPv6': [2, 8],
      'a right one': [2, 4, 4, 4],
      'from a known device': [3, 2, 4, 2],
    }),
  )
})
