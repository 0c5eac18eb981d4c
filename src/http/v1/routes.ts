// Where each operation is, and how its result is answered.
import type { Operation } from '../../core/operation.ts'
import type { OperationId, operations } from '../../features/operations.ts'
import type { Method } from '../endpoint.ts'
import {
  type Answering,
  acceptedIn,
  createdAt,
  createdIn,
  download,
  events,
  list,
  noContent,
  ok,
} from '../result.ts'

/** What every path of the API begins with. */
export const V1 = '/api/v1'

/** `answer` is the status, and what is made of the result. */
export type Route<O = Operation> = {
  readonly tag: string
  readonly method: Method
  /** Under `V1`, with `{id}` where the operation takes an id. */
  readonly path: O extends { readonly takesId?: true } ? `${string}/{id}${string}` : string
  readonly answer: Answering<ResultOf<O>>
}
type ResultOf<O> = O extends { run(...input: never): Promise<infer R> } ? R : never

const signIn = { tag: 'Sign-in' } as const
const account = { tag: 'Account' } as const
const apiKeys = { tag: 'API keys' } as const
const projects = { tag: 'Projects' } as const
const tasks = { tag: 'Tasks' } as const
const comments = { tag: 'Comments' } as const
const labels = { tag: 'Labels' } as const
const reminders = { tag: 'Reminders' } as const
const several = { tag: 'Batch' } as const
const sync = { tag: 'Sync' } as const
const activity = { tag: 'Activity' } as const
const webhooks = { tag: 'Webhooks' } as const
const files = { tag: 'Export and import' } as const

const IDENTITIES = '/me/identities'
const DELIVERIES = '/webhook-deliveries'
const newTask = createdIn(`${V1}/tasks`)
const newProject = createdIn(`${V1}/projects`)
const newComment = createdIn(`${V1}/comments`)
const newLabel = createdIn(`${V1}/labels`)
const newReminder = createdIn(`${V1}/reminders`)
const newApiKey = createdIn(`${V1}/api-keys`)
const newWebhook = createdIn(`${V1}/webhooks`)
const newDelivery = createdIn(`${V1}${DELIVERIES}`)
const newIdentity = createdIn(`${V1}${IDENTITIES}`)
const newImport = acceptedIn(`${V1}/imports`)
const newUser = createdAt(() => `${V1}/me`)

