// Users with things of their own, and what the requests of the isolation tests are made of.
import { SignJWT } from 'jose'
import { expect } from 'vitest'
import { scopes } from '../../../src/core/access.ts'
import { originalOf } from '../../support/copies.ts'
import { libsqlIsAbsent } from '../../support/servers/libsql.ts'
import { redemptionFor } from '../../support/sign-in-codes.ts'
import { isSmall, until } from '../../support/size.ts'
import { type Client, createWorld, type World } from '../../support/world.ts'

/**
 * What no database makes a difference to is tried once, on the file: where a small run has another
 * database, it leaves that out.
 */
export const isBrief = isSmall && process.env['TEST_DEFAULT'] !== undefined

const halves: Record<string, number> = { D1: 0, 'libSQL server': 1 }
/**
 * D1 and libSQL servers have the SQL of the file, and are slow: in a small run each has every other
 * case, so that all are tried on one of them.
 */
export const casesHere = <T>(all: readonly T[]): T[] => {
  const half = isBrief && !libsqlIsAbsent ? halves[process.env['TEST_DEFAULT'] ?? ''] : undefined
  return all.filter((_, i) => half === undefined || i % 2 === half)
}

const SHARED = 'what this service shares with another one'

export const world = await createWorld({
  env: { BETTER_AUTH_SECRET: SHARED, EXTERNAL_API_KEYS: 'on' },
})

/** Another service, at the same time. */
export const elsewhere = await createWorld({
  env: { BETTER_AUTH_SECRET: SHARED },
  clock: world.clock,
})

export type Headers = Record<string, string>
export type Thing = { readonly id: string; readonly [field: string]: unknown }
export type Rule = { readonly scope: string | null; readonly actors: readonly string[] }

/**
 * Somebody with at least two of everything. All of it carries `mark`, which no answer to anybody
 * else may hold.
 */
export type Person = {
  readonly client: Client
  readonly id: string
  readonly mark: string
  readonly password: string
  readonly otherSession: string
  readonly project: Thing
  readonly label: Thing
  readonly parent: Thing
  readonly target: Thing
  readonly sibling: Thing
  readonly trashed: Thing
  readonly reminder: Thing
  readonly recurring: Thing
  /** A change of many tasks, which has left all as they were. */
  readonly bulk: Thing
  readonly key: Thing
  readonly comment: Thing
  readonly identity: Thing
  readonly imported: Thing
  readonly webhook: Thing
  readonly delivery: Thing
}

export const bearer = (credential: string): Headers => ({ Authorization: `Bearer ${credential}` })
export const randomId = () => crypto.randomUUID()
const seconds = ({ clock }: World) => Math.floor(clock.now() / 1000)
export const claimsOf = (token: string) =>
  JSON.parse(atob((token.split('.')[1] as string).replaceAll('-', '+').replaceAll('_', '/')))

let people = 0
/** All are of the same length, so that a copy of a person takes as many bytes. */
export const nextMark = () => `mark${String(++people).padStart(5, '0')}x`

export const make = async (
  client: Client,
  path: string,
  body: object,
): Promise<Thing & { key: string }> => {
  const { status, body: made } = await client.post(`/api/v1${path}`, body)
  expect(status, `making a thing at ${path}: ${JSON.stringify(made)}`).toBe(201)
  return made
}

/** An export that has nothing that there is here. */
export const emptyFile = { format: 'taskport', version: 1, tasks: [], more: 1, other: 2, end: {} }
/** An import with two lines in its report. */
export const bring = async (client: Client): Promise<Thing> => {
  const { status, body } = await client.post('/api/v1/import', emptyFile)
  expect(status).toBe(202)
  const isOver = async () =>
    (await client.get(`/api/v1/imports/${body.id}`)).body.finished_at !== null
  await until(isOver)
  return body
}

const settle = async (client: Client, mark: string) => {
  const project = await make(client, '/projects', { name: `${mark} project` })
  const label = await make(client, '/labels', { name: `${mark} label` })
  const task = (title: string, more = {}) =>
    make(client, '/tasks', { title: `${mark} ${title}`, project_id: project.id, ...more })
  const [parent, target] = [
    await task('parent'),
    await task('target', { labels: [label['name'], `${mark} second label`] }),
  ]
  const [sibling, trashed] = [await task('sibling'), await task('trashed')]
  const recurring = await task('recurring', {
    due: { date: '2026-12-01' },
    recurrence: { rule: 'FREQ=DAILY' },
  })
  for (let i = 0; i < 2; i++) await client.post(`/api/v1/tasks/${recurring.id}/complete`)
  await client.delete(`/api/v1/tasks/${trashed.id}`)
  const reminder = await make(client, `/tasks/${target.id}/reminders`, {
    trigger: { kind: 'day', date: '2027-12-01' },
  })
  await make(client, `/tasks/${target.id}/reminders`, {
    trigger: { kind: 'day', date: '2027-12-02' },
  })
  const { body: bulk } = await client.post('/api/v1/tasks/bulk', {
    filter: { priority: ['none'] },
    change: { action: 'set_priority', priority: 'none' },
  })
  const key = await make(client, '/api-keys', { name: `${mark} key`, scopes: ['account:read'] })
  await make(client, '/api-keys', { name: `${mark} second key`, scopes })
  const remark = (text: string) =>
    make(client, `/tasks/${parent.id}/comments`, { text: `${mark} ${text}` })
  const [comment] = [await remark('comment'), await remark('second comment')]
  const imported = await bring(client)
  const hook = (description: string) =>
    make(client, '/webhooks', {
      url: 'https://hooks.example.org/in',
      description: `${mark} ${description}`,
    })
  const [webhook] = [await hook('webhook'), await hook('second webhook')]
  const tested = () => make(client, `/webhooks/${webhook.id}/test`, {})
  const [delivery] = [await tested(), await tested()]
  const own = {
    project,
    label,
    parent,
    target,
    sibling,
    trashed,
    recurring,
    reminder,
    bulk,
    key,
    comment,
    imported,
    webhook,
    delivery,
  }
  return own
}

