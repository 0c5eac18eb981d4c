// Every operation that changes something records what happened, or stands in a list with its reason.
import { afterAll, expect, test } from 'vitest'
import { type OperationId, operations } from '../../src/features/operations.ts'
import { routes } from '../../src/http/v1/routes.ts'
import { eventsIn, type StoredEvent } from '../support/events.ts'
import { until } from '../support/size.ts'
import { type Answer, createWorld } from '../support/world.ts'

const world = await createWorld()
afterAll(() => world.close())
const ann = await world.register('Ann')

const API = '/api/v1'
const made = async (path: string, body: object) => {
  const answer = await ann.post(API + path, body)
  expect(answer.status, answer.text).toBeLessThan(300)
  return answer.body
}
const task = (fields: object = {}) => made('/tasks', { title: 'Sweep', ...fields })
const daily = { due: { date: '2026-12-01' }, recurrence: { rule: 'FREQ=DAILY' } }
const trigger = { kind: 'instant', at: '2027-01-01T09:00:00.000Z' }
const reminder = async () => made(`/tasks/${(await task()).id}/reminders`, { trigger })
const comment = async () => made(`/tasks/${(await task()).id}/comments`, { text: 'Swept' })
const trashed = async () => {
  const { id } = await task()
  await ann.delete(`${API}/tasks/${id}`)
  return id
}
const names = ['a', 'b', 'c', 'd', 'e', 'f'][Symbol.iterator]()
const name = () => `label ${names.next().value}`

/** Why an operation that is not a GET records nothing. */
const silent: Partial<Record<OperationId, string>> = {
  register: 'signing in',
  login: 'signing in',
  redeemCode: 'signing in',
  refresh: 'signing in',
  logout: 'signing in',
  endSession: 'signing in',
  changePassword: 'signing in',
  linkIdentity: 'signing in',
  unlinkIdentity: 'signing in',
  createApiKey: 'a credential, which is in no project',
  deleteApiKey: 'a credential, which is in no project',
  createWebhook: 'an endpoint, which is in no project',
  updateWebhook: 'an endpoint, which is in no project',
  deleteWebhook: 'an endpoint, which is in no project',
  rotateWebhookSecret: 'a credential, which is in no project',
  testWebhook: 'a delivery, which tells of events',
  replayWebhookDelivery: 'a delivery, which tells of events',
  deleteMe: 'the record goes with the account',
  cancelImport: 'an import that is not finished',
}

