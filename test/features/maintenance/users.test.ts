import { expect, onTestFinished, test } from 'vitest'
import { forUsers } from '../../../src/features/maintenance/users.ts'
import { createWorld } from '../../support/world.ts'

/** What work for three users tries and logs, where that of the first one fails. */
const tryAll = async (signal: AbortSignal | undefined) => {
  const world = await createWorld()
  onTestFinished(() => world.close())
  const logged: string[] = []
  const { deps } = world
  const log = { ...deps.log, error: (message: string) => void logged.push(message) }
  const tried: string[] = []
  const work = forUsers({ ...deps, quotas: deps.config.quotas, log, signal }, ['a', 'b', 'c'], {
    act: async ({ actor }) => {
      tried.push(actor.userId)
      if (tried.length === 1) throw new Error('the database is closed')
    },
    failure: 'this user could not be helped',
  })
  return { tried, logged, outcome: await work.catch(({ message }: Error) => message) }
}

test("one user's failure is logged, and the others have their turn", async () => {
  for (const signal of [undefined, new AbortController().signal])
    expect(await tryAll(signal)).toEqual({
      tried: ['a', 'b', 'c'],
      logged: ['this user could not be helped'],
      outcome: undefined,
    })
})

test('what fails while the process ends ends the work, and is no failure to log', async () => {
  expect(await tryAll(AbortSignal.abort())).toEqual({
    tried: ['a'],
    logged: [],
    outcome: 'the database is closed',
  })
})
