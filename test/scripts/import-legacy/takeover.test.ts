// An import gives nobody an account that is not theirs: an address in another backend's database is
// only a word.
import { SignJWT } from 'jose'
import { afterEach, expect, test } from 'vitest'
import { resetPassword } from '../../../src/features/account/index.ts'
import { createWorld, type World } from '../../support/world.ts'
import { onFile } from './fixtures.ts'
import { importInto } from './importing.ts'

let world: World
afterEach(() => world.close())

const database = (...emails: readonly (string | null)[]) =>
  onFile(
    [
      'create table users (id integer primary key, email text, name text, password text)',
      'create table tasks (id integer primary key, user_id integer, title text)',
    ],
    emails.flatMap((email, i): [string, (string | number | null)[]][] => [
      ['insert into users values (?, ?, ?, ?)', [i + 1, email, 'Ada', '$2b$12$x']],
      ['insert into tasks values (?, ?, ?)', [i + 1, i + 1, `of ${i + 1}`]],
    ]),
  )
const password = 'a heron on the pier'
const operator = () => ({ ...world.deps, quotas: world.deps.config.quotas })

test('an imported account opens to no password, and nobody registers with its address', async () => {
  world = await createWorld()
  const { url } = await database('Ada@example.org')
  await importInto(world, url)
  const login = (email: string, given: string) =>
    world.anonymous.post('/api/v1/auth/login', { email, password: given })
  for (const given of [password, '$2b$12$x', ''])
    expect((await login('ada@example.org', given)).status).not.toBe(200)
  for (const email of ['ada@example.org', 'ADA@EXAMPLE.ORG', 'ａda@example.org'])
    for (const path of ['/api/v1/auth/register', '/api/auth/signup'])
      expect((await world.anonymous.post(path, { email, password })).status).toBe(409)
  const { passwords } = world.deps.credentials
  await resetPassword(operator(), passwords, { email: 'ada@example.org', password })
  const { body } = await login('ada@example.org', password)
  expect((await world.client(body.access_token).get('/api/v1/tasks')).body.items).toMatchObject([
    { title: 'of 1' },
  ])
})

test('an account with a password gets the tasks of its address only if the operator says so', async () => {
  world = await createWorld()
  const ada = await world.register('Ada')
  const { url } = await database(ada.email.toUpperCase())
  const strict = await importInto(world, url)
  expect(strict.counts).toMatchObject({ imported: 0, refused: 1, usersFound: 0 })
  expect(strict.lines).toEqual([
    'tasks 1 is not imported: its user 1 has the e-mail address of an account that has a password already: --existing-accounts gives it the tasks',
  ])
  const { counts } = await importInto(world, url, { intoExisting: true })
  expect(counts).toMatchObject({ imported: 1, usersFound: 1, usersMade: 0, byAddress: 1 })
  expect((await ada.get('/api/v1/tasks')).body.items).toMatchObject([{ title: 'of 1' }])
  expect((await ada.get('/api/v1/me')).body).toMatchObject({ email: ada.email })
})

test('two users of one address, and users of none, are nobody here', async () => {
  world = await createWorld()
  const { url } = await database(
    'ada@example.org',
    'ADA@example.org',
    null,
    'no address',
    'ｂob@example.org',
  )
  const { counts, lines } = await importInto(world, url)
  expect(counts).toMatchObject({ read: 5, imported: 1, refused: 4, usersMade: 1 })
  expect(lines).toEqual([
    'tasks 1 is not imported: its user 1 has an e-mail address that another user there has, too',
    'tasks 2 is not imported: its user 2 has an e-mail address that another user there has, too',
    'tasks 3 is not imported: its user 3 has no e-mail address',
    expect.stringMatching(/^tasks 4 is not imported: its user 4 cannot be a user here: An e-mail/),
  ])
})

test('an id that two tables give to different addresses is nobody here', async () => {
  world = await createWorld()
  const { url } = await onFile([
    'create table user (id integer primary key, email text)',
    'create table users (id integer primary key, email text)',
    'create table tasks (id integer primary key, user_id integer, title text)',
    "insert into user values (1, 'ada@example.org'), (2, 'bob@example.org')",
    "insert into users values (1, 'eve@example.org'), (2, 'BOB@example.org')",
    "insert into tasks values (1, 1, 'a'), (2, 2, 'b')",
  ])
  const { counts, lines } = await importInto(world, url)
  expect(counts).toMatchObject({ imported: 1, refused: 1 })
  expect(lines).toEqual(['tasks 1 is not imported: its user 1 has two e-mail addresses there'])
})

test('a subject is the id of the user, and has to be one', async () => {
  world = await createWorld({
    env: { BETTER_AUTH_SECRET: 'a secret of at least thirty-two characters' },
  })
  const { url } = await onFile(
    ['create table task (id integer primary key, "userId" text, title text)'],
    [
      ['insert into task values (1, ?, ?)', ['u-1', 'a']],
      ['insert into task values (2, ?, ?)', [' u-1 ', 'b']],
      ['insert into task values (3, ?, ?)', ['x'.repeat(192), 'c']],
    ],
  )
  const { counts, lines } = await importInto(world, url)
  expect(counts).toMatchObject({ imported: 1, refused: 2, usersMade: 1 })
  for (const line of lines) expect(line).toMatch(/cannot be a user here: The token's user is not/)
})

test('a subject may be the address', async () => {
  const secret = 'a secret of at least thirty-two characters'
  world = await createWorld({ env: { BETTER_AUTH_SECRET: secret } })
  const { url } = await database('ada@example.org')
  await importInto(world, url, { users: 'secret-email' })
  const token = await new SignJWT({ sub: 'ada@example.org' })
    .setProtectedHeader({ alg: 'HS256' })
    .setIssuedAt(world.clock.now() / 1000)
    .setExpirationTime(world.clock.now() / 1000 + 3600)
    .sign(new TextEncoder().encode(secret))
  const { body } = await world.client(token).get('/api/v1/tasks')
  expect(body.items).toMatchObject([{ title: 'of 1' }])
})
