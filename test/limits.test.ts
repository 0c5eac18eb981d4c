import { afterAll, beforeAll, expect, test } from 'vitest'
import { HttpProblem } from '../src/http/problem.ts'
import { createSignInLimits } from '../src/http/sign-in-limits.ts'
import { describeEachDatabase, type Opened } from './support/databases.ts'
import { testClock } from './support/world.ts'

describeEachDatabase('limits of sign-ins', (open) => {
  let opened: Opened
  beforeAll(async () => {
    opened = await open()
  })
  afterAll(() => opened.close())

  test('are counted by all processes together, begin anew when their time is over', async () => {
    const clock = testClock()
    const process = () => createSignInLimits(opened.db, clock, { on: true, authAddress: 10, authAccount: 10 }).authAccount
    const [one, two] = [process(), process()]
    const attempts = await Promise.allSettled(Array.from({ length: 30 }, (_, i) => (i % 2 ? one : two)('ann@example.org')))
    expect(attempts.filter(({ status }) => status === 'fulfilled')).toHaveLength(10)
    const refusal = await process()('ann@example.org').catch((error: unknown) => error)
    expect(refusal).toBeInstanceOf(HttpProblem)
    expect((refusal as HttpProblem).headers).toMatchObject({
      'Retry-After': expect.stringMatching(/^\d+$/),
      'RateLimit-Policy': '"auth-account";q=10;w=900',
    })
    await expect(process()('bob@example.org')).resolves.toMatchObject({ RateLimit: expect.stringContaining('r=9') })
    clock.advance(901_000)
    await expect(process()('ann@example.org')).resolves.toMatchObject({ RateLimit: expect.stringContaining('r=9') })
  })
})
