import { z } from '@hono/zod-openapi'
import { pageQuery, pageSchema } from '../../core/schemas.ts'
import {
  getIdentity,
  IdentityLink,
  LinkedIdentity,
  linkIdentity,
  listIdentities,
  Proof,
  unlinkIdentity,
} from '../../features/account/index.ts'
import type { Deps } from '../deps.ts'
import { created, list, noContent, ok } from '../result.ts'
import type { Api } from '../router.ts'
import { accountCtx, proofAttempt } from './auth.ts'

const tag = 'Account'
const PATH = '/me/identities'
const ONE = `${PATH}/{id}`

export const identityRoutes = (api: Api, deps: Deps): void => {
  const account = accountCtx(deps)
  const attempt = proofAttempt(deps)

  api.operation(
    {
      id: 'listIdentities',
      method: 'get',
      path: PATH,
      tag,
      summary: 'List the identities that sign in to this account',
      description: 'At OpenID providers; oldest first.',
      query: z.strictObject(pageQuery),
      answers: {
        200: {
          description: 'A page of identities.',
          schema: pageSchema('IdentityPage', LinkedIdentity),
        },
      },
      refuses: ['session_required'],
    },
    async ({ ctx, query, url }) => list(await listIdentities(ctx, query), url),
  )

  api.operation(
    {
      id: 'linkIdentity',
      method: 'post',
      path: PATH,
      tag,
      summary: 'Let an identity sign in to this account',
      description:
        'Takes the code of a sign-in that was begun at `/auth/openid/start?purpose=link&challenge=…`, the verifier, and the proof that the account is yours. An identity that is linked already stays so.',
      body: IdentityLink,
      answers: {
        201: { description: 'The identity, now of this account.', schema: LinkedIdentity },
      },
      refuses: ['session_required', 'identity_taken', 'write_conflict'],
      noStore: true,
      attempt,
    },
    async ({ ctx, body }) => {
      const identity = await linkIdentity(account(ctx), body)
      return created(identity, `/api/v1${PATH}/${identity.id}`)
    },
  )

  api.operation(
    {
      id: 'getIdentity',
      method: 'get',
      path: ONE,
      tag,
      summary: 'Get an identity',
      answers: { 200: { description: 'The identity.', schema: LinkedIdentity } },
      refuses: ['session_required'],
    },
    async ({ ctx, id }) => ok(await getIdentity(ctx, { id })),
  )

  api.operation(
    {
      id: 'unlinkIdentity',
      method: 'delete',
      path: ONE,
      tag,
      summary: 'Let an identity sign in to this account no more',
      description:
        'Takes the proof that the account is yours. Sessions that it began go on; end them by themselves. The only way to sign in stays.',
      body: Proof,
      answers: { 204: { description: 'The identity belongs to no user any more.' } },
      refuses: ['session_required', 'last_sign_in', 'write_conflict'],
      noStore: true,
      attempt,
    },
    async ({ ctx, id, body }) => {
      await unlinkIdentity(account(ctx), { id, proof: body })
      return noContent
    },
  )
}
