import type { Kit } from './kit/mysql.ts'

/** Settings that the program itself decides once, such as the issuer's name. */
const settings = (k: Kit) =>
  k.table('settings', { name: k.str('name', 64).primaryKey(), value: k.text('value').notNull() })

const users = (k: Kit) =>
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
type Users = ReturnType<typeof users>

const sessions = (k: Kit, users: Users) =>
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
type Sessions = ReturnType<typeof sessions>

/** Every refresh token of a session, spent ones too, so that the reuse of one is noticed. */
const refreshTokens = (k: Kit, sessions: Sessions) =>
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
const identities = (k: Kit, users: Users) =>
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
const signInCodes = (k: Kit) =>
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

const apiKeys = (k: Kit, users: Users) =>
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

const signingKeys = (k: Kit) =>
  k.table('signing_keys', {
    kid: k.str('kid', 64).primaryKey(),
    publicJwk: k.json<Record<string, unknown>>('public_jwk').notNull(),
    /** The private JWK as JSON, or `enc:` and the same encrypted where AUTH_SECRET is set. */
    privateJwk: k.text('private_jwk').notNull(),
    createdAt: k.instant('created_at').notNull(),
    /** Signs no more after this; its tokens are believed for as long as they live. */
    retiresAt: k.instant('retires_at').notNull(),
  })

const projects = (k: Kit, users: Users) =>
  k.table(
    'projects',
    {
      id: k.id('id').primaryKey(),
      ownerId: k
        .id('owner_id')
        .notNull()
        .references(() => users.id, { onDelete: 'cascade' }),
      name: k.str('name', 120).notNull(),
      color: k.str('color', 7),
      archived: k.bool('archived').notNull(),
      inbox: k.bool('inbox').notNull(),
      position: k.str('position', 191).notNull(),
      /**
       * Swapped by writes that change the shape of the project's tree; held by writes that rely on
       * it.
       */
      treeRev: k.id('tree_rev').notNull(),
      rev: k.id('rev').notNull(),
      createdAt: k.instant('created_at').notNull(),
      updatedAt: k.instant('updated_at').notNull(),
      /** A deleted project stays as a row while tasks in the trash name it; nothing shows it. */
      gone: k.bool('gone').notNull(),
    },
    (t) => [
      k.index('projects_owner').on(t.ownerId, t.gone, t.position, t.id),
      k.index('projects_inbox').on(t.ownerId, t.inbox),
    ],
  )
type Projects = ReturnType<typeof projects>

const tasks = (k: Kit, users: Users, projects: Projects) =>
  k.table(
    'tasks',
    {
      id: k.id('id').primaryKey(),
      ownerId: k
        .id('owner_id')
        .notNull()
        .references(() => users.id, { onDelete: 'cascade' }),
      projectId: k
        .id('project_id')
        .notNull()
        .references(() => projects.id, { onDelete: 'cascade' }),
      /**
       * No foreign key: who sets it looks at the parent in the same batch. After a purge it may
       * name a task that is gone, of one that is itself in the trash.
       */
      parentId: k.id('parent_id'),
      title: k.str('title', 500).notNull(),
      /** The folded beginning of the title: what sorting by title compares. */
      titleKey: k.str('title_key', 120).notNull(),
      description: k.text('description').notNull(),
      /** Folded title and description: what `q` looks into, the same on every dialect. */
      haystack: k.text('haystack').notNull(),
      status: k.str('status', 16).notNull(),
      /** 0 none to 4 urgent. */
      priority: k.int('priority').notNull(),
      /**
       * The wall clock, `2026-12-01` or `2026-12-01T09:00:00`, '' for none: never null, so that
       * every dialect sorts it alike.
       */
      startWall: k.str('start_wall', 19).notNull(),
      startZone: k.str('start_zone', 64),
      /** The instant, where there is a zone. */
      startAt: k.instant('start_at'),
      dueWall: k.str('due_wall', 19).notNull(),
      dueZone: k.str('due_zone', 64),
      dueAt: k.instant('due_at'),
      position: k.str('position', 191).notNull(),
      createdBy: k.id('created_by').notNull(),
      createdAt: k.instant('created_at').notNull(),
      updatedAt: k.instant('updated_at').notNull(),
      completedAt: k.instant('completed_at'),
      deletedAt: k.instant('deleted_at'),
      /**
       * Is it in the trash? Says what `deleted_at` says, as something that every planner takes for
       * an equality.
       */
      trashed: k.bool('trashed').notNull(),
      rev: k.id('rev').notNull(),
      /**
       * The names of its labels, so that a task is read from one row. Null or [] for none.
       * `task_labels` says whose labels they are.
       */
      labels: k.json<string[]>('labels'),
    },
    (t) => [
      // Wide, so that sorting by what has no index of its own (priority, title, position) reads
      // this and not the rows.
      k
        .index('tasks_owner_all')
        .on(t.ownerId, t.trashed, t.id, t.status, t.priority, t.position, t.titleKey),
      k.index('tasks_owner_updated').on(t.ownerId, t.trashed, t.updatedAt, t.id),
      k.index('tasks_owner_due').on(t.ownerId, t.trashed, t.dueWall, t.id),
      k.index('tasks_project').on(t.projectId, t.trashed, t.position, t.id),
      k.index('tasks_parent_id').on(t.parentId, t.id),
    ],
  )
type Tasks = ReturnType<typeof tasks>

