import { drizzle } from 'drizzle-orm/sqlite-proxy'
import type { Builder, Dialect } from '../database.ts'
import { kit } from '../kit/sqlite.ts'
import { define } from '../schema.ts'

const t = define(kit)
// drizzle-kit reads the tables one by one.
export const {
  settings,
  users,
  sessions,
  refreshTokens,
  identities,
  signInCodes,
  apiKeys,
  signingKeys,
  projects,
  tasks,
  taskOccurrences,
  labels,
  taskLabels,
  taskBlockers,
  comments,
  reminders,
  events,
  webhooks,
  deliveries,
  changes,
  receipts,
  rateLimits,
  bulkOperations,
  bulkResults,
  bulkParents,
  imports,
  importPieces,
  importRows,
  importNotes,
  leases,
} = t

const neverRuns = async () => {
  throw new Error('the builder only builds; statements run through the Database')
}
export const sqlite: Dialect = { name: 'sqlite', q: drizzle(neverRuns) as unknown as Builder, t }
