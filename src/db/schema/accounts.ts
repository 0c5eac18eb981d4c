// Accounts, and how their owners sign in.
import type { Kit } from '../kit/mysql.ts'

export const users = (k: Kit) =>
  k.table(
    'users',
    {
      id: k.id('id').primaryKey(),
      /**
       * '' for accounts of this service, or else the configured name of the issuer of `subject`.
       */
      issuer: k.str('issuer', 191).notNull(),
      subject: k.str('subject', 191).notNull(),
      /**
       * Only accounts with a password have one, and imported ones that have none yet. It is folded.
       * `email_shown` is as it was typed.
       */
      email: k.str('email', 191),
      emailShown: k.str('email_shown', 191),
      name: k.str('name', 120).notNull(),
      timeZone: k.str('time_zone', 64).notNull(),
      /** The wall clock for which a day stands in a reminder, as in `09:00`. */
      reminderTime: k.str('reminder_time', 5).notNull().default('09:00'),
      /**
       * Encoded with its parameters. Null for users of other issuers, accounts of OpenID sign-in, and
       * imported accounts.
       */
      passwordHash: k.str('password_hash', 191),
      /**
       * Up to this `seq` every row is as this version writes it. Versions that know the column
       * advance it with `seq`, unless it is behind: then an older version has written since, and
       * maintenance checks the changes between. It comes before `seq`, because MySQL assigns in
       * this order, and its new value depends on the old `seq`.
       */
      checkedSeq: k.int('checked_seq').notNull().default(0),
      /**
       * The number of the last change that this user can see. Every write advances it first, which
       * puts writes in order.
       */
      seq: k.int('seq').notNull(),
      /**
       * The greatest `seq` of a tombstone that the user's change log has forgotten. A reader that stands
       * before it may have missed that one.
       */
      logFloor: k.int('log_floor').notNull().default(0),
      /** How many rows the user owns, for the quotas. */
      taskCount: k.int('task_count').notNull(),
      projectCount: k.int('project_count').notNull(),
      labelCount: k.int('label_count').notNull(),
      keyCount: k.int('key_count').notNull(),
      /**
       * The bytes of the user's texts, as `core/stored-bytes.ts` counts them. Earlier versions do
       * not set it.
       */
      bytes: k.long('bytes').notNull().default(0),
      /**
       * Counted up by each batch that makes one task of the user wait for another. A batch that relies
       * on who waits for whom expects it to be what it was.
       */
      blockersRev: k.int('blockers_rev').notNull().default(0),
      createdAt: k.instant('created_at').notNull(),
      /**
       * When the account was deleted. From then on no credential opens it. Its rows are deleted in
       * chunks, and this row last.
       */
      deletedAt: k.instant('deleted_at'),
    },
    (t) => [
      k.uniqueIndex('users_issuer_subject').on(t.issuer, t.subject),
      k.uniqueIndex('users_email').on(t.email),
    ],
  )
export type Users = ReturnType<typeof users>

export const sessions = (k: Kit, users: Users) =>
  k.table(
    'sessions',
    {
      id: k.id('id').primaryKey(),
      userId: k
        .id('user_id')
        .notNull()
        .references(() => users.id, { onDelete: 'cascade' }),
      userAgent: k.str('user_agent', 300),
      createdAt: k.instant('created_at').notNull(),
      lastUsedAt: k.instant('last_used_at').notNull(),
      expiresAt: k.instant('expires_at').notNull(),
    },
    (t) => [
      k.index('sessions_user').on(t.userId, t.id),
      k.index('sessions_expires').on(t.expiresAt),
    ],
  )
export type Sessions = ReturnType<typeof sessions>

