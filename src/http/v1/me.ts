import {
  changePassword,
  deleteMe,
  getMe,
  Me,
  PasswordChange,
  Proof,
  User,
  UserPatch,
  updateMe,
} from '../../features/account/index.ts'
import type { Deps } from '../deps.ts'
import { noContent, ok } from '../result.ts'
import type { Api } from '../router.ts'
import { accountCtx, proofAttempt } from './auth.ts'

const tag = 'Account'

export const meRoutes = (api: Api, deps: Deps): void => {
  const account = accountCtx(deps)
  const attempt = proofAttempt(deps)

  api.operation(
    {
      id: 'getMe',
      method: 'get',
      path: '/me',
      tag,
      summary: 'Who am I?',
      answers: { 200: { description: 'The user whose credential this is.', schema: Me } },
    },
    async ({ ctx }) => ok(await getMe(ctx)),
  )

  api.operation(
    {
      id: 'updateMe',
      method: 'patch',
      path: '/me',
      tag,
      summary: 'Change name and time zone',
      description: 'What is not named stays (RFC 7396).',
      body: UserPatch,
      answers: { 200: { description: 'The user as it is now.', schema: User } },
      refuses: ['session_required', 'write_conflict'],
    },
    async ({ ctx, body }) => ok(await updateMe(ctx, body)),
  )

  api.operation(
    {
      id: 'deleteMe',
      method: 'delete',
      path: '/me',
      tag,
      summary: 'Delete the account',
      description:
        'For good, with everything in it. No credential of it is good any more from this moment, and its e-mail address is free; of a large account the rows are deleted bit by bit, also after a restart. It takes the password, or where there is none a sign-in just now.',
      body: Proof,
      answers: { 204: { description: 'The account is gone.' } },
      refuses: ['session_required', 'write_conflict'],
      noStore: true,
      attempt,
    },
    async ({ ctx, body }) => {
      await deleteMe(account(ctx), body)
      return noContent
    },
  )

  api.operation(
    {
      id: 'changePassword',
      method: 'put',
      path: '/me/password',
      tag,
      summary: 'Change the password',
      description: 'Ends all other sessions and deletes all API keys.',
      body: PasswordChange,
      answers: { 204: { description: 'The password is changed.' } },
      refuses: ['session_required', 'write_conflict'],
      noStore: true,
      attempt,
    },
    async ({ ctx, body }) => {
      await changePassword(account(ctx), body)
      return noContent
    },
  )
}
