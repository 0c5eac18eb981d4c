// One address is one account, however it is typed; whoever has signed in with an address still does.
import { afterAll, beforeAll, expect, test } from 'vitest'
import { fold, foldAsBefore } from '../../../src/core/text.ts'
import { rawQuery, write } from '../../../src/db/statement.ts'
import { showUser } from '../../../src/features/account/index.ts'
import { repairUnchecked } from '../../../src/features/maintenance/index.ts'
import { describeEachDatabase } from '../../support/databases.ts'
import { createWorld, type World } from '../../support/world.ts'

describeEachDatabase('e-mail addresses', (open) => {
  let world: World
  beforeAll(async () => {
    world = await createWorld({ open })
  })
  afterAll(() => world.close())

  const password = (of: string) => `${of} has a heron on the pier`
  const register = (email: string, of = email) =>
    world.anonymous.post('/api/v1/auth/register', { email, password: password(of), name: 'X' })
  const login = (email: string, of = email) =>
    world.anonymous.post('/api/v1/auth/login', { email, password: password(of) })
  const made = async (email: string): Promise<string> => {
    const { status, body } = await register(email)
    expect(status, JSON.stringify(body)).toBe(201)
    return body.user.id
  }
  const run = (text: string) => world.deps.db.atomic([write(rawQuery(text, []), {})])
  const stored = async (id: string): Promise<string> => {
    const text = `select email from users where id = '${id}'`
    return (await world.deps.db.one(rawQuery<{ email: string }>(text, ['email'])))?.email as string
  }
  const repair = () => repairUnchecked({ ...world.deps, quotas: world.deps.config.quotas })
  /** An account as the version before stored it, and as the migration left it. */
  const account = async (email: string): Promise<string> => {
    const id = await made(`${crypto.randomUUID()}@example.org`)
    const hashed = await world.deps.credentials.passwords.hash(password(email))
    await run(
      `update users set email = '${foldAsBefore(email)}', email_shown = '${email}', password_hash = '${hashed}', checked_seq = 0 where id = '${id}'`,
    )
    return id
  }

  test.each([
    ['ΟΔΟΣ@example.org', ['οδος@example.org', 'οδοσ@EXAMPLE.org']],
    ['Groß@example.org', ['GROSS@example.org', 'gross@example.org', 'groẞ@example.org']],
    ['so\u00adft@example.org', ['SOFT@example.org', 's\u200boft@example.org']],
    ['ﬁn@ｅｘａｍｐｌｅ.org', ['fin@example.org']],
    ['e\u0301@example.org', ['\u00c9@example.org']],
  ])('%s is one account', async (email, others) => {
    const id = await made(email)
    for (const other of [email, ...others]) {
      const { status, body } = await login(other, email)
      expect(status, other).toBe(200)
      expect(body.user).toMatchObject({ id, email })
      expect((await register(other)).body.code, other).toBe('email_taken')
    }
  })

  test('what is no address when it is folded makes no account', async () => {
    for (const email of [
      '\u200b@example.org',
      'a@\u2060',
      '\u2800@example.org',
      `${'ß'.repeat(96)}@example.org`,
      '\u3164\u115f@x',
    ])
      expect((await register(email)).status, JSON.stringify(email)).toBe(422)
    expect((await register('ı@example.org')).status).toBe(201)
    expect((await register('i@example.org')).status, 'another letter').toBe(201)
  })

  test.each([
    ['Weiß@example.org', 'WEISS@example.org'],
    ['νέος@example.org', 'ΝΈΟΣ@example.org'],
    ['hy\u00adphen@example.org', 'hyphen@example.org'],
  ])('an account of an earlier version, %s, is stored anew', async (email, other) => {
    const id = await account(email)
    expect((await login(email)).body.user?.id).toBe(id)
    expect((await register(email)).body.code).toBe('email_taken')
    await repair()
    expect(await stored(id)).toBe(fold(email))
    for (const typed of [email, other]) expect((await login(typed, email)).body.user?.id).toBe(id)
    expect((await register(other)).body.code).toBe('email_taken')
  })

  test('two accounts of an earlier version whose addresses are one now are each found by their own', async () => {
    const [first, second] = ['Maß@example.org', 'mass@example.org']
    const ids = [await account(first), await account(second)]
    for (let round = 0; round < 2; round++) {
      expect((await login(first)).body.user?.id).toBe(ids[0])
      expect((await login('MASS@example.org', second)).body.user?.id).toBe(ids[1])
      expect((await login(first, second)).status).toBe(401)
      expect((await login(second, first)).status).toBe(401)
      // Operators find them as they sign in.
      const operator = { ...world.deps, quotas: world.deps.config.quotas }
      expect((await showUser(operator, first)).id).toBe(ids[0])
      expect((await showUser(operator, second)).id).toBe(ids[1])
      await repair()
    }
    expect(await stored(ids[0] as string)).toBe('maß@example.org')
    for (const typed of [first, second, 'ma\u00adss@example.org'])
      expect((await register(typed)).body.code).toBe('email_taken')
  })

  test('what an earlier version took and this one does not still signs in', async () => {
    for (const email of ['\u200b@example.org', `${'ß'.repeat(150)}@example.org`]) {
      const id = await account(email)
      await repair()
      expect((await login(email)).body.user?.id, email).toBe(id)
    }
  })
})
