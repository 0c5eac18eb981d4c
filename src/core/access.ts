import type { Actor } from './context.ts'
import { DomainError } from './errors.ts'

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

type Rule = {
  /** What a key needs; null where no key may. */
  readonly scope: Scope | null
  /** The kinds of actor that may. */
  readonly actors: readonly Actor['kind'][]
  /** Whose things: the caller's own. Roles in shared projects will be another. */
  readonly relation: 'own'
}
const anyone = ['session', 'key', 'external'] as const
const signedIn = ['session', 'external'] as const
const sessionOnly = ['session'] as const
const rule = (scope: Scope | null, actors: Rule['actors'] = anyone): Rule => ({
  scope,
  actors,
  relation: 'own',
})

/**
 * Who may do what: the one table. Its keys are the operations' names, which are also the
 * `operationId`s of the OpenAPI document; the tests of isolation are generated from the two.
 */
export const access = {
  logout: rule(null, sessionOnly),
  listSessions: rule(null, sessionOnly),
  endSession: rule(null, sessionOnly),
  getMe: rule('account:read'),
  updateMe: rule(null, signedIn),
  changePassword: rule(null, sessionOnly),
  deleteMe: rule(null, sessionOnly),
  listIdentities: rule(null, sessionOnly),
  getIdentity: rule(null, sessionOnly),
  linkIdentity: rule(null, sessionOnly),
  unlinkIdentity: rule(null, sessionOnly),
  listApiKeys: rule(null, signedIn),
  getApiKey: rule(null, signedIn),
  /** Users of other issuers only where the configuration allows it; the verb looks. */
  createApiKey: rule(null, signedIn),
  deleteApiKey: rule(null, signedIn),
  listProjects: rule('projects:read'),
  getProject: rule('projects:read'),
  createProject: rule('projects:write'),
  updateProject: rule('projects:write'),
  deleteProject: rule('projects:write'),
  listTasks: rule('tasks:read'),
  getTask: rule('tasks:read'),
  createTask: rule('tasks:write'),
  replaceTask: rule('tasks:write'),
  updateTask: rule('tasks:write'),
  deleteTask: rule('tasks:write'),
  completeTask: rule('tasks:write'),
  reopenTask: rule('tasks:write'),
  restoreTask: rule('tasks:write'),
  moveTask: rule('tasks:write'),
  listLabels: rule('labels:read'),
  getLabel: rule('labels:read'),
  createLabel: rule('labels:write'),
  updateLabel: rule('labels:write'),
  deleteLabel: rule('labels:write'),
} as const satisfies Record<string, Rule>
export type Operation = keyof typeof access

/**
 * Throws `session_required` or `insufficient_scope` when the caller's credential may not do this to
 * any resource.
 */
export const allow = (actor: Actor, operation: Operation): void => {
  const { scope, actors }: Rule = access[operation]
  if (actor.kind === 'system') return
  if (!actors.includes(actor.kind))
    throw new DomainError(
      'session_required',
      `This takes a session: sign in with a password, not with ${naming[actor.kind]}.`,
    )
  if (actor.kind === 'key' && (scope === null || !actor.scopes.includes(scope)))
    throw new DomainError('insufficient_scope', `The API key lacks the scope ${scope}.`)
}
const naming = {
  session: 'a session',
  key: 'an API key',
  external: "another issuer's token",
  anonymous: 'nothing',
} as const
