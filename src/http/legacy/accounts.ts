// Accounts as the family's backends have them, over the sign-in of this service.
import type { Access } from '../../core/access.ts'
import type { Guess } from '../../core/operation.ts'
import { named } from '../../core/patch.ts'
import { z } from '../../core/zod.ts'
import { Login, Refresh, Registration, UserPatch } from '../../features/account/index.ts'
import { operations, type ServiceCtx } from '../../features/operations.ts'
import type { Call, Method } from '../endpoint.ts'
import type { Answer } from '../result.ts'

/** One verb of accounts under its names, below `/api/auth` and `/auth`. */
export type AccountRoute = {
  readonly id: `original.${string}`
  readonly access: Access
  readonly methods: readonly Method[]
  readonly names: readonly string[]
  readonly body?: z.ZodType
  readonly guesses?: Guess
  run(call: Call): Promise<Answer>
}

type Body = Readonly<Record<string, unknown>>
/** The first of these that is a text that is not blank. */
const textIn = (body: Body, ...names: readonly string[]): string | undefined =>
  names
    .map((name) => body[name])
    .find((value): value is string => typeof value === 'string' && value.trim() !== '')
/** A body in the family's words, as the schema of the other API takes it. */
const inOurWords = <S extends z.ZodType>(schema: S, translate: (body: Body) => Body) =>
  z.preprocess((body) => {
    if (typeof body !== 'object' || body === null || Array.isArray(body)) return body
    return named(translate(body as Body))
  }, schema)

const nameIn = (body: Body): string | undefined => {
  const parts = [textIn(body, 'first_name', 'firstName'), textIn(body, 'last_name', 'lastName')]
  const name = textIn(body, 'name', 'full_name', 'fullName', 'display_name', 'username')
  return name ?? (parts.filter(Boolean).join(' ') || undefined)
}

const LegacyRegistration = inOurWords(Registration, (body) => ({
  email: textIn(body, 'email', 'username'),
  password: body['password'],
  name: nameIn(body)?.replace(/\s+/g, ' ').trim(),
  time_zone: textIn(body, 'time_zone', 'timezone', 'timeZone'),
}))

/** Of an OAuth 2.0 password form (RFC 6749, 4.3.2), too: its `username` is the e-mail address. */
const LegacyLogin = inOurWords(Login, (body) => ({
  email: textIn(body, 'email', 'username'),
  password: body['password'],
  device_token: textIn(body, 'device_token', 'deviceToken'),
}))

const LegacyRefresh = inOurWords(Refresh, (body) => ({
  refresh_token: textIn(body, 'refresh_token', 'refreshToken', 'token') ?? '',
}))

const LegacyProfile = inOurWords(UserPatch, (body) => ({
  name: nameIn(body),
  time_zone: textIn(body, 'time_zone', 'timezone', 'timeZone'),
}))

type Tokens = { readonly access_token: string; readonly token_type: string }
type User = { readonly id: string; readonly name: string }

/** Tokens under each name that the family looks for them. */
const withTokens = <T extends Tokens>(tokens: T) => ({
  ...tokens,
  token_type: 'bearer',
  token: tokens.access_token,
  accessToken: tokens.access_token,
})
const shownUser = <T extends User>(user: T, subject = user.id) => ({
  ...user,
  user_id: subject,
  username: user.name,
  full_name: user.name,
})
const signedIn = <T extends Tokens & { readonly user: User }>(result: T) => ({
  ...withTokens(result),
  user: shownUser(result.user),
  user_id: result.user.id,
  userId: result.user.id,
})
const self = ({ ctx }: Pick<Call, 'ctx'>, user: User): Answer => {
  const shown = shownUser(user, ctx.actor.subject)
  return { status: 200, body: { ...shown, user: shown } }
}

const nothing = { id: undefined, query: undefined, ifMatch: undefined } as const
const LOGGED_OUT = 'You are signed out.'

export const accountRoutes: readonly AccountRoute[] = [
  {
    id: 'original.register',
    access: operations.register.access,
    methods: ['post'],
    names: ['register', 'signup', 'sign-up'],
    body: LegacyRegistration,
    guesses: 'registration',
    run: async ({ ctx, body }) => ({
      status: 201,
      body: signedIn(
        await operations.register.run(ctx, { ...nothing, body: body as Registration }),
      ),
    }),
  },
  {
    id: 'original.login',
    access: operations.login.access,
    methods: ['post'],
    names: ['login', 'signin', 'sign-in', 'token'],
    body: LegacyLogin,
    guesses: 'sign_in',
    run: async ({ ctx, body }) => ({
      status: 200,
      body: signedIn(await operations.login.run(ctx, { ...nothing, body: body as Login })),
    }),
  },
  {
    id: 'original.refresh',
    access: operations.refresh.access,
    methods: ['post'],
    names: ['refresh'],
    body: LegacyRefresh,
    run: async ({ ctx, body }) => ({
      status: 200,
      body: withTokens(await operations.refresh.run(ctx, { ...nothing, body: body as Refresh })),
    }),
  },
  {
    id: 'original.me',
    access: operations.getMe.access,
    methods: ['get'],
    names: ['me', 'profile'],
    run: async (call) =>
      self(call, await operations.getMe.run(call.ctx, { ...nothing, body: undefined })),
  },
  {
    id: 'original.profile',
    access: operations.updateMe.access,
    methods: ['put', 'patch'],
    names: ['me', 'profile'],
    body: LegacyProfile,
    run: async (call) =>
      self(
        call,
        await operations.updateMe.run(call.ctx, {
          ...nothing,
          body: call.body as UserPatch,
        }),
      ),
  },
  {
    id: 'original.logout',
    access: operations.logout.access,
    methods: ['post'],
    names: ['logout', 'signout', 'sign-out'],
    run: async ({ ctx }: { ctx: ServiceCtx }) => {
      await operations.logout.run(ctx, { ...nothing, body: undefined })
      return { status: 200, body: { message: LOGGED_OUT, detail: LOGGED_OUT, success: true } }
    },
  },
]
