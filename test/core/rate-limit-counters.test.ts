import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { silent } from '../../src/core/log.ts'
import { type Counter, countPoint, giveBackPoint } from '../../src/core/rate-limit-counters.ts'
import { HttpProblem } from '../../src/http/problem.ts'
import { createSignInLimits } from '../../src/http/sign-in-limits.ts'
import { clear, describeEachDatabase, type Opened } from '../support/databases.ts'
import { type TestClock, testClock } from '../support/world.ts'

const DAY = 24 * 60 * 60 * 1000

describeEachDatabase('counters in the database', (open) => {
  let opened: Opened
  let clock: TestClock
  beforeAll(async () => {
    opened = await open()
  })
  afterAll(() => opened.close())
  beforeEach(async () => {
    await clear(opened.db)
    clock = testClock()
  })

  const [small, large]: [Counter, Counter] = [
    { key: 'small', bound: 10, seconds: 900 },
    { key: 'large', bound: 20, seconds: 60 },
  ]
  const count = (...counters: Counter[]) => countPoint(opened.db, clock, counters)
  const left = async (counter: Counter) => {
    const { counted, at, standings } = await count(counter)
    if (counted) await giveBackPoint(opened.db, [counter], at)
    return (standings[0]?.remaining ?? Number.NaN) + Number(counted)
  }

  test('never take more points than they have, however many ask at once', async () => {
    const counts = await Promise.all(Array.from({ length: 30 }, () => count(small, large)))
    expect(counts.filter(({ counted }) => counted)).toHaveLength(10)
    expect(await left(small)).toBe(0)
  })

  test('count on all or on none', async () => {
    for (let i = 0; i < 10; i++) expect((await count(small)).counted).toBe(true)
    expect(await count(large, small)).toMatchObject({
      counted: false,
      standings: [{ remaining: 20 }, { remaining: 0 }],
    })
    expect(await left(large)).toBe(20)
  })

  test('begin anew when their time is over', async () => {
    for (let i = 0; i < 10; i++) await count(small)
    expect((await count(small)).counted).toBe(false)
    clock.advance(900_000)
    expect(await count(small)).toMatchObject({ counted: true, standings: [{ remaining: 9 }] })
  })

  test('take a point back, but not from a window that began later', async () => {
    const { at } = await count(small, large)
    clock.advance(61_000)
    await count(small, large)
    await giveBackPoint(opened.db, [small, large], at)
    expect([await left(small), await left(large)]).toEqual([9, 19])
    for (let i = 0; i < 3; i++) await giveBackPoint(opened.db, [small], at)
    expect(await left(small), 'never more than there were').toBe(10)
  })

  test('end no later than their length from now after the clock was set back', async () => {
    for (let i = 0; i < 10; i++) await count(small)
    await count(large)
    clock.advance(-DAY)
    const refused = await count(small)
    expect(refused.counted).toBe(false)
    expect(refused.standings[0]?.ms).toBeLessThanOrEqual(900_000)
    expect(await count(large)).toMatchObject({ counted: true, standings: [{ remaining: 18 }] })
    clock.advance(61_000)
    expect(await left(large)).toBe(20)
    clock.advance(900_000)
    expect((await count(small)).counted).toBe(true)
  })

  test('sign-ins are counted by all processes together', async () => {
    const limits = () =>
      createSignInLimits(opened.db, clock, silent, { on: true, authAddress: 100, authAccount: 10 })
    const [one, two] = [limits(), limits()]
    const guess = {
      account: 'ann@example.org',
      networks: ['192.0.2.1'],
      device: undefined,
    } as const
    const begun = await Promise.allSettled(
      Array.from({ length: 30 }, (_, i) => (i % 2 ? one : two).signIn(guess)),
    )
    expect(begun.filter(({ status }) => status === 'fulfilled')).toHaveLength(10)
    const refusal = await limits()
      .signIn(guess)
      .catch((error: unknown) => error)
    expect(refusal).toBeInstanceOf(HttpProblem)
    expect((refusal as HttpProblem).headers).toMatchObject({
      'Retry-After': expect.stringMatching(/^(900|8\d\d)$/),
      RateLimit: expect.stringMatching(/^"sign-in-account";r=0;t=(900|8\d\d)$/),
      'RateLimit-Policy': '"sign-in-account";q=10;w=900',
    })
    await expect(limits().signIn({ ...guess, account: 'bob@example.org' })).resolves.toMatchObject({
      headers: { RateLimit: expect.stringContaining('"sign-in-account";r=9') },
    })
  })
})