/** A user with a password, two sessions and two identities. */
const settleUser = async (mark: string) => {
  const { id, email, password, token, ...client } = await world.register(mark)
  const { body } = await world.anonymous.post('/api/v1/auth/login', { email, password })
  const link = async (which: string) =>
    make({ token, ...client }, '/me/identities', {
      ...(await redemptionFor(world.deps, 'link', `${mark} ${which}`)),
      proof: { password },
    })
  const [identity] = [await link('at home'), await link('at work')]
  const own = await settle({ token, ...client }, mark)
  const [session, otherSession] = [token, body.access_token].map((of) => claimsOf(of).sid)
  return { ...own, id, session: String(session), otherSession: String(otherSession), identity }
}

/** A user of another issuer, who has neither a password nor sessions nor identities here. */
const settleOutsider = async (mark: string) => {
  const client = await outsidersClient(mark)
  const { body } = await client.get('/api/v1/me')
  return {
    ...(await settle(client, mark)),
    id: String(body.id),
    otherSession: randomId(),
    identity: { id: randomId() },
  }
}

export const externalToken = (subject: string, at: World) =>
  new SignJWT({ sub: subject })
    .setProtectedHeader({ alg: 'HS256' })
    .setExpirationTime(seconds(at) + 3600)
    .sign(new TextEncoder().encode(SHARED))

/** A client of a new user of another issuer. */
export const outsidersClient = async (mark: string): Promise<Client> =>
  world.client(await externalToken(`${mark}@elsewhere`, world))

// One after the other, because nothing else may write while an original is made.
const originalMark = nextMark()
const originalUser = await originalOf(world.deps.db, originalMark, () => settleUser(originalMark))
const outsidersMark = nextMark()
const originalOutsider = await originalOf(world.deps.db, outsidersMark, () =>
  settleOutsider(outsidersMark),
)

const passwordOf = (mark: string) => `${mark} likes long walks`
const clientOf = async ({ id, session }: { readonly id: string; readonly session: string }) => {
  const signIn = { userId: id, sessionId: session, refreshToken: '' }
  return world.client((await world.deps.credentials.issueTokens(signIn)).access_token)
}

/** The user of whom the others are copies. */
export const original: Person = {
  ...originalUser.made,
  client: await clientOf(originalUser.made),
  mark: originalMark,
  password: passwordOf(originalMark),
}

/** A copy of that user, with a password and a mark of its own. */
export const person = async (): Promise<Person> => {
  const mark = nextMark()
  const password = passwordOf(mark)
  const passwordHash = await world.deps.credentials.passwords.hash(password)
  const own = await originalUser.copy(mark, (table, row) =>
    table === 'users' ? { ...row, passwordHash } : row,
  )
  return { ...own, client: await clientOf(own), mark, password }
}

/** A copy of the user of another issuer. */
const outsider = async (): Promise<Person> => {
  const mark = nextMark()
  const own = await originalOutsider.copy(mark)
  return { ...own, client: await outsidersClient(mark), mark, password: 'there is none' }
}

/** `make` for each person, once. */
export const onceForEach = <T>(make: (owner: Person) => Promise<T>) => {
  const made = new WeakMap<Person, Promise<T>>()
  return (owner: Person): Promise<T> => {
    const known = made.get(owner) ?? make(owner)
    made.set(owner, known)
    return known
  }
}

/** What `make` makes; those who only read need it once for all of them. */
const onceForReaders = <T>(make: () => Promise<T>) => {
  let shared: Promise<T> | undefined
  return (method: string): Promise<T> => {
    if (method !== 'GET') return make()
    shared ??= make()
    return shared
  }
}
/** Two people for a request. */
export const pairFor = onceForReaders(async () => [await person(), await person()] as const)
export const outsiderFor = onceForReaders(outsider)

const keys = new WeakMap<Client, Map<string, Promise<string>>>()
/** A key of a user with these scopes, which is made once. */
export const keyOf = (
  { client }: { readonly client: Client },
  of: readonly string[],
): Promise<string> => {
  const own = keys.get(client) ?? new Map<string, Promise<string>>()
  keys.set(client, own)
  const body = { name: 'For a program', scopes: of }
  const key = own.get(of.join()) ?? make(client, '/api-keys', body).then(({ key }) => key)
  own.set(of.join(), key)
  return key
}
