// Which rows a user may see and change. Every statement of projects, tasks, labels and of what an
// account has for itself takes its condition from here, with each further condition in brackets of
// its own, so that none can widen it.
import { and, eq, isNull, or, type SQL, sql } from 'drizzle-orm'
import type { AnyMySqlColumn } from 'drizzle-orm/mysql-core'
import { value } from '../db/statement.ts'

/** A row in a project: the columns of the project's owner and of its id. */
type InProject = { readonly ownerId: AnyMySqlColumn; readonly projectId: AnyMySqlColumn }
type Further = readonly (SQL | undefined)[]

/** Rows of projects and tasks that a user sees: bind `reader`, a ReaderId. */
export const canRead = ({ ownerId }: InProject, ...further: Further): SQL =>
  bracketed(eq(ownerId, value(ownerId, 'reader')), further)

/** The same for rows that the further conditions find by an index of their own. */
export const canReadAmong = ({ ownerId }: InProject, ...further: Further): SQL =>
  bracketed(lookedAt(ownerId, 'reader'), further)

/** Rows of projects and tasks that a user may change: bind `actor`, an ActorId. */
export const canWrite = ({ ownerId }: InProject, ...further: Further): SQL =>
  bracketed(eq(ownerId, value(ownerId, 'actor')), further)

/** The same for rows that the further conditions find by an index of their own. */
export const canWriteAmong = ({ ownerId }: InProject, ...further: Further): SQL =>
  bracketed(lookedAt(ownerId, 'actor'), further)

/** Labels whose names a user sees on tasks: bind `reader`, a ReaderId. */
export const canReadLabel = (
  { ownerId }: { readonly ownerId: AnyMySqlColumn },
  ...further: Further
): SQL => bracketed(eq(ownerId, value(ownerId, 'reader')), further)

/**
 * Rows of one owner, for what the owner's account decides (its labels) and for what the service
 * does with everything of an owner: bind `owner`, an OwnerId.
 */
export const ownedBy = (ownerId: AnyMySqlColumn, ...further: Further): SQL =>
  bracketed(eq(ownerId, value(ownerId, 'owner')), further)

/** The same for rows that the further conditions find by an index of their own. */
export const ownedAmong = (ownerId: AnyMySqlColumn, ...further: Further): SQL =>
  bracketed(lookedAt(ownerId, 'owner'), further)

/** Rows of the owner who is a row of the statement itself. */
export const ownedByUser = (ownerId: AnyMySqlColumn, user: AnyMySqlColumn, ...further: Further) =>
  bracketed(eq(ownerId, user), further)

/**
 * Rows that an account has for itself and shares with no other: keys, sessions, identities, its
 * change log. Bind `reader`, a ReaderId.
 */
export const ofAccount = (userId: AnyMySqlColumn, ...further: Further): SQL =>
  bracketed(eq(userId, value(userId, 'reader')), further)

/** The same for rows that the further conditions find by an index of their own. */
export const ofAccountAmong = (userId: AnyMySqlColumn, ...further: Further): SQL =>
  bracketed(lookedAt(userId, 'reader'), further)

/**
 * Rows that all see who see the thing, and those that are for the reader alone: `userId` is whose they
 * are, or null. Bind `reader`.
 */
export const forAllOrReader = (userId: AnyMySqlColumn): SQL =>
  or(isNull(userId), ofAccountAmong(userId)) as SQL

/**
 * Compares without an index: `coalesce` hides the column from the planner. A planner that knows
 * little of the sizes would otherwise read all rows of the owner to find a few.
 */
const lookedAt = (column: AnyMySqlColumn, name: string): SQL =>
  sql`coalesce(${column}, ${column}) = ${value(column, name)}`

const bracketed = (first: SQL, further: Further): SQL =>
  and(first, ...further.map((condition) => condition && sql`(${condition})`)) as SQL