/** Every refresh token of a session. Spent ones are kept, so that their reuse is noticed. */
export const refreshTokens = (k: Kit, sessions: Sessions) =>
  k.table(
    'refresh_tokens',
    {
      /** SHA-256 of the token, hexadecimal. */
      hash: k.str('hash', 64).primaryKey(),
      sessionId: k
        .id('session_id')
        .notNull()
        .references(() => sessions.id, { onDelete: 'cascade' }),
      /**
       * Random, and the same for all tokens of a session. The next token is made of it and the
       * spent token.
       */
      salt: k.str('salt', 64).notNull(),
      spentAt: k.instant('spent_at'),
      expiresAt: k.instant('expires_at').notNull(),
    },
    (t) => [
      k.index('refresh_tokens_session').on(t.sessionId),
      k.index('refresh_tokens_expires').on(t.expiresAt),
    ],
  )

/**
 * The identity of a user at an OpenID provider: a way to sign in, with a password or instead of
 * one.
 */
export const identities = (k: Kit, users: Users) =>
  k.table(
    'identities',
    {
      id: k.id('id').primaryKey(),
      userId: k
        .id('user_id')
        .notNull()
        .references(() => users.id, { onDelete: 'cascade' }),
      issuer: k.str('issuer', 191).notNull(),
      subject: k.str('subject', 191).notNull(),
      createdAt: k.instant('created_at').notNull(),
      lastUsedAt: k.instant('last_used_at').notNull(),
    },
    (t) => [
      k.uniqueIndex('identities_issuer_subject').on(t.issuer, t.subject),
      k.index('identities_user').on(t.userId, t.id),
    ],
  )

/**
 * One-time codes. The browser that comes back from an OpenID provider gets one, and the client that
 * began the sign-in redeems it.
 */
export const signInCodes = (k: Kit) =>
  k.table(
    'sign_in_codes',
    {
      /** SHA-256 of the code, hexadecimal. */
      hash: k.str('hash', 64).primaryKey(),
      issuer: k.str('issuer', 191).notNull(),
      subject: k.str('subject', 191).notNull(),
      /** The user's name at the provider, or '' if it has none. */
      name: k.str('name', 120).notNull(),
      /** The S256 challenge of the client that began the sign-in (RFC 7636, 4.2). */
      challenge: k.str('challenge', 43).notNull(),
      expiresAt: k.instant('expires_at').notNull(),
    },
    (t) => [k.index('sign_in_codes_expires').on(t.expiresAt)],
  )

export const apiKeys = (k: Kit, users: Users) =>
  k.table(
    'api_keys',
    {
      id: k.id('id').primaryKey(),
      userId: k
        .id('user_id')
        .notNull()
        .references(() => users.id, { onDelete: 'cascade' }),
      name: k.str('name', 120).notNull(),
      /** The first characters of the key, by which its owner recognises it. */
      prefix: k.str('prefix', 16).notNull(),
      /** SHA-256 of the key, hexadecimal. */
      hash: k.str('hash', 64).notNull(),
      scopes: k.json<string[]>('scopes').notNull(),
      expiresAt: k.instant('expires_at'),
      lastUsedAt: k.instant('last_used_at'),
      createdAt: k.instant('created_at').notNull(),
    },
    (t) => [k.uniqueIndex('api_keys_hash').on(t.hash), k.index('api_keys_user').on(t.userId, t.id)],
  )

export const signingKeys = (k: Kit) =>
  k.table('signing_keys', {
    kid: k.str('kid', 64).primaryKey(),
    publicJwk: k.json<Record<string, unknown>>('public_jwk').notNull(),
    /** The private JWK as JSON. If AUTH_SECRET is set, `enc:` and the encrypted JSON. */
    privateJwk: k.text('private_jwk').notNull(),
    createdAt: k.instant('created_at').notNull(),
    /** No token is signed with it after this. Its tokens stay valid until they expire. */
    retiresAt: k.instant('retires_at').notNull(),
  })

/**
 * Counters of the limits that all processes share: wrong passwords and registrations, by network,
 * account, device and session.
 */
export const rateLimits = (k: Kit) =>
  k.table(
    'rate_limits',
    {
      /** SHA-256 of the name of the limit and what it counts by, hexadecimal. */
      key: k.str('key', 64).primaryKey(),
      points: k.int('points').notNull(),
      resetsAt: k.instant('resets_at').notNull(),
    },
    (t) => [k.index('rate_limits_resets').on(t.resetsAt)],
  )
