// Limits of guessing, counted in the database, for all processes on it together. Decision 023 has
// the model in numbers.
import type { Clock } from '../core/clock.ts'
import { DomainError } from '../core/errors.ts'
import type { Log } from '../core/log.ts'
import { type Counter, countPoint, giveBackPoint } from '../core/rate-limit-counters.ts'
import { sha256 } from '../core/secrets.ts'
import type { Database } from '../db/database.ts'
import { headersOf } from './limits.ts'
import type { Networks } from './network.ts'
import { HttpProblem } from './problem.ts'

/**
 * One attempt, counted before its work begins, so that attempts at the same moment cannot pass a
 * limit together.
 */
export type Attempt = {
  /** Where the caller stands, for the answer; without this attempt, once it is given back. */
  readonly headers: Readonly<Record<string, string>>
  /** Does the work. What ends otherwise than as the limit counts is given back. */
  run<T>(work: () => Promise<T>): Promise<T>
}

/**
 * Each begins one attempt. Throws `rate_limited` where a limit is reached, `unavailable` where the
 * database is.
 */
export type SignInLimits = {
  /**
   * A password of the account that is called `account`. Wrong ones count; those of a known device
   * against it alone.
   */
  signIn(who: {
    readonly account: string
    readonly networks: Networks
    readonly device: string | undefined
  }): Promise<Attempt>
  /**
   * A password, or another proof, from a session that is signed in. Wrong ones count, against that
   * session alone.
   */
  proof(session: string): Promise<Attempt>
  /** A one-time code. Wrong ones count. */
  redemption(networks: Networks): Promise<Attempt>
  /** A registration. All count but those that could not be done now. */
  registration(networks: Networks): Promise<Attempt>
  /**
   * An answer that a browser brings from the OpenID provider, which is asked about it. All count.
   */
  callback(networks: Networks): Promise<Attempt>
}

/** `authAddress` is per minute, `authAccount` per 15 minutes: RATE_LIMIT_SIGN_IN_PER_… */
type Rates = { readonly on: boolean; readonly authAddress: number; readonly authAccount: number }
/** What is counted of whom: so many `points` in so many `seconds`. */
type Bound = {
  readonly name: string
  readonly of: string
  readonly points: number
  readonly seconds: number
}

const MINUTE = 60
const QUARTER = 15 * MINUTE
const DAY = 24 * 60 * MINUTE
/** Each wider network takes so many times as much as the one inside it. */
const WIDER = 2
/**
 * How many times the attempts of 15 minutes a day has: from one IPv4 address, one IPv6 /48, and
 * from everywhere.
 */
const DAILY = { address: 3, site: 6, everywhere: 300 }
/** What fits the column on every database. */
const MOST_POINTS = 2 ** 31 - 1

const perNetwork = (networks: Networks, bound: Bound): Bound[] =>
  networks.map((network, i) => ({
    ...bound,
    of: `${bound.of} ${network}`.trim(),
    points: bound.points * WIDER ** i,
  }))

const strangerBounds = (
  account: string,
  networks: Networks,
  { authAddress, authAccount }: Rates,
): Bound[] => {
  const daily = networks.length === 1 ? DAILY.address : DAILY.site
  return [
    ...perNetwork(networks, {
      name: 'sign-in-network',
      of: '',
      points: authAddress,
      seconds: MINUTE,
    }),
    ...perNetwork(networks, {
      name: 'sign-in-account',
      of: account,
      points: authAccount,
      seconds: QUARTER,
    }),
    {
      name: 'sign-in-account-day',
      of: `${account} ${networks.at(-1)}`,
      points: authAccount * daily,
      seconds: DAY,
    },
    {
      name: 'sign-in-account-everywhere',
      of: account,
      points: authAccount * DAILY.everywhere,
      seconds: DAY,
    },
  ]
}

