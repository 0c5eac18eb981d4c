import { z } from '@hono/zod-openapi'
import type { Ctx } from '../../core/context.ts'
import { pageQuery, pageSchema } from '../../core/schemas.ts'
import { fold } from '../../core/text.ts'
import {
  type AccountCtx,
  CodeRedemption,
  endSession,
  knownDevice,
  Login,
  listSessions,
  login,
  logout,
  Refresh,
  Registration,
  redeemCode,
  refresh,
  register,
  Session,
  SignedIn,
  TokenPair,
} from '../../features/account/index.ts'
import type { Deps } from '../deps.ts'
import type { Networks } from '../network.ts'
import { created, list, noContent, ok } from '../result.ts'
import type { Api } from '../router.ts'
import type { Attempt } from '../sign-in-limits.ts'

const tag = 'Sign-in'

/** Bytes. What anybody may send is small. */
const MAX_SIGN_IN_BODY = 16 * 1024

/**
 * Ctx as the verbs of accounts take it; strangers take the turn of their widest network to hash
 * passwords.
 */
export const accountCtx =
  ({ identity, limits, config: { registration } }: Pick<Deps, 'identity' | 'limits' | 'config'>) =>
  (ctx: Ctx, networks?: () => Networks): AccountCtx => ({
    ...ctx,
    identity,
    registration,
    passwordTurn: networks
      ? { network: networks().at(-1) ?? '' }
      : { known: `user ${ctx.actor.userId}` },
    admit: (userId, points = 0) => {
      limits.caller.count(userId)
      if (points > 0) limits.caller.charge(userId, points)
    },
  })

/**
 * The holder of an access token may not guess its owner's password with it either, nor keep the
 * owner's other sessions from it.
 */
export const proofAttempt =
  ({ signInLimits }: Pick<Deps, 'signInLimits'>) =>
  ({ ctx: { actor } }: { readonly ctx: Ctx }): Promise<Attempt> =>
    signInLimits.proof(actor.kind === 'session' ? actor.sessionId : actor.userId)

export const authRoutes = (api: Api, deps: Deps): void => {
  const account = accountCtx(deps)
  const { signInLimits } = deps

  api.operation(
    {
      id: 'register',
      open: true,
      method: 'post',
      path: '/auth/register',
      tag,
      summary: 'Make an account and sign in',
      body: Registration,
      maxBody: MAX_SIGN_IN_BODY,
      answers: { 201: { description: 'The new user, signed in.', schema: SignedIn } },
      refuses: ['email_taken', 'registration_closed'],
      noStore: true,
      attempt: ({ networks }) => signInLimits.registration(networks()),
    },
    async ({ ctx, body, networks, userAgent }) =>
      created(await register(account(ctx, networks), { ...body, userAgent }), '/api/v1/me'),
  )

  api.operation(
    {
      id: 'login',
      open: true,
      method: 'post',
      path: '/auth/login',
      tag,
      summary: 'Sign in with e-mail address and password',
      body: Login,
      maxBody: MAX_SIGN_IN_BODY,
      answers: { 200: { description: 'Signed in.', schema: SignedIn } },
      refuses: ['invalid_credentials'],
      noStore: true,
      attempt: async ({ ctx, body, networks }) =>
        signInLimits.signIn({
          account: fold(body.email),
          networks: networks(),
          device: await knownDevice(account(ctx), body),
        }),
    },
    async ({ ctx, body, networks, userAgent }) =>
      ok(await login(account(ctx, networks), { ...body, userAgent })),
  )

  api.operation(
    {
      id: 'redeemCode',
      open: true,
      method: 'post',
      path: '/auth/openid/redeem',
      tag,
      summary: 'Finish a sign-in with an OpenID provider',
      description:
        'Open `/auth/openid/start?challenge=…` in a browser, with the S256 challenge of a random verifier (RFC 7636). It ends with a one-time code, which this takes with the verifier. The first sign-in of a user makes an account.',
      body: CodeRedemption,
      maxBody: MAX_SIGN_IN_BODY,
      answers: { 200: { description: 'Signed in.', schema: SignedIn } },
      refuses: ['registration_closed', 'write_conflict'],
      noStore: true,
      attempt: ({ networks }) => signInLimits.redemption(networks()),
    },
    async ({ ctx, body, networks, userAgent }) =>
      ok(await redeemCode(account(ctx, networks), { ...body, userAgent })),
  )

  api.operation(
    {
      id: 'refresh',
      open: true,
      method: 'post',
      path: '/auth/refresh',
      tag,
      summary: 'Get the next tokens',
      description:
        'A refresh token is good once. A repetition within 10 seconds gets the same successor, in case an answer was lost; later, or once the successor was used, it ends the session.',
      body: Refresh,
      maxBody: MAX_SIGN_IN_BODY,
      answers: { 200: { description: 'The next tokens.', schema: TokenPair } },
      refuses: ['unauthenticated', 'write_conflict'],
      noStore: true,
    },
    async ({ ctx, body }) => ok(await refresh(account(ctx), body)),
  )

  api.operation(
    {
      id: 'logout',
      method: 'post',
      path: '/auth/logout',
      tag,
      summary: 'End the present session',
      answers: { 204: { description: 'The session has ended.' } },
      refuses: ['session_required'],
      noStore: true,
    },
    async ({ ctx }) => {
      await logout(account(ctx))
      return noContent
    },
  )

  api.operation(
    {
      id: 'listSessions',
      method: 'get',
      path: '/auth/sessions',
      tag,
      summary: 'List the sessions that are signed in',
      description: 'Newest first.',
      query: z.strictObject(pageQuery),
      answers: {
        200: { description: 'A page of sessions.', schema: pageSchema('SessionPage', Session) },
      },
      refuses: ['session_required'],
      noStore: true,
    },
    async ({ ctx, query, url }) => list(await listSessions(ctx, query), url),
  )

  api.operation(
    {
      id: 'endSession',
      method: 'delete',
      path: '/auth/sessions/{id}',
      tag,
      summary: 'End a session',
      description: 'Its tokens stop working everywhere within 30 seconds.',
      answers: { 204: { description: 'The session has ended.' } },
      refuses: ['session_required'],
      noStore: true,
    },
    async ({ ctx, id }) => {
      await endSession(account(ctx), { id })
      return noContent
    },
  )
}
