import { and, eq, type SQL, sql } from 'drizzle-orm'
import type { AnyMySqlColumn } from 'drizzle-orm/mysql-core'
import { value } from '../db/statement.ts'
import type { Actor } from './context.ts'

/** What an API key can be allowed, in pairs by resource. */
export const scopes = [
  'tasks:read',
  'tasks:write',
  'projects:read',
  'projects:write',
  'labels:read',
  'labels:write',
  'account:read',
] as const
export type Scope = (typeof scopes)[number]

/** Who may call an operation. */
export type Access = {
  /** What an API key needs; null where none may. */
  readonly scope: Scope | null
  /** The kinds of actor that may; `open` where no credential is asked for. */
  readonly actors: readonly Actor['kind'][] | 'open'
  /** Whose things: the caller's own. Roles in shared projects will be another. */
  readonly relation: 'own'
}
const rule = (scope: Scope | null, actors: Access['actors']): Access => ({
  scope,
  actors,
  relation: 'own',
})

/** Every caller; an API key needs the scope. */
export const withScope = (scope: Scope): Access => rule(scope, ['session', 'key', 'external'])
/** Every caller but API keys. */
export const signedIn = rule(null, ['session', 'external'])
/** Callers who have signed in here. */
export const sessionOnly = rule(null, ['session'])
/** Callers of whom no credential is asked. */
export const withoutCredential = rule(null, 'open')

/**
 * The condition under which a row is the caller's to see: bind `reader` to the actor's user id.
 * Every query of projects, tasks, labels and keys goes through this, each further condition in
 * brackets of its own, so that none can widen it.
 */
export const visible = (owner: AnyMySqlColumn, ...further: (SQL | undefined)[]): SQL =>
  and(
    eq(owner, value(owner, 'reader')),
    ...further.map((condition) => condition && sql`(${condition})`),
  ) as SQL

/**
 * The same for rows that the further conditions find by an index of their own: the owner is only
 * looked at. A planner that knows little of the sizes would else read all rows of the owner, which
 * are many, to find those few.
 */
export const visibleAmong = (owner: AnyMySqlColumn, ...further: (SQL | undefined)[]): SQL =>
  and(
    sql`coalesce(${owner}, ${owner}) = ${value(owner, 'reader')}`,
    ...further.map((condition) => condition && sql`(${condition})`),
  ) as SQL