/** In the order in which the document lists them. */
export const routes: { readonly [Id in OperationId]: Route<(typeof operations)[Id]> } = {
  register: { ...signIn, method: 'post', path: '/auth/register', answer: newUser },
  login: { ...signIn, method: 'post', path: '/auth/login', answer: ok },
  redeemCode: { ...signIn, method: 'post', path: '/auth/openid/redeem', answer: ok },
  refresh: { ...signIn, method: 'post', path: '/auth/refresh', answer: ok },
  logout: { ...signIn, method: 'post', path: '/auth/logout', answer: noContent },
  listSessions: { ...signIn, method: 'get', path: '/auth/sessions', answer: list },
  endSession: { ...signIn, method: 'delete', path: '/auth/sessions/{id}', answer: noContent },

  getMe: { ...account, method: 'get', path: '/me', answer: ok },
  updateMe: { ...account, method: 'patch', path: '/me', answer: ok },
  deleteMe: { ...account, method: 'delete', path: '/me', answer: noContent },
  changePassword: { ...account, method: 'put', path: '/me/password', answer: noContent },

  listIdentities: { ...account, method: 'get', path: IDENTITIES, answer: list },
  linkIdentity: { ...account, method: 'post', path: IDENTITIES, answer: newIdentity },
  getIdentity: { ...account, method: 'get', path: `${IDENTITIES}/{id}`, answer: ok },
  unlinkIdentity: { ...account, method: 'delete', path: `${IDENTITIES}/{id}`, answer: noContent },

  listApiKeys: { ...apiKeys, method: 'get', path: '/api-keys', answer: list },
  createApiKey: { ...apiKeys, method: 'post', path: '/api-keys', answer: newApiKey },
  getApiKey: { ...apiKeys, method: 'get', path: '/api-keys/{id}', answer: ok },
  deleteApiKey: { ...apiKeys, method: 'delete', path: '/api-keys/{id}', answer: noContent },

  listProjects: { ...projects, method: 'get', path: '/projects', answer: list },
  createProject: { ...projects, method: 'post', path: '/projects', answer: newProject },
  getProject: { ...projects, method: 'get', path: '/projects/{id}', answer: ok },
  updateProject: { ...projects, method: 'patch', path: '/projects/{id}', answer: ok },
  deleteProject: { ...projects, method: 'delete', path: '/projects/{id}', answer: noContent },

  listTasks: { ...tasks, method: 'get', path: '/tasks', answer: list },
  createTask: { ...tasks, method: 'post', path: '/tasks', answer: newTask },
  getTask: { ...tasks, method: 'get', path: '/tasks/{id}', answer: ok },
  replaceTask: { ...tasks, method: 'put', path: '/tasks/{id}', answer: ok },
  updateTask: { ...tasks, method: 'patch', path: '/tasks/{id}', answer: ok },
  deleteTask: { ...tasks, method: 'delete', path: '/tasks/{id}', answer: noContent },
  completeTask: { ...tasks, method: 'post', path: '/tasks/{id}/complete', answer: ok },
  skipOccurrence: { ...tasks, method: 'post', path: '/tasks/{id}/skip', answer: ok },
  listOccurrences: { ...tasks, method: 'get', path: '/tasks/{id}/occurrences', answer: list },
  reopenTask: { ...tasks, method: 'post', path: '/tasks/{id}/reopen', answer: ok },
  restoreTask: { ...tasks, method: 'post', path: '/tasks/{id}/restore', answer: ok },
  emptyTrash: { ...tasks, method: 'delete', path: '/trash', answer: noContent },
  moveTask: { ...tasks, method: 'post', path: '/tasks/{id}/move', answer: ok },

  listComments: { ...comments, method: 'get', path: '/tasks/{id}/comments', answer: list },
  createComment: { ...comments, method: 'post', path: '/tasks/{id}/comments', answer: newComment },
  getComment: { ...comments, method: 'get', path: '/comments/{id}', answer: ok },
  updateComment: { ...comments, method: 'patch', path: '/comments/{id}', answer: ok },
  deleteComment: { ...comments, method: 'delete', path: '/comments/{id}', answer: noContent },

  listLabels: { ...labels, method: 'get', path: '/labels', answer: list },
  createLabel: { ...labels, method: 'post', path: '/labels', answer: newLabel },
  getLabel: { ...labels, method: 'get', path: '/labels/{id}', answer: ok },
  updateLabel: { ...labels, method: 'patch', path: '/labels/{id}', answer: ok },
  deleteLabel: { ...labels, method: 'delete', path: '/labels/{id}', answer: noContent },

  listReminders: { ...reminders, method: 'get', path: '/reminders', answer: list },
  listTaskReminders: { ...reminders, method: 'get', path: '/tasks/{id}/reminders', answer: ok },
  createReminder: {
    ...reminders,
    method: 'post',
    path: '/tasks/{id}/reminders',
    answer: newReminder,
  },
  getReminder: { ...reminders, method: 'get', path: '/reminders/{id}', answer: ok },
  updateReminder: { ...reminders, method: 'patch', path: '/reminders/{id}', answer: ok },
  deleteReminder: { ...reminders, method: 'delete', path: '/reminders/{id}', answer: noContent },
  batch: { ...several, method: 'post', path: '/batch', answer: ok },
  bulkChangeTasks: { ...several, method: 'post', path: '/tasks/bulk', answer: ok },
  getBulkChange: { ...several, method: 'get', path: '/bulk/{id}', answer: ok },
  listChanges: { ...sync, method: 'get', path: '/changes', answer: ok },
  openEvents: { ...sync, method: 'get', path: '/events', answer: events },
  listActivity: { ...activity, method: 'get', path: '/activity', answer: list },
  listTaskActivity: { ...activity, method: 'get', path: '/tasks/{id}/activity', answer: list },
  listProjectActivity: {
    ...activity,
    method: 'get',
    path: '/projects/{id}/activity',
    answer: list,
  },

  listWebhooks: { ...webhooks, method: 'get', path: '/webhooks', answer: list },
  createWebhook: { ...webhooks, method: 'post', path: '/webhooks', answer: newWebhook },
  getWebhook: { ...webhooks, method: 'get', path: '/webhooks/{id}', answer: ok },
  updateWebhook: { ...webhooks, method: 'patch', path: '/webhooks/{id}', answer: ok },
  deleteWebhook: { ...webhooks, method: 'delete', path: '/webhooks/{id}', answer: noContent },
  rotateWebhookSecret: { ...webhooks, method: 'post', path: '/webhooks/{id}/rotate', answer: ok },
  testWebhook: { ...webhooks, method: 'post', path: '/webhooks/{id}/test', answer: newDelivery },
  listWebhookDeliveries: {
    ...webhooks,
    method: 'get',
    path: '/webhooks/{id}/deliveries',
    answer: list,
  },
  getWebhookDelivery: { ...webhooks, method: 'get', path: `${DELIVERIES}/{id}`, answer: ok },
  replayWebhookDelivery: {
    ...webhooks,
    method: 'post',
    path: `${DELIVERIES}/{id}/replay`,
    answer: ok,
  },
  exportAll: { ...files, method: 'get', path: '/export', answer: download },
  beginImport: { ...files, method: 'post', path: '/import', answer: newImport },
  listImports: { ...files, method: 'get', path: '/imports', answer: list },
  getImport: { ...files, method: 'get', path: '/imports/{id}', answer: ok },
  listImportNotes: { ...files, method: 'get', path: '/imports/{id}/report', answer: list },
  cancelImport: { ...files, method: 'post', path: '/imports/{id}/cancel', answer: ok },
}
