// A guesser of passwords is slowed down; the owner of the account gets in all the same.
import { expect, onTestFinished, test } from 'vitest'
import { createPasswords } from '../../src/features/account/passwords/passwords.ts'
import { createSignIns, DAY, from, QUARTER } from '../support/sign-ins.ts'

const elsewhere = from('198.51.100.7')
const home = from('203.0.113.1')
const WRONG = 'a guess of mine'

const open = async (options: Parameters<typeof createSignIns>[0] = {}) => {
  const signIns = await createSignIns(options)
  onTestFinished(() => signIns.close())
  return signIns
}

test('wrong sign-ins and registrations from elsewhere do not keep the owner out', async () => {
  const { world, ada, signIn, guesses } = await open()
  const task = (await ada.post('/api/v1/tasks', { title: 'Mine' })).body
  expect((await signIn({ headers: home })).status).toBe(200)
  expect(await guesses(12, elsewhere)).toEqual([...Array(10).fill(401), 429, 429])
  const register = () =>
    world.anonymous.post('/api/v1/auth/register', { email: ada.email, password: WRONG }, elsewhere)
  for (let i = 0; i < 10; i++) expect((await register()).status).toBe(409)
  expect((await register()).status).toBe(429)

  const owner = await signIn({ headers: home })
  expect(owner.status).toBe(200)
  expect((await signIn({ headers: elsewhere })).status, 'unknown, beside the guesser').toBe(429)
  expect(
    (await signIn({ headers: elsewhere, device_token: ada.deviceToken })).status,
    'a known device beside the guesser',
  ).toBe(200)
  expect(
    (await world.client(owner.body.access_token).get(`/api/v1/tasks/${task.id}`)).body,
  ).toEqual(task)
})

test('right passwords cost nothing, from one address and for one account', async () => {
  const { signIn } = await open()
  for (let i = 0; i < 25; i++) {
    const { status, headers } = await signIn({ headers: home })
    expect([status, headers.get('RateLimit')]).toEqual([200, expect.stringMatching(/;r=10;t=/)])
  }
})

test('right passwords are requests of the account that they open: too many stop being hashed, and stop no other account', async () => {
  let hashes = 0
  const passwords = createPasswords({
    derive: async (password) => {
      hashes++
      return new Uint8Array(32).fill(password.length)
    },
  })
  const { world, signIn } = await open({ env: { RATE_LIMIT_PER_USER: '50' }, passwords })
  await world.register('Bob')
  hashes = 0
  const statuses: number[] = []
  for (let i = 0; i < 30; i++) statuses.push((await signIn({ headers: home })).status)
  const right = statuses.filter((status) => status === 200).length
  expect([right > 0, right <= 5, hashes]).toEqual([true, true, right + 10])
  expect(statuses.slice(right)).toEqual(Array(30 - right).fill(429))
  world.clock.advance(61_000)
  expect(
    (await signIn({ email: 'bob@example.org', password: 'Bob likes long walks', headers: home }))
      .status,
  ).toBe(200)
})

test('a guesser at one address gets ten guesses in 15 minutes and thirty a day', async () => {
  const { world, signIn, guesses } = await open()
  for (let quarter = 0; quarter < 3; quarter++) {
    expect(await guesses(11, elsewhere)).toEqual([...Array(10).fill(401), 429])
    world.clock.advance(QUARTER)
  }
  const refused = await signIn({ headers: elsewhere, password: WRONG })
  expect([refused.status, refused.headers.get('RateLimit-Policy')]).toEqual([
    429,
    '"sign-in-account-day";q=30;w=86400',
  ])
  expect(Number(refused.headers.get('Retry-After'))).toBeGreaterThan(20 * 60 * 60)
  world.clock.advance(DAY)
  expect((await signIn({ headers: elsewhere })).status).toBe(200)
})

test('IPv6 is counted by /64, /56 and /48, the wider ones taking more', async () => {
  const { guesses } = await open({ env: { RATE_LIMIT_SIGN_IN_PER_ADDRESS: '1000' } })
  const at = (subnet: string) => from(`2001:db8:1:${subnet}::9`)
  expect(await guesses(11, at('a100'))).toEqual([...Array(10).fill(401), 429])
  expect(await guesses(11, at('a101')), 'the rest of its /56').toEqual([
    ...Array(10).fill(401),
    429,
  ])
  expect(await guesses(1, at('a102')), 'the same /56').toEqual([429])
  for (const subnet of ['b100', 'c100'])
    expect(await guesses(10, at(subnet)), 'the rest of its /48').toEqual(Array(10).fill(401))
  expect(await guesses(1, at('d100')), 'the same /48').toEqual([429])
  expect(await guesses(1, from('2001:db8:2::9')), 'another /48').toEqual([401])
  expect(await guesses(1, from('::ffff:203.0.113.9')), 'IPv4, however it is written').toEqual([401])
})

