import { sessionOnly, signedIn, withoutCredential, withScope } from '../../core/access.ts'
import { defineOperation } from '../../core/operation.ts'
import { pageQuery, pageSchema } from '../../core/schemas.ts'
import { z } from '../../core/zod.ts'
import { changePassword } from './change-password.ts'
import type { AccountCtx } from './context.ts'
import { deleteMe } from './delete-me.ts'
import { endSession } from './end-session.ts'
import { getIdentity } from './get-identity.ts'
import { getMe } from './get-me.ts'
import { linkIdentity } from './link-identity.ts'
import { listIdentities } from './list-identities.ts'
import { listSessions } from './list-sessions.ts'
import { login } from './login.ts'
import { logout } from './logout.ts'
import { CodeRedemption, IdentityLink, LinkedIdentity, Proof } from './openid/schemas.ts'
import { redeemCode } from './redeem-code.ts'
import { refresh } from './refresh.ts'
import { register } from './register.ts'
import {
  Login,
  Me,
  PasswordChange,
  Refresh,
  Registration,
  Session,
  SignedIn,
  TokenPair,
  User,
  UserPatch,
} from './schemas.ts'
import { unlinkIdentity } from './unlink-identity.ts'
import { updateMe } from './update-me.ts'

export const accountOperations = [
  defineOperation({
    id: 'register',
    summary: 'Make an account and sign in',
    description: 'The account gets an inbox. Keep the `device_token` for later sign-ins.',
    access: withoutCredential,
    body: Registration,
    output: { description: 'The new user, signed in.', schema: SignedIn },
    refuses: ['email_taken', 'registration_closed'],
    noStore: true,
    guesses: 'registration',
    run: (ctx: AccountCtx, { body }) => register(ctx, { ...body, userAgent: ctx.userAgent }),
  }),
  defineOperation({
    id: 'login',
    summary: 'Sign in with e-mail address and password',
    description:
      'Begins a session. Send the `device_token` that the last sign-in on this device answered.',
    access: withoutCredential,
    body: Login,
    output: { description: 'Signed in.', schema: SignedIn },
    refuses: ['invalid_credentials'],
    noStore: true,
    guesses: 'sign_in',
    run: (ctx: AccountCtx, { body }) => login(ctx, { ...body, userAgent: ctx.userAgent }),
  }),
  defineOperation({
    id: 'redeemCode',
    summary: 'Finish a sign-in with an OpenID provider',
    description:
      'Open `/auth/openid/start?challenge=…` in a browser, with the S256 challenge of a random verifier (RFC 7636). It ends with a one-time code, which this takes with the verifier. The first sign-in of a user makes an account.',
    access: withoutCredential,
    body: CodeRedemption,
    output: { description: 'Signed in.', schema: SignedIn },
    refuses: ['registration_closed', 'write_conflict'],
    noStore: true,
    guesses: 'redemption',
    run: (ctx: AccountCtx, { body }) => redeemCode(ctx, { ...body, userAgent: ctx.userAgent }),
  }),
  defineOperation({
    id: 'refresh',
    summary: 'Get the next tokens',
    description:
      'A refresh token is good once. A repetition within 10 seconds gets the same successor, in case an answer was lost; later, or once the successor was used, it ends the session.',
    access: withoutCredential,
    body: Refresh,
    output: { description: 'The next tokens.', schema: TokenPair },
    refuses: ['unauthenticated', 'write_conflict'],
    noStore: true,
    run: (ctx: AccountCtx, { body }) => refresh(ctx, body),
  }),
  defineOperation({
    id: 'logout',
    summary: 'End the present session',
    access: sessionOnly,
    output: { description: 'The session has ended.' },
    refuses: ['session_required'],
    noStore: true,
    run: (ctx: AccountCtx) => logout(ctx),
  }),
  defineOperation({
    id: 'listSessions',
    summary: 'List the sessions that are signed in',
    description: 'Newest first.',
    access: sessionOnly,
    query: z.strictObject(pageQuery),
    output: { description: 'A page of sessions.', schema: pageSchema('SessionPage', Session) },
    refuses: ['session_required'],
    noStore: true,
    run: (ctx, { query }) => listSessions(ctx, query),
  }),
  defineOperation({
    id: 'endSession',
    summary: 'End a session',
    description: 'Its tokens stop working everywhere within 30 seconds.',
    access: sessionOnly,
    takesId: true,
    output: { description: 'The session has ended.' },
    refuses: ['session_required'],
    noStore: true,
    run: (ctx: AccountCtx, { id }) => endSession(ctx, { id }),
  }),
  defineOperation({
    id: 'getMe',
    summary: 'Who am I?',
    access: withScope('account:read'),
    output: { description: 'The user whose credential this is.', schema: Me },
    run: (ctx) => getMe(ctx),
  }),
  defineOperation({
    id: 'updateMe',
    summary: 'Change name and time zone',
    description: 'What is not named stays (RFC 7396).',
    access: signedIn,
    body: UserPatch,
    output: { description: 'The user as it is now.', schema: User },
    refuses: ['session_required', 'write_conflict'],
    run: (ctx, { body }) => updateMe(ctx, body),
  }),
  defineOperation({
    id: 'deleteMe',
    summary: 'Delete the account',
    description:
      'For good, with everything in it. No credential of it is good any more from this moment, and its e-mail address is free; of a large account the rows are deleted bit by bit, also after a restart. It takes the password, or where there is none a sign-in just now.',
    access: sessionOnly,
    body: Proof,
    output: { description: 'The account is gone.' },
    refuses: ['session_required', 'write_conflict'],
    noStore: true,
    guesses: 'proof',
    run: (ctx: AccountCtx, { body }) => deleteMe(ctx, body),
  }),
  defineOperation({
    id: 'changePassword',
    summary: 'Change the password',
    description: 'Ends all other sessions and deletes all API keys.',
    access: sessionOnly,
    body: PasswordChange,
    output: { description: 'The password is changed.' },
    refuses: ['session_required', 'write_conflict'],
    noStore: true,
    guesses: 'proof',
    run: (ctx: AccountCtx, { body }) => changePassword(ctx, body),
  }),
  defineOperation({
    id: 'listIdentities',
    summary: 'List the identities that sign in to this account',
    description: 'At OpenID providers; oldest first.',
    access: sessionOnly,
    query: z.strictObject(pageQuery),
    output: {
      description: 'A page of identities.',
      schema: pageSchema('IdentityPage', LinkedIdentity),
    },
    refuses: ['session_required'],
    run: (ctx, { query }) => listIdentities(ctx, query),
  }),
  defineOperation({
    id: 'linkIdentity',
    summary: 'Let an identity sign in to this account',
    description:
      'Takes the code of a sign-in that was begun at `/auth/openid/start?purpose=link&challenge=…`, the verifier, and the proof that the account is yours. An identity that is linked already stays so.',
    access: sessionOnly,
    body: IdentityLink,
    output: { description: 'The identity, now of this account.', schema: LinkedIdentity },
    refuses: ['session_required', 'identity_taken', 'write_conflict'],
    noStore: true,
    guesses: 'proof',
    run: (ctx: AccountCtx, { body }) => linkIdentity(ctx, body),
  }),
  defineOperation({
    id: 'getIdentity',
    summary: 'Get an identity',
    access: sessionOnly,
    takesId: true,
    output: { description: 'The identity.', schema: LinkedIdentity },
    refuses: ['session_required'],
    run: (ctx, { id }) => getIdentity(ctx, { id }),
  }),
  defineOperation({
    id: 'unlinkIdentity',
    summary: 'Let an identity sign in to this account no more',
    description:
      'Takes the proof that the account is yours. Sessions that it began go on; end them by themselves. The only way to sign in stays.',
    access: sessionOnly,
    takesId: true,
    body: Proof,
    output: { description: 'The identity belongs to no user any more.' },
    refuses: ['session_required', 'last_sign_in', 'write_conflict'],
    noStore: true,
    guesses: 'proof',
    run: (ctx: AccountCtx, { id, body }) => unlinkIdentity(ctx, { id, proof: body }),
  }),
] as const
