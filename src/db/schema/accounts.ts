// Accounts, and how their owners sign in.
import type { Kit } from '../kit/mysql.ts'

export const users = (k: Kit) =>
  k.table(
    'users',
    {
      id: k.id('id').primaryKey(),
      /**
       * '' for accounts of our own, else the configured name of the issuer that vouches for
       * `subject`.
       */
      issuer: k.str('issuer', 191).notNull(),
      subject: k.str('subject', 191).notNull(),
      /** Only accounts with a password have one. Folded; `email_shown` is as it was typed. */
      email: k.str('email', 191),
      emailShown: k.str('email_shown', 191),
      name: k.str('name', 120).notNull(),
      timeZone: k.str('time_zone', 64).notNull(),
      /** Encoded with its parameters; null for users of other issuers. */
      passwordHash: k.str('password_hash', 191),
      /**
       * Up to this `seq` everything is as this version writes it. Versions that know the column
       * advance it with `seq`, unless it lags behind: then an older version has written since, and
       * maintenance looks at what lies between. Ahead of `seq`, because MySQL assigns in this order
       * and this one is made of the old `seq`.
       */
      checkedSeq: k.int('checked_seq').notNull().default(0),
      /**
       * The number of this reader's last change: every write of what they can see advances it
       * first, which orders writes.
       */
      seq: k.int('seq').notNull(),
      /** How many rows the user owns, for the quotas. */
      taskCount: k.int('task_count').notNull(),
      projectCount: k.int('project_count').notNull(),
      labelCount: k.int('label_count').notNull(),
      keyCount: k.int('key_count').notNull(),
      /**
       * What the user's texts take, as `core/stored-bytes.ts` counts them. Earlier versions do not
       * set it.
       */
      bytes: k.long('bytes').notNull().default(0),
      createdAt: k.instant('created_at').notNull(),
      /**
       * When the account was deleted: nothing signs in to it, and its rows are deleted bit by bit,
       * this one last.
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

/** Every refresh token of a session, spent ones too, so that the reuse of one is noticed. */
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
      /** Random, the same in all of a session; with a spent token it makes its successor. */
      salt: k.str('salt', 64).notNull(),
      spentAt: k.instant('spent_at'),
      expiresAt: k.instant('expires_at').notNull(),
    },
    (t) => [
      k.index('refresh_tokens_session').on(t.sessionId),
      k.index('refresh_tokens_expires').on(t.expiresAt),
    ],
  )

/** Who a user is at an OpenID provider: a way to sign in, beside the password or instead of one. */
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
 * One-time codes: the browser that comes back from an OpenID provider gets one, and the client that
 * opened the sign-in redeems it.
 */
export const signInCodes = (k: Kit) =>
  k.table(
    'sign_in_codes',
    {
      /** SHA-256 of the code, hexadecimal. */
      hash: k.str('hash', 64).primaryKey(),
      issuer: k.str('issuer', 191).notNull(),
      subject: k.str('subject', 191).notNull(),
      /** What the provider calls them; '' where it doesn't. */
      name: k.str('name', 120).notNull(),
      /** The S256 challenge of the client that opened the sign-in (RFC 7636, 4.2). */
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
      /** The first characters of the key, for its owner to know it by. */
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
    /** The private JWK as JSON, or `enc:` and the same encrypted where AUTH_SECRET is set. */
    privateJwk: k.text('private_jwk').notNull(),
    createdAt: k.instant('created_at').notNull(),
    /** Signs no more after this; its tokens are believed for as long as they live. */
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
      /** SHA-256 of the limit's name and whom it counts, hexadecimal. */
      key: k.str('key', 64).primaryKey(),
      points: k.int('points').notNull(),
      resetsAt: k.instant('resets_at').notNull(),
    },
    (t) => [k.index('rate_limits_resets').on(t.resetsAt)],
  )
