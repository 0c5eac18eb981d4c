// Accounts as the family's backends have them, over the sign-in of this service.
import type { Guess } from '../../core/operation.ts'
import type { Login, Refresh, Registration, UserPatch } from '../../features/account/index.ts'
import { operations, type ServiceCtx } from '../../features/operations.ts'
import type { Call, Method } from '../endpoint.ts'
import type { Answer } from '../result.ts'
import { profileOf, type ShownUser, signedIn, signedOut, withTokens } from './account-answers.ts'
import { type AccountBody, login, profile, refresh, registration } from './account-bodies.ts'
import type { Described } from './described.ts'

/** One verb of accounts under its names, below `/api/auth` and `/auth`. */
export type AccountRoute = Described & {
  readonly id: `original.${string}`
  readonly methods: readonly Method[]
  readonly names: readonly [string, ...string[]]
  readonly body?: AccountBody
  readonly guesses?: Guess
  run(call: Call): Promise<Answer>
}

const self = ({ ctx }: Pick<Call, 'ctx'>, user: ShownUser): Answer => ({
  status: 200,
  body: profileOf(user, ctx.actor.subject),
})

const nothing = { id: undefined, query: undefined, ifMatch: undefined } as const

export const accountRoutes: readonly AccountRoute[] = [
  {
    id: 'original.register',
    operation: operations.register,
    answer: { status: 201, description: 'The new user, signed in.', schema: 'SignedIn' },
    methods: ['post'],
    names: ['register', 'signup', 'sign-up'],
    body: registration,
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
    operation: operations.login,
    description: 'As JSON, or as a form (RFC 6749, 4.3.2), whose `username` is the e-mail address.',
    answer: { status: 200, description: 'Signed in.', schema: 'SignedIn' },
    methods: ['post'],
    names: ['login', 'signin', 'sign-in', 'token'],
    body: login,
    guesses: 'sign_in',
    run: async ({ ctx, body }) => ({
      status: 200,
      body: signedIn(await operations.login.run(ctx, { ...nothing, body: body as Login })),
    }),
  },
  {
    id: 'original.refresh',
    operation: operations.refresh,
    answer: { status: 200, description: 'The next tokens.', schema: 'Tokens' },
    methods: ['post'],
    names: ['refresh'],
    body: refresh,
    run: async ({ ctx, body }) => ({
      status: 200,
      body: withTokens(await operations.refresh.run(ctx, { ...nothing, body: body as Refresh })),
    }),
  },
  {
    id: 'original.me',
    operation: operations.getMe,
    answer: { status: 200, description: 'The user whose credential this is.', schema: 'Profile' },
    methods: ['get'],
    names: ['me', 'profile'],
    run: async (call) =>
      self(call, await operations.getMe.run(call.ctx, { ...nothing, body: undefined })),
  },
  {
    id: 'original.profile',
    operation: operations.updateMe,
    answer: { status: 200, description: 'The user as it is now.', schema: 'ChangedProfile' },
    methods: ['put', 'patch'],
    names: ['me', 'profile'],
    body: profile,
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
    operation: operations.logout,
    answer: { status: 200, description: 'The session has ended.', schema: 'SignedOut' },
    methods: ['post'],
    names: ['logout', 'signout', 'sign-out'],
    run: async ({ ctx }: { ctx: ServiceCtx }) => {
      await operations.logout.run(ctx, { ...nothing, body: undefined })
      return { status: 200, body: signedOut }
    },
  },
]
