import { expect, test } from 'vitest'
import { groupBy } from '../../src/core/group-by.ts'
import { clientsOf } from '../support/client.ts'
import { startTaskport } from '../support/process.ts'
import { from } from '../support/sign-ins.ts'
import { roundsOf } from './random.ts'

const ROUNDS = roundsOf(5)
const FLOOD = 110

const counted = (statuses: readonly number[]) =>
  Object.fromEntries(
    [...groupBy(statuses, (status) => status)].map(([status, all]) => [status, all.length]),
  )

test(`sign-ins from one /56, ${FLOOD} at once, ${ROUNDS} rounds, with real hashes: others sign in meanwhile`, async () => {
  const { url } = await startTaskport({
    RATE_LIMIT: 'off',
    TRUSTED_HOPS: '1',
    LOG_LEVEL: 'warning',
  })
  const { anonymous, register, client } = clientsOf((path, init) => fetch(url + path, init))
  const ada = await register('Ada')
  /** The status; 0 where the connection was cut. */
  const signIn = (password: string, address: string) =>
    anonymous.post('/api/v1/auth/login', { email: ada.email, password }, from(address)).then(
      ({ status }) => status,
      () => 0,
    )
  const floods: number[] = []
  const others: number[] = []
  for (let round = 1; round <= ROUNDS; round++) {
    const flood = Array.from({ length: FLOOD }, (_, i) =>
      signIn('a guess', `2001:db8:1:a1${(i + 16).toString(16)}::1`),
    )
    // The flood has been taken once some of it has been refused.
    await Promise.race(flood)
    others.push(
      ...(await Promise.all(
        ['203.0.113.1', '203.0.113.2', '2001:db8:2::1'].map((at) => signIn(ada.password, at)),
      )),
    )
    floods.push(...(await Promise.all(flood)))
  }
  console.log('the flood:', counted(floods), 'others:', counted(others))
  expect(others).toEqual(others.map(() => 200))
  expect((await client(ada.token).get('/api/v1/me')).body.id).toBe(ada.id)
})