const deviceBounds = (name: string, of: string, { authAccount }: Rates): Bound[] => [
  { name, of, points: authAccount, seconds: QUARTER },
  { name: `${name}-day`, of, points: authAccount * DAILY.address, seconds: DAY },
]

/** Under a digest: who tried to sign in, and from where, is not to be read in the database. */
const counterOf = async ({ name, of, points, seconds }: Bound): Promise<Counter> => ({
  key: await sha256(`${name} ${seconds} ${of}`),
  bound: Math.min(points, MOST_POINTS),
  seconds,
})

/**
 * Does this refusal say that a guess was wrong? Being sent away after a right one counts as well.
 */
const isWrong = (error: unknown): boolean => {
  if (error instanceof HttpProblem) return error.code === 'rate_limited'
  if (!(error instanceof DomainError)) return false
  return (
    error.code === 'invalid_credentials' ||
    (error.code === 'invalid' && error.faults.some(({ code }) => WRONG_PROOFS.has(code)))
  )
}
const WRONG_PROOFS: ReadonlySet<string> = new Set(['wrong', 'unknown', 'other_user'])
const isDone = (error: unknown): boolean =>
  !(error instanceof DomainError && error.code === 'unavailable')

/** Which outcomes count; `error` is undefined where the work succeeded. */
type Counts = (error?: unknown) => boolean
const everyOutcome: Counts = () => true

const unlimited: Attempt = { headers: {}, run: (work) => work() }

export const createSignInLimits = (
  db: Database,
  clock: Clock,
  log: Log,
  rates: Rates,
): SignInLimits => {
  const begin = async (bounds: readonly Bound[], counts: Counts): Promise<Attempt> => {
    if (!rates.on) return unlimited
    const counters = await Promise.all(bounds.map(counterOf))
    const { counted, at, standings } = await countPoint(db, clock, counters)
    const all = bounds.map((bound, i) => ({ bound, remaining: 0, ms: 0, ...standings[i] }))
    if (!counted)
      throw refusal(
        all.filter(({ remaining }) => remaining <= 0).reduce((a, b) => (b.ms > a.ms ? b : a)),
      )
    const tightest = all.reduce((a, b) => (b.remaining < a.remaining ? b : a))
    let headers = headersOf(tightest.bound, tightest)
    const settle = async (error?: unknown): Promise<void> => {
      if (counts(error)) return
      headers = headersOf(tightest.bound, { ...tightest, remaining: tightest.remaining + 1 })
      await giveBackPoint(db, counters, at).catch((failure: unknown) =>
        log.warning('an attempt that was not wrong stays counted', { error: failure }),
      )
    }
    return {
      get headers() {
        return headers
      },
      run: async (work) => {
        const result = await work().catch(async (error: unknown) => {
          await settle(error)
          throw error
        })
        await settle()
        return result
      },
    }
  }
  const ofNetworks = (name: string, networks: Networks, counts: Counts) =>
    begin(
      perNetwork(networks, { name, of: '', points: rates.authAddress, seconds: MINUTE }),
      counts,
    )
  return {
    signIn: ({ account, networks, device }) =>
      begin(
        device === undefined
          ? strangerBounds(account, networks, rates)
          : deviceBounds('sign-in-device', device, rates),
        isWrong,
      ),
    proof: (session) => begin(deviceBounds('proof', session, rates), isWrong),
    redemption: (networks) => ofNetworks('redemption', networks, isWrong),
    registration: (networks) => ofNetworks('registration', networks, isDone),
    callback: (networks) => ofNetworks('callback', networks, everyOutcome),
  }
}

const refusal = ({ bound, ms }: { readonly bound: Bound; readonly ms: number }): HttpProblem => {
  const wait = Math.max(1, Math.ceil(ms / 1000))
  const detail = `Too many attempts: ${bound.points} in ${bound.seconds} seconds are allowed. Come back in ${wait} seconds.`
  return new HttpProblem('rate_limited', detail, {
    ...headersOf(bound, { remaining: 0, ms }),
    'Retry-After': String(wait),
  })
}
