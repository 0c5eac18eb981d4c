// A checked request, made into the call of an endpoint.
import type { Guess } from '../core/operation.ts'
import type { AccountCtx } from '../features/account/index.ts'
import type { ServiceCtx } from '../features/operations.ts'
import { isStillGood } from './authentication.ts'
import type { Deps } from './deps.ts'
import type { Call, Endpoint } from './endpoint.ts'
import { charge, type Exchange, networksOf } from './exchange.ts'
import { beginAttempt } from './guesses.ts'
import { always, once } from './idempotency.ts'
import type { Answer } from './result.ts'

export type Admit = NonNullable<AccountCtx['admit']>

/** Counts requests for users who were strangers when these began. */
export const admitFor =
  ({ limits }: Pick<Deps, 'limits'>): Admit =>
  (userId, points = 0) => {
    limits.caller.count(userId)
    if (points > 0) limits.caller.charge(userId, points)
  }

/** Whose queue it waits in to hash a password: strangers wait in that of their widest network. */
const passwordQueueKeyOf = (
  { access }: Endpoint,
  exchange: Exchange,
): AccountCtx['passwordQueueKey'] =>
  access.actors === 'open'
    ? { network: networksOf(exchange).at(-1) ?? '' }
    : { known: `user ${exchange.actor.userId}` }

export const contextOf = (endpoint: Endpoint, exchange: Exchange, admit: Admit): ServiceCtx => {
  const { deps, actor, c } = exchange
  const { db, clock, ids, log, contention, longReadQueue, bulk, alarm, background } = deps
  const { credentials, config } = deps
  return {
    actor,
    db,
    clock,
    ids,
    log,
    contention,
    longReadQueue,
    bulk,
    alarm,
    background,
    grown: deps.grown,
    webhooks: deps.webhooks,
    still: endpoint.streams && (() => isStillGood(exchange)),
    moment: {},
    charge: (points) => charge(exchange, points),
    quotas: config.quotas,
    credentials,
    registration: config.registration,
    externalApiKeys: config.externalApiKeys,
    admit,
    userAgent: c.req.header('user-agent'),
    passwordQueueKey: endpoint.guesses ? passwordQueueKeyOf(endpoint, exchange) : undefined,
  }
}

type Keyed = { readonly key: string; readonly bytes: Uint8Array }

/** How the answer is remembered, where the caller wants that. */
export const onceOf = (
  ctx: ServiceCtx,
  { method }: Endpoint,
  path: string,
  keyed: Keyed | undefined,
): Call['once'] => (keyed ? once(ctx, { ...keyed, method, path }) : always(ctx))

/** Runs an endpoint as an attempt to guess. Throws `rate_limited`, and what it throws. */
export const runAttempt = async (
  guess: Guess,
  exchange: Exchange,
  call: Call,
  run: Endpoint['run'],
): Promise<Answer> => {
  const attempt = await beginAttempt(guess, exchange, call)
  exchange.attempt = attempt
  return attempt.run(() => run(call))
}