/** What each of the others records, and a request for it: what it needs is made first. */
const recording: Record<string, [string[], () => Promise<() => Promise<Answer>>]> = {
  updateMe: [['user.updated'], async () => () => ann.patch(`${API}/me`, { name: 'Anna' })],
  createProject: [
    ['project.created'],
    async () => () => ann.post(`${API}/projects`, { name: 'House' }),
  ],
  updateProject: [
    ['project.updated'],
    async () => {
      const { id } = await made('/projects', { name: 'House' })
      return () => ann.patch(`${API}/projects/${id}`, { name: 'Garden' })
    },
  ],
  deleteProject: [
    ['project.deleted', 'task.deleted', 'task.deleted'],
    async () => {
      const { id } = await made('/projects', { name: 'House' })
      for (let i = 0; i < 2; i++) await task({ project_id: id })
      return () => ann.delete(`${API}/projects/${id}`)
    },
  ],
  createTask: [
    ['label.created', 'task.created'],
    async () => () => ann.post(`${API}/tasks`, { title: 'Sweep', labels: [name()] }),
  ],
  updateTask: [
    ['task.updated'],
    async () => {
      const { id } = await task()
      return () => ann.patch(`${API}/tasks/${id}`, { title: 'Mop' })
    },
  ],
  replaceTask: [
    ['task.updated'],
    async () => {
      const { id } = await task()
      return () => ann.put(`${API}/tasks/${id}`, { title: 'Mop' }, { 'If-Match': '*' })
    },
  ],
  deleteTask: [
    ['task.deleted', 'task.deleted'],
    async () => {
      const { id } = await task()
      await task({ parent_id: id })
      return () => ann.delete(`${API}/tasks/${id}`)
    },
  ],
  'deleteTask, for good': [
    ['task.purged'],
    async () => {
      const id = await trashed()
      return () => ann.delete(`${API}/tasks/${id}?permanent=true`)
    },
  ],
  completeTask: [
    ['task.completed', 'task.completed'],
    async () => {
      const { id } = await task()
      await task({ parent_id: id })
      await task({ parent_id: id, status: 'cancelled' })
      return () => ann.post(`${API}/tasks/${id}/complete`)
    },
  ],
  'completeTask, an occurrence': [
    ['task.completed'],
    async () => {
      const { id } = await task(daily)
      return () => ann.post(`${API}/tasks/${id}/complete`)
    },
  ],
  skipOccurrence: [
    ['task.skipped'],
    async () => {
      const { id } = await task(daily)
      return () => ann.post(`${API}/tasks/${id}/skip`)
    },
  ],
  reopenTask: [
    ['task.reopened', 'task.reopened'],
    async () => {
      const { id } = await task()
      await task({ parent_id: id })
      await ann.post(`${API}/tasks/${id}/complete`)
      return () => ann.post(`${API}/tasks/${id}/reopen`)
    },
  ],
  restoreTask: [
    ['task.restored'],
    async () => {
      const id = await trashed()
      return () => ann.post(`${API}/tasks/${id}/restore`)
    },
  ],
  emptyTrash: [
    ['task.purged', 'task.purged'],
    async () => {
      await ann.delete(`${API}/trash`)
      for (let i = 0; i < 2; i++) await trashed()
      return () => ann.delete(`${API}/trash`)
    },
  ],
  moveTask: [
    ['task.moved', 'task.moved'],
    async () => {
      const { id } = await task()
      await task({ parent_id: id })
      const project = await made('/projects', { name: 'House' })
      return () => ann.post(`${API}/tasks/${id}/move`, { project_id: project.id })
    },
  ],
  createComment: [
    ['comment.created'],
    async () => {
      const { id } = await task()
      return () => ann.post(`${API}/tasks/${id}/comments`, { text: 'Swept' })
    },
  ],
  updateComment: [
    ['comment.updated'],
    async () => {
      const { id } = await comment()
      return () => ann.patch(`${API}/comments/${id}`, { text: 'Mopped' })
    },
  ],
  deleteComment: [
    ['comment.deleted'],
    async () => {
      const { id } = await comment()
      return () => ann.delete(`${API}/comments/${id}`)
    },
  ],
  createLabel: [['label.created'], async () => () => ann.post(`${API}/labels`, { name: name() })],
  updateLabel: [
    ['label.updated'],
    async () => {
      const { id, name: was } = await made('/labels', { name: name() })
      await task({ labels: [was] })
      return () => ann.patch(`${API}/labels/${id}`, { name: name() })
    },
  ],
  deleteLabel: [
    ['label.deleted'],
    async () => {
      const { id, name: was } = await made('/labels', { name: name() })
      await task({ labels: [was] })
      return () => ann.delete(`${API}/labels/${id}`)
    },
  ],
  createReminder: [
    ['reminder.created'],
    async () => {
      const { id } = await task()
      return () => ann.post(`${API}/tasks/${id}/reminders`, { trigger })
    },
  ],
  updateReminder: [
    ['reminder.updated'],
    async () => {
      const { id } = await reminder()
      const at = '2027-02-01T09:00:00.000Z'
      return () => ann.patch(`${API}/reminders/${id}`, { trigger: { ...trigger, at } })
    },
  ],
  deleteReminder: [
    ['reminder.deleted'],
    async () => {
      const { id } = await reminder()
      return () => ann.delete(`${API}/reminders/${id}`)
    },
  ],
  batch: [
    ['task.created', 'task.created'],
    async () => {
      const one = { operation: 'createTask', params: { body: { title: 'Sweep' } } }
      return () => ann.post(`${API}/batch`, { operations: [one, one] })
    },
  ],
  bulkChangeTasks: [
    ['task.updated', 'task.updated', 'task.updated'],
    async () => {
      const { id } = await made('/projects', { name: 'House' })
      for (let i = 0; i < 3; i++) await task({ project_id: id })
      const change = { action: 'set_priority', priority: 'high' }
      const filter = { project_id: [id] }
      return () => ann.post(`${API}/tasks/bulk`, { filter, change })
    },
  ],
  beginImport: [
    ['import.finished'],
    async () => async () => {
      const tasks = [{ title: 'Brought', labels: ['from elsewhere'] }]
      const file = { format: 'taskport', version: 1, tasks, end: {} }
      const answer = await ann.post(`${API}/import`, file)
      const read = async () => (await ann.get(`${API}/imports/${answer.body.id}`)).body
      await until(async () => (await read()).status === 'done')
      return answer
    },
  ],
}

test('every operation that is no GET stands in one of the lists', () => {
  const changing = Object.entries(routes).filter(([, { method }]) => method !== 'get')
  const listed = [
    ...Object.keys(silent),
    ...Object.keys(recording).filter((id) => id in operations),
  ]
  expect(listed.sort()).toEqual(changing.map(([id]) => id).sort())
})

test.each(Object.entries(recording))('%s records what it did', async (_, [types, prepare]) => {
  const act = await prepare()
  const before = await eventsIn(world)
  const answer = await act()
  expect(answer.status, answer.text).toBeLessThan(300)
  const seen = new Set(before.map(({ id }) => id))
  const events = (await eventsIn(world)).filter(({ id }) => !seen.has(id))
  expect(events.map(({ type }) => type).sort()).toEqual(types)
  expect(new Set(events.map((event) => event.owner_id))).toEqual(new Set([ann.id]))
  expect(new Set(events.map((event) => event.actor_id))).toEqual(new Set([ann.id]))
  const credentials = events.map(({ credential }: StoredEvent) => credential.split(':')[0])
  expect(new Set(credentials)).toEqual(new Set(['session']))
})
