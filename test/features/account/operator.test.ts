// What the operator of a service sees of its users, and deletes.
import { afterAll, beforeAll, expect, test } from 'vitest'
import {
  deleteUser,
  type ListedUser,
  listUsers,
  showUser,
} from '../../../src/features/account/index.ts'
import { describeEachDatabase } from '../../support/databases.ts'
import { createWorld, type World } from '../../support/world.ts'

describeEachDatabase('the operator', (open) => {
  let world: World
  const ctx = () => ({ ...world.deps, quotas: world.deps.config.quotas })
  const all = async () => {
    const users: ListedUser[] = []
    for await (const user of listUsers(ctx())) users.push(user)
    return users
  }
  beforeAll(async () => {
    world = await createWorld({ open, bulk: { rows: 3 } })
  })
  afterAll(() => world.close())

  test('lists users in the order in which they came, with what they store', async () => {
    expect(await all()).toEqual([])
    const [ann, bob] = [await world.register('Ann'), await world.register('Bob')]
    await bob.post('/api/v1/tasks', { title: 'one', labels: ['blue'] })
    expect(await all()).toEqual([
      expect.objectContaining({ id: ann.id, email: ann.email, has_password: true, issuer: null }),
      expect.objectContaining({
        id: bob.id,
        email: bob.email,
        used: expect.objectContaining({ tasks: 1, projects: 1, labels: 1, keys: 0 }),
      }),
    ])
    expect(JSON.stringify(await all())).not.toMatch(/scrypt|hash/i)
  })

  test('shows a user by the e-mail address, however it is written, and by the id', async () => {
    const cleo = await world.register('Cleo')
    const shown = await showUser(ctx(), ` ${cleo.email.toUpperCase()} `)
    expect(shown).toMatchObject({ id: cleo.id, sessions: 1, identities: [] })
    expect(shown.last_used_at).toMatch(/Z$/)
    expect(await showUser(ctx(), cleo.id)).toEqual(shown)
    await expect(showUser(ctx(), 'nobody@example.org')).rejects.toMatchObject({ code: 'not_found' })
    await expect(showUser(ctx(), '0199c2f4-5a2b-7c3d-8e4f-5a6b7c8d9e0f')).rejects.toMatchObject({
      code: 'not_found',
    })
  })

  test.each([1, 10])('deletes a user with %i tasks, and nobody else', async (tasks) => {
    const [dora, emil] = [await world.register('Dora'), await world.register('Emil')]
    for (const { post } of [dora, emil])
      for (let i = 0; i < tasks; i++) await post('/api/v1/tasks', { title: `task ${i}` })
    expect(await deleteUser(ctx(), dora.email)).toMatchObject({
      id: dora.id,
      used: { tasks },
    })
    await expect(showUser(ctx(), dora.id)).rejects.toMatchObject({ code: 'not_found' })
    await expect(deleteUser(ctx(), dora.email)).rejects.toMatchObject({ code: 'not_found' })
    const { email, password } = dora
    const login = (body: object) => world.anonymous.post('/api/v1/auth/login', body)
    expect((await login({ email, password })).status).toBe(401)
    expect((await emil.get('/api/v1/tasks')).body.items).toHaveLength(tasks)
    const again = { email, password: 'another heron on the pier', name: 'Dora' }
    expect((await world.anonymous.post('/api/v1/auth/register', again)).status).toBe(201)
    expect((await login({ email, password: again.password })).status).toBe(200)
    for (const user of [dora, emil]) await deleteUser(ctx(), user.email)
  })
})
