import { sql } from 'drizzle-orm'

/**
 * A task of one of these statuses is open: it blocks what waits for it, it can be overdue, and its
 * reminders fire. All others are done.
 */
export const openStatuses = ['pending', 'in_progress'] as const

/** The same as a list in SQL, written out: they are the same in every statement. */
export const OPEN_LIST = sql.raw(`(${openStatuses.map((status) => `'${status}'`).join(', ')})`)
