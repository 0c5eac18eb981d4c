import type { Kit } from './kit/mysql.ts'
import * as accounts from './schema/accounts.ts'
import * as happened from './schema/events.ts'
import * as brought from './schema/imports.ts'
import * as operations from './schema/operations.ts'
import * as reminding from './schema/reminders.ts'
import * as rows from './schema/task-rows.ts'
import * as work from './schema/tasks.ts'

/** Defines every table with the column types of a dialect's kit. */
export const define = (k: Kit) => {
  const users = accounts.users(k)
  const sessions = accounts.sessions(k, users)
  const projects = work.projects(k, users)
  const tasks = work.tasks(k, users, projects)
  const labels = work.labels(k, users)
  const webhooks = happened.webhooks(k, users)
  return {
    settings: operations.settings(k),
    users,
    sessions,
    refreshTokens: accounts.refreshTokens(k, sessions),
    identities: accounts.identities(k, users),
    signInCodes: accounts.signInCodes(k),
    apiKeys: accounts.apiKeys(k, users),
    signingKeys: accounts.signingKeys(k),
    projects,
    tasks,
    taskOccurrences: rows.taskOccurrences(k, users, tasks),
    labels,
    taskLabels: work.taskLabels(k, tasks, labels),
    taskBlockers: rows.taskBlockers(k, tasks),
    comments: rows.comments(k, users, tasks),
    reminders: reminding.reminders(k, users, tasks),
    events: happened.events(k, users),
    webhooks,
    deliveries: happened.deliveries(k, webhooks),
    changes: operations.changes(k, users),
    receipts: operations.receipts(k, users),
    rateLimits: accounts.rateLimits(k),
    bulkOperations: operations.bulkOperations(k, users),
    bulkResults: operations.bulkResults(k, users),
    bulkParents: operations.bulkParents(k, users),
    imports: brought.imports(k, users),
    importPieces: brought.importPieces(k, users),
    importRows: brought.importRows(k, users),
    importNotes: brought.importNotes(k, users),
    leases: operations.leases(k),
  }
}

export type Tables = ReturnType<typeof define>
