// A service with its limits on, behind one proxy, and Ada who has an account there.
import type { Passwords } from '../../src/features/account/passwords/passwords.ts'
import type { Answer, User } from './client.ts'
import { createWorld, type World } from './world.ts'

export const QUARTER = 15 * 60 * 1000
export const DAY = 24 * 60 * 60 * 1000

type Headers = Record<string, string>
/** The header by which the proxy says where a request came from. */
export const from = (address: string): Headers => ({ 'X-Forwarded-For': address })

type SignIn = {
  readonly email?: string
  readonly password?: string
  readonly device_token?: string
  readonly headers?: Headers
}

export type SignIns = {
  readonly world: World
  readonly ada: User & { readonly deviceToken: string }
  /** Signs in, as Ada with the right password unless told. */
  signIn(how?: SignIn): Promise<Answer>
  /** The same with a wrong password. */
  guess(how?: SignIn): Promise<Answer>
  /** The statuses of so many wrong sign-ins, one after the other. */
  guesses(count: number, headers: Headers, how?: SignIn): Promise<number[]>
  close(): Promise<void>
}

type Options = { readonly env?: Record<string, string>; readonly passwords?: Passwords }

export const createSignIns = async ({ env, passwords }: Options = {}): Promise<SignIns> => {
  const world = await createWorld({
    env: { RATE_LIMIT: 'on', TRUSTED_HOPS: '1', ...env },
    ...(passwords && { passwords }),
  })
  const registered = await world.register('Ada')
  const signIn: SignIns['signIn'] = ({ headers, ...given } = {}) =>
    world.anonymous.post(
      '/api/v1/auth/login',
      { email: registered.email, password: registered.password, ...given },
      headers,
    )
  const guess: SignIns['guess'] = (how) => signIn({ password: 'a guess of mine', ...how })
  const guesses: SignIns['guesses'] = async (count, headers, how) => {
    const statuses: number[] = []
    for (let i = 0; i < count; i++) statuses.push((await guess({ headers, ...how })).status)
    return statuses
  }
  const first = await signIn({ headers: from('203.0.113.200') })
  const ada = { ...registered, deviceToken: first.body.device_token as string }
  return { world, ada, signIn, guess, guesses, close: world.close }
}
