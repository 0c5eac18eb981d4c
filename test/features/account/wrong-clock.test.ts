// What a request decides while the clock is wrong is not for good.
import { afterAll, beforeAll, expect, test } from 'vitest'
import { describeEachDatabase } from '../../support/databases.ts'
import { createWorld, stillClock, type User, type World } from '../../support/world.ts'

const MINUTE = 60_000
const DAY = 24 * 60 * MINUTE

describeEachDatabase('a clock that is ahead for a while', (open) => {
  let world: World
  let people = 0
  beforeAll(async () => {
    world = await createWorld({ open, clock: stillClock() })
  })
  afterAll(() => world.close())

  const ahead = async <T>(days: number, meanwhile: () => Promise<T>): Promise<T> => {
    world.clock.advance(days * DAY)
    const result = await meanwhile()
    world.clock.advance(-days * DAY)
    return result
  }
  const register = () => world.register(`Ann${people++}`)
  const refresh = (token: string) =>
    world.anonymous.post('/api/v1/auth/refresh', { refresh_token: token })
  const signIn = ({ email, password }: User) =>
    world.anonymous.post('/api/v1/auth/login', { email, password })

  for (const days of [40, 365]) {
    test(`a sign-in ${days} days ahead ends no session and drops no key: all tokens work again`, async () => {
      const ann = await register()
      const meanwhile = await ahead(days, async () => {
        expect((await ann.get('/api/v1/me')).status, 'refused meanwhile').toBe(401)
        expect((await refresh(ann.refreshToken)).status).toBe(401)
        return (await signIn(ann)).body
      })
      expect((await ann.get('/api/v1/me')).status).toBe(200)
      expect((await refresh(ann.refreshToken)).status).toBe(200)
      expect((await refresh(meanwhile.refresh_token)).status).toBe(200)
    })

    test(`a refresh that is repeated ${days} days ahead does not end the session`, async () => {
      const ann = await register()
      const { body: next } = await refresh(ann.refreshToken)
      expect(await ahead(days, async () => (await refresh(ann.refreshToken)).status)).toBe(401)
      expect((await refresh(ann.refreshToken)).body.refresh_token).toBe(next.refresh_token)
      expect((await refresh(next.refresh_token)).status).toBe(200)
    })
  }

  test('a spent token whose successor was used ends the session, whatever the clock says', async () => {
    const ann = await register()
    const { body: next } = await refresh(ann.refreshToken)
    const { body: last } = await refresh(next.refresh_token)
    expect(await ahead(40, async () => (await refresh(ann.refreshToken)).status)).toBe(401)
    expect((await refresh(last.refresh_token)).status).toBe(401)
  })

  test('an access token that was issued ahead does not live longer than others', async () => {
    const ann = await register()
    const { access_token, refresh_token } = await ahead(
      40,
      async () => (await signIn(ann)).body as { access_token: string; refresh_token: string },
    )
    const answer = await world.client(access_token).get('/api/v1/me')
    expect([answer.status, answer.body.code]).toEqual([401, 'unauthenticated'])
    expect((await refresh(refresh_token)).status).toBe(200)
  })
})
