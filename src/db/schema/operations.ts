// What the service stores for itself: settings, the change log, responses that may be repeated,
// bulk operations.
import type { Kit } from '../kit/mysql.ts'
import type { Users } from './accounts.ts'

/** Settings that the service decides once, such as the name of the issuer. */
export const settings = (k: Kit) =>
  k.table('settings', { name: k.str('name', 64).primaryKey(), value: k.text('value').notNull() })

/**
 * The change log: for each user the latest change of each thing that they can see, or could see.
 */
export const changes = (k: Kit, users: Users) =>
  k.table(
    'changes',
    {
      readerId: k
        .id('reader_id')
        .notNull()
        .references(() => users.id, { onDelete: 'cascade' }),
      entityId: k.id('entity_id').notNull(),
      entity: k.str('entity', 16).notNull(),
      /** The reader's `seq` after the batch of this change. */
      seq: k.int('seq').notNull(),
      /** A tombstone: deleted, or no longer visible to this reader. */
      gone: k.bool('gone').notNull(),
      changedAt: k.instant('changed_at').notNull(),
    },
    (t) => [
      k.primaryKey({ columns: [t.readerId, t.entityId] }),
      k.index('changes_reader_seq').on(t.readerId, t.seq),
    ],
  )

/** Responses to requests with an Idempotency-Key, written in the batch of the request. */
export const receipts = (k: Kit, users: Users) =>
  k.table(
    'receipts',
    {
      /** SHA-256 of user, method, path and key, hexadecimal. */
      scope: k.str('scope', 64).primaryKey(),
      userId: k
        .id('user_id')
        .notNull()
        .references(() => users.id, { onDelete: 'cascade' }),
      /** SHA-256 of the request's body, hexadecimal. */
      fingerprint: k.str('fingerprint', 64).notNull(),
      status: k.int('status').notNull(),
      headers: k.json<Record<string, string>>('headers').notNull(),
      body: k.text('body').notNull(),
      createdAt: k.instant('created_at').notNull(),
    },
    (t) => [k.index('receipts_created').on(t.createdAt), k.index('receipts_user').on(t.userId)],
  )

/**
 * Changes that a request has begun and that are done in chunks, because they touch many rows. A
 * user has at most one: the key is the lock. The row is deleted with the last chunk.
 */
export const bulkOperations = (k: Kit, users: Users) =>
  k.table('bulk_operations', {
    userId: k
      .id('user_id')
      .primaryKey()
      .references(() => users.id, { onDelete: 'cascade' }),
    id: k.id('id').notNull(),
    kind: k.str('kind', 32).notNull(),
    /** The label, project, task or user that it changes. */
    targetId: k.id('target_id').notNull(),
    /** The state of its kind. */
    data: k.json<Record<string, unknown>>('data').notNull(),
    /** How many chunks are done. Each chunk is done once, however many processes try. */
    step: k.int('step').notNull(),
    createdAt: k.instant('created_at').notNull(),
    updatedAt: k.instant('updated_at').notNull(),
  })

/** What the last change of many tasks of each user has done, once it is over. */
export const bulkResults = (k: Kit, users: Users) =>
  k.table('bulk_results', {
    userId: k
      .id('user_id')
      .primaryKey()
      .references(() => users.id, { onDelete: 'cascade' }),
    id: k.id('id').notNull(),
    data: k.json<Record<string, unknown>>('data').notNull(),
  })

/** Tasks whose subtasks the user's bulk operation has yet to change. */
export const bulkParents = (k: Kit, users: Users) =>
  k.table(
    'bulk_parents',
    {
      userId: k
        .id('user_id')
        .notNull()
        .references(() => users.id, { onDelete: 'cascade' }),
      taskId: k.id('task_id').notNull(),
    },
    (t) => [k.primaryKey({ columns: [t.userId, t.taskId] })],
  )

/**
 * Work that one process does at a time, of all processes on the database. Not copied into another
 * database: it says what the processes on this one do.
 */
export const leases = (k: Kit) =>
  k.table('leases', {
    /** The name of the work. */
    name: k.str('name', 64).primaryKey(),
    /** A random id of the process that does it now; '' where none does. */
    holder: k.str('holder', 36).notNull(),
    /** After this, another process may take it over. */
    until: k.instant('until').notNull(),
    /** What the work keeps for the next time. */
    data: k.json<Record<string, unknown>>('data').notNull(),
  })