test('many accounts from one network are ten wrong guesses a minute', async () => {
  const { world, guess } = await open()
  const statuses = async (subnets: readonly string[]) => {
    const found: number[] = []
    for (const subnet of subnets)
      found.push(
        (
          await guess({
            email: `${subnet}${found.length}@example.org`,
            headers: from(`2001:db8:1:${subnet}::1`),
          })
        ).status,
      )
    return found
  }
  expect(await statuses(Array(11).fill('a100'))).toEqual([...Array(10).fill(401), 429])
  expect(await statuses([...Array(10).fill('a101'), 'a102'])).toEqual([...Array(10).fill(401), 429])
  world.clock.advance(61_000)
  expect(await statuses(['a100'])).toEqual([401])
})

test('from everywhere, an account takes 300 times as many guesses a day; its known devices go on', async () => {
  const { ada, signIn, guesses } = await open({ env: { RATE_LIMIT_SIGN_IN_PER_ACCOUNT: '1' } })
  for (let network = 0; network < 300; network++)
    expect(await guesses(1, from(`198.51.${network >> 8}.${network & 255}`))).toEqual([401])
  const refused = await signIn({ headers: home })
  expect([refused.status, refused.headers.get('RateLimit-Policy')]).toEqual([
    429,
    '"sign-in-account-everywhere";q=300;w=86400',
  ])
  expect((await signIn({ headers: home, device_token: ada.deviceToken })).status).toBe(200)
})

test('guesses at the same moment pass no limit, and what is refused costs no hash', async () => {
  let hashes = 0
  const { guess } = await open({
    passwords: createPasswords({
      derive: async (password) => {
        hashes++
        return new Uint8Array(32).fill(password.length)
      },
    }),
  })
  hashes = 0
  const answers = await Promise.all(Array.from({ length: 60 }, () => guess({ headers: elsewhere })))
  expect(answers.filter(({ status }) => status === 401)).toHaveLength(10)
  expect(answers.filter(({ status }) => status === 429)).toHaveLength(50)
  expect(hashes).toBe(10)
})

test('an account that does not exist answers like one that does, and costs the same', async () => {
  let hashes = 0
  const { ada, world, guess } = await open({
    passwords: createPasswords({
      derive: async (password) => {
        hashes++
        return new Uint8Array(32).fill(password.length)
      },
    }),
  })
  const course = async (email: string, address: string, device_token?: string) => {
    const seen: unknown[] = []
    world.clock.advance(DAY)
    for (let i = 0; i < 12; i++) {
      hashes = 0
      const { status, headers, body } = await guess({
        email,
        headers: from(address),
        ...(device_token && { device_token }),
      })
      const { request_id: _, detail, ...rest } = body
      // Seconds depend on how often the clock of the test was looked at.
      const shown = [...headers]
        .filter(([name]) => name !== 'x-request-id')
        .map(([name, text]) => [name, text.replace(/t=\d+|^\d+$/, '')])
      seen.push({ status, hashes, rest, detail: detail.replace(/\d+ seconds\.$/, ''), shown })
    }
    return seen
  }
  const forged = `tpd_${'A'.repeat(65)}`
  expect(await course('stranger@example.org', '198.51.100.1')).toEqual(
    await course(ada.email, '198.51.100.2'),
  )
  expect(await course('stranger@example.org', '198.51.100.3', forged)).toEqual(
    await course(ada.email, '198.51.100.4', forged),
  )
})

test('refreshing goes on beside the guesses and the bad tokens of others', async () => {
  const { world, ada, guesses } = await open({ env: { RATE_LIMIT_PER_USER: '15' } })
  await guesses(12, elsewhere)
  const refresh = (refresh_token: string) =>
    world.anonymous.post('/api/v1/auth/refresh', { refresh_token }, elsewhere)
  const statuses: number[] = []
  for (let i = 0; i < 17; i++) statuses.push((await refresh(`tpr_${'A'.repeat(43)}`)).status)
  expect(statuses).toEqual([...Array(15).fill(401), 429, 429])
  const next = await refresh(ada.refreshToken)
  expect(next.status).toBe(200)
  expect((await world.client(next.body.access_token).get('/api/v1/me')).body.id).toBe(ada.id)
})

test('a session that guesses the password stops itself, and no other session of its owner', async () => {
  const { world, ada, signIn } = await open()
  const thief = ada
  const owner = world.client((await signIn({ headers: home })).body.access_token)
  const change = (by: typeof owner, current_password: string) =>
    by.put('/api/v1/me/password', { current_password, new_password: 'two herons on the pier' })
  const statuses: number[] = []
  for (let i = 0; i < 6; i++) {
    statuses.push((await change(thief, WRONG)).status)
    statuses.push((await thief.send('DELETE', '/api/v1/me', { password: WRONG })).status)
  }
  expect(statuses).toEqual([...Array(10).fill(422), 429, 429])
  expect((await change(thief, ada.password)).status, 'though it is right now').toBe(429)
  expect((await signIn({ headers: home })).status).toBe(200)
  expect((await change(owner, ada.password)).status).toBe(204)
})

test('a new password that is too weak is no guess', async () => {
  const { ada } = await open()
  const weak = { current_password: ada.password, new_password: 'password1' }
  for (let i = 0; i < 15; i++) expect((await ada.put('/api/v1/me/password', weak)).status).toBe(422)
})
