// Who is calling: passwords, sessions, keys and tokens, against a real database with real
// cryptography and a clock of the test's own. Here is what its tests share.
import { afterAll, beforeAll, beforeEach } from 'vitest'
import type { Config } from '../../../../src/config.ts'
import type { Actor, Ctx } from '../../../../src/core/context.ts'
import { DomainError } from '../../../../src/core/errors.ts'
import { createIds } from '../../../../src/core/ids.ts'
import { silent } from '../../../../src/core/log.ts'
import { permitted } from '../../../../src/core/operation.ts'
import type { Database } from '../../../../src/db/database.ts'
import {
  type Credentials,
  createCredentials,
} from '../../../../src/features/account/credentials/credentials.ts'
import type { ApiKeyCtx } from '../../../../src/features/account/index.ts'
import {
  type AccountCtx,
  login,
  refresh,
  register,
} from '../../../../src/features/account/index.ts'
import { createPasswords } from '../../../../src/features/account/passwords/passwords.ts'
import { type OperationId, operations } from '../../../../src/features/operations.ts'
import { clear, describeEachDatabase, type Opened } from '../../../support/databases.ts'

export const SECOND = 1000
export const MINUTE = 60 * SECOND
export const DAY = 24 * 60 * MINUTE
export const SECRET = 'a secret that two services share, 32 bytes or more'
export const JWKS = {
  issuer: 'https://accounts.example',
  audience: 'https://accounts.example',
  subjectClaim: 'sub',
}

type Settings = Partial<
  Pick<
    Config,
    'publicUrl' | 'authSecret' | 'sharedSecret' | 'subjectClaim' | 'jwksIssuer' | 'quotas'
  >
>
export const config = (settings: Settings = {}) => ({
  publicUrl: undefined,
  authSecret: undefined,
  sharedSecret: undefined,
  subjectClaim: undefined,
  jwksIssuer: undefined,
  quotas: { tasks: 10, projects: 10, labels: 10, keys: 2, bytes: 1_000_000 },
  ...settings,
})

const START = Date.UTC(2026, 11, 1, 9)
export const clock = {
  at: START,
  now: () => clock.at,
  advance: (ms: number) => {
    clock.at += ms
  },
}
export const ids = createIds(clock)
export const passwords = createPasswords({ cost: 4 })

export let db: Database
export let credentials: Credentials
/** Another process on the same database. */
export const process = (settings: Settings = {}) =>
  createCredentials({ config: config(settings), db, clock, ids, log: silent, passwords })

export const nobody: Actor = { kind: 'system', userId: '', subject: '' }
export const as = (actor: Actor, by: Credentials = credentials): AccountCtx & ApiKeyCtx => {
  const ctx: Ctx = { actor, db, clock, ids, log: silent, quotas: config().quotas }
  return { ...ctx, credentials: by, registration: 'open', externalApiKeys: false }
}

export const ada = {
  email: 'Ada@example.org',
  password: 'a heron on the pier',
  time_zone: 'UTC',
  userAgent: 'test',
}
export const grace = { ...ada, email: 'grace@example.org' }
export const signUp = (who = ada) => register(as(nobody), who)
export const signIn = (who = ada) => login(as(nobody), who)
export const renew = (refresh_token: string, by = credentials) =>
  refresh(as(nobody, by), { refresh_token })
/** The context of whoever holds this credential. */
export const holder = async (credential: string, by = credentials) =>
  as(await by.authenticate(credential), by)

/** What each call of an operation begins with. */
export const called = (id: OperationId, { actor }: Pick<Ctx, 'actor'>) =>
  permitted<unknown>(operations[id], actor)

/** The code and words of the refusal that this ends in. */
export const refusal = async (
  attempt: () => unknown,
): Promise<{ code: string; detail: string; faults: string[]; retryAfter: number | undefined }> => {
  try {
    await attempt()
  } catch (error) {
    if (error instanceof DomainError) {
      const { code, message: detail, faults, retryAfter } = error
      return { code, detail, faults: faults.map((f) => f.code), retryAfter }
    }
    throw error
  }
  throw new Error('nothing was refused')
}
export const refused = (credential: string, by = credentials) =>
  refusal(() => by.authenticate(credential))

export const describeIdentity = (suite: () => void): void =>
  describeEachDatabase('credentials', (open) => {
    let opened: Opened
    beforeAll(async () => {
      opened = await open()
      db = opened.db
    })
    afterAll(() => opened.close())
    beforeEach(async () => {
      clock.at = START
      await clear(db)
      credentials = await process()
    })

    suite()
  })
