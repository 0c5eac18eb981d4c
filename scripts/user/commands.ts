import type { Ctx } from '../../src/core/context.ts'
import {
  addUser,
  deleteUser,
  type ListedUser,
  listUsers,
  resetPassword,
  showUser,
} from '../../src/features/account/index.ts'
import type { Passwords } from '../../src/features/account/passwords/passwords.ts'
import { number as n } from '../support/number.ts'
import { printable } from '../support/printable.ts'

type Run = {
  readonly ctx: Omit<Ctx, 'actor'>
  readonly passwords: Passwords
  /** The e-mail address, or the id where it may be one. */
  readonly who: string
  readonly password: string
}
/** `text` is for people, `result` for `--json`. */
type Answer = { readonly text: string; readonly result: unknown }

export type Command = {
  readonly operands: 0 | 1
  readonly needs?: 'password' | 'consent'
  /** Whether anything is changed. */
  readonly changes: boolean
  run(run: Run): Promise<Answer>
}

const nameOf = ({ email, issuer, subject }: ListedUser): string =>
  email ?? (issuer === null ? '(no e-mail address)' : `${issuer}: ${subject}`)

const table = (cells: readonly (readonly string[])[]): string => {
  const rows = cells.map((row) => row.map(printable))
  return rows
    .map((row) =>
      row
        .map((cell, i) => cell.padEnd(Math.max(...rows.map((other) => other[i]?.length ?? 0))))
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
}

const list = async ({ ctx }: Run): Promise<Answer> => {
  const users: ListedUser[] = []
  for await (const user of listUsers(ctx)) users.push(user)
  const head = ['E-MAIL', 'NAME', 'SINCE', 'TASKS', 'BYTES', 'ID']
  const rows = users.map((user) => [
    nameOf(user),
    user.name,
    user.created_at.slice(0, 10),
    n(user.used.tasks),
    n(user.used.bytes),
    user.id,
  ])
  return { text: table([head, ...rows]), result: users }
}

const show = async ({ ctx, who }: Run): Promise<Answer> => {
  const user = await showUser(ctx, who)
  const { used } = user
  const rows = [
    ['id', user.id],
    ['e-mail', user.email ?? 'none'],
    ['name', user.name],
    ['time zone', user.time_zone],
    ['since', user.created_at],
    ['password', user.has_password ? 'yes' : 'none'],
    ...(user.issuer === null ? [] : [['tokens of', `${user.issuer}: ${user.subject}`]]),
    ...user.identities.map(({ issuer, subject }) => ['signs in with', `${issuer}: ${subject}`]),
    ['sessions', n(user.sessions)],
    ['last used', user.last_used_at ?? 'never, or by no session that lives'],
    ['stores', `${n(used.tasks)} tasks, ${n(used.projects)} projects, ${n(used.labels)} labels`],
    ['', `${n(used.keys)} API keys, ${n(used.bytes)} bytes of text`],
  ]
  return { text: table(rows), result: user }
}

const add = async ({ ctx, passwords, who: email, password }: Run): Promise<Answer> => {
  const user = await addUser(ctx, passwords, { email, password })
  return { text: `${email} has an account.`, result: user }
}

const reset = async ({ ctx, passwords, who: email, password }: Run): Promise<Answer> => {
  const id = await resetPassword(ctx, passwords, { email, password })
  const text = `${email} has a new password; all sessions and API keys of that account have ended.`
  return { text, result: { id, email, password_reset: true } }
}

const remove = async ({ ctx, who }: Run): Promise<Answer> => {
  const user = await deleteUser(ctx, who)
  const text = `${nameOf(user)} is deleted, with ${n(user.used.tasks)} tasks and everything else.`
  return { text, result: { id: user.id, email: user.email, deleted: true } }
}

export const commands = {
  list: { operands: 0, changes: false, run: list },
  show: { operands: 1, changes: false, run: show },
  add: { operands: 1, changes: true, needs: 'password', run: add },
  'reset-password': { operands: 1, changes: true, needs: 'password', run: reset },
  delete: { operands: 1, changes: true, needs: 'consent', run: remove },
} as const satisfies Record<string, Command>