const labels = (k: Kit, users: Users) =>
  k.table(
    'labels',
    {
      id: k.id('id').primaryKey(),
      ownerId: k
        .id('owner_id')
        .notNull()
        .references(() => users.id, { onDelete: 'cascade' }),
      name: k.str('name', 60).notNull(),
      color: k.str('color', 7),
      rev: k.id('rev').notNull(),
      createdAt: k.instant('created_at').notNull(),
      updatedAt: k.instant('updated_at').notNull(),
    },
    (t) => [k.uniqueIndex('labels_owner_name').on(t.ownerId, t.name)],
  )
type Labels = ReturnType<typeof labels>

const taskLabels = (k: Kit, tasks: Tasks, labels: Labels) =>
  k.table(
    'task_labels',
    {
      taskId: k
        .id('task_id')
        .notNull()
        .references(() => tasks.id, { onDelete: 'cascade' }),
      labelId: k
        .id('label_id')
        .notNull()
        .references(() => labels.id, { onDelete: 'cascade' }),
    },
    (t) => [
      k.primaryKey({ columns: [t.taskId, t.labelId] }),
      k.index('task_labels_label_task').on(t.labelId, t.taskId),
    ],
  )

/**
 * The change log: for each reader the latest change of each thing that they can see or could see.
 */
const changes = (k: Kit, users: Users) =>
  k.table(
    'changes',
    {
      readerId: k
        .id('reader_id')
        .notNull()
        .references(() => users.id, { onDelete: 'cascade' }),
      entityId: k.id('entity_id').notNull(),
      entity: k.str('entity', 16).notNull(),
      /** The reader's `seq` as this change's batch advanced it. */
      seq: k.int('seq').notNull(),
      /** A tombstone: deleted, or no longer visible to this reader. */
      gone: k.bool('gone').notNull(),
      changedAt: k.instant('changed_at').notNull(),
    },
    (t) => [
      k.primaryKey({ columns: [t.readerId, t.entityId] }),
      k.index('changes_reader_seq').on(t.readerId, t.seq),
    ],
  )

/**
 * The answers to POSTs that carried an Idempotency-Key, written in the batch of what they answer.
 */
const receipts = (k: Kit, users: Users) =>
  k.table(
    'receipts',
    {
      /** SHA-256 of user, method, path and key, hexadecimal. */
      scope: k.str('scope', 64).primaryKey(),
      userId: k
        .id('user_id')
        .notNull()
        .references(() => users.id, { onDelete: 'cascade' }),
      /** SHA-256 of the request's body, hexadecimal. */
      fingerprint: k.str('fingerprint', 64).notNull(),
      status: k.int('status').notNull(),
      headers: k.json<Record<string, string>>('headers').notNull(),
      body: k.text('body').notNull(),
      createdAt: k.instant('created_at').notNull(),
    },
    (t) => [k.index('receipts_created').on(t.createdAt), k.index('receipts_user').on(t.userId)],
  )

/**
 * What a request of a user has begun and is done in chunks, because it touches many rows. At most
 * one a user: the key is the lock. The row goes with the last chunk.
 */
const bulkOperations = (k: Kit, users: Users) =>
  k.table('bulk_operations', {
    userId: k
      .id('user_id')
      .primaryKey()
      .references(() => users.id, { onDelete: 'cascade' }),
    id: k.id('id').notNull(),
    kind: k.str('kind', 32).notNull(),
    /** The label, project, task or user that it is about. */
    targetId: k.id('target_id').notNull(),
    /** What its kind has to know, and how far it is. */
    data: k.json<Record<string, unknown>>('data').notNull(),
    /** How many chunks are done: each chunk is done once, however many processes try. */
    step: k.int('step').notNull(),
    createdAt: k.instant('created_at').notNull(),
    updatedAt: k.instant('updated_at').notNull(),
  })

/** Tasks whose subtasks the user's bulk operation has yet to change. */
const bulkParents = (k: Kit, users: Users) =>
  k.table(
    'bulk_parents',
    {
      userId: k
        .id('user_id')
        .notNull()
        .references(() => users.id, { onDelete: 'cascade' }),
      taskId: k.id('task_id').notNull(),
    },
    (t) => [k.primaryKey({ columns: [t.userId, t.taskId] })],
  )

/**
 * Counters of the limits that all processes share: wrong passwords and registrations, by network,
 * account, device and session.
 */
const rateLimits = (k: Kit) =>
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

/**
 * Work that one process does at a time, of all processes on the database. Not copied into another
 * database: it says what the processes on this one do.
 */
const leases = (k: Kit) =>
  k.table('leases', {
    /** The name of the work. */
    name: k.str('name', 64).primaryKey(),
    /** A random id of the process that does it now; '' where none does. */
    holder: k.str('holder', 36).notNull(),
    /** After this, another process may take it over. */
    until: k.instant('until').notNull(),
    /** What the work keeps for the next time. */
    data: k.json<Record<string, unknown>>('data').notNull(),
  })

/** The one definition of every table, in the types of whichever dialect's kit it is given. */
export const define = (k: Kit) => {
  const people = users(k)
  const signIns = sessions(k, people)
  const places = projects(k, people)
  const work = tasks(k, people, places)
  const names = labels(k, people)
  return {
    settings: settings(k),
    users: people,
    sessions: signIns,
    refreshTokens: refreshTokens(k, signIns),
    identities: identities(k, people),
    signInCodes: signInCodes(k),
    apiKeys: apiKeys(k, people),
    signingKeys: signingKeys(k),
    projects: places,
    tasks: work,
    labels: names,
    taskLabels: taskLabels(k, work, names),
    changes: changes(k, people),
    receipts: receipts(k, people),
    rateLimits: rateLimits(k),
    bulkOperations: bulkOperations(k, people),
    bulkParents: bulkParents(k, people),
    leases: leases(k),
  }
}

export type Tables = ReturnType<typeof define>
