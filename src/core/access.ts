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
  'data:read',
  'data:write',
  'webhooks:read',
  'webhooks:write',
] as const
export type Scope = (typeof scopes)[number]

/** Who may call an operation. */
export type Access = {
  /** What an API key needs; null where none may; `any` where every key may. */
  readonly scope: Scope | 'any' | null
  /** The kinds of actor that may; `open` where no credential is asked for. */
  readonly actors: readonly Actor['kind'][] | 'open'
  /** Whose things: the caller's own. Roles in shared projects will be another. */
  readonly relation: 'own'
}
const rule = (scope: Access['scope'], actors: Access['actors']): Access => ({
  scope,
  actors,
  relation: 'own',
})

/** Every caller; an API key needs the scope. */
export const withScope = (scope: Scope): Access => rule(scope, ['session', 'key', 'external'])
/** Every caller: what is asked for inside looks at the scopes of an API key itself. */
export const withAnyScope = rule('any', ['session', 'key', 'external'])
/** Every caller but API keys. */
export const signedIn = rule(null, ['session', 'external'])
/** Callers who have signed in here. */
export const sessionOnly = rule(null, ['session'])
/** Callers of whom no credential is asked. */
export const withoutCredential = rule(null, 'open')
